// The desk without this script works by loading pages again. With it, an edition that is being
// sent shows its progress by itself, and a subject shows how long it is.

const EVERY_MS = 2000;
const SAY_EVERY_PERCENT = 25;

// What was just done is said once, not again at every reload.
const here = new URL(location.href);
if (here.searchParams.has("done")) {
  here.searchParams.delete("done");
  history.replaceState(null, "", here);
}

const standing = document.querySelector("[data-live]");
if (standing) watch(standing);
document.querySelectorAll("input[data-counts]").forEach(count);

function watch(place) {
  const announced = document.getElementById("announced");
  let said = step(place.firstElementChild);
  let timer = setTimeout(look, EVERY_MS);

  async function look() {
    if (document.hidden) {
      timer = setTimeout(look, EVERY_MS);
      return;
    }
    let answer;
    try {
      answer = await fetch(place.dataset.live, { cache: "no-store" });
    } catch {
      timer = setTimeout(look, 5 * EVERY_MS);
      return;
    }
    if (answer.ok) show(await answer.text());
  }

  function show(html) {
    const before = place.firstElementChild.dataset.state;
    const fresh = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    if (!fresh || fresh.dataset.state !== before) {
      location.reload();
      return;
    }
    if (!place.contains(document.activeElement)) place.replaceChildren(fresh);
    if (step(fresh) > said) {
      said = step(fresh);
      announced.textContent = `${fresh.dataset.percent} % settled`;
    }
    timer = setTimeout(look, EVERY_MS);
  }

  addEventListener("pagehide", () => clearTimeout(timer));
  addEventListener("pageshow", (event) => {
    if (event.persisted) look();
  });
}

function step(fresh) {
  return Math.floor(Number(fresh.dataset.percent || 0) / SAY_EVERY_PERCENT);
}

function count(input) {
  const shown = document.createElement("span");
  shown.className = "hint numbers";
  document.querySelector(`label[for="${input.id}"]`).append(" ", shown);
  const tell = () => {
    const length = [...input.value].length;
    shown.textContent = length ? `(${length}${length > 70 ? ", long" : ""})` : "";
  };
  input.addEventListener("input", tell);
  tell();
}
