// The pages of feeds without this script show addresses that one click selects. With it, a button
// copies them.

const SHOWN_MS = 2500;
const copied = document.getElementById("copied");

document.querySelectorAll("button[data-copy]").forEach((button) => {
  const address = button.parentElement.querySelector("code");
  const words = button.firstChild;
  const before = words.data;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const done = await copy(address);
    words.data = done ? "Copied" : "Selected";
    copied.textContent = done ? `Copied: ${address.textContent}` : "The address is selected.";
    setTimeout(() => {
      words.data = before;
      copied.textContent = "";
    }, SHOWN_MS);
  });
});

// Where the clipboard is closed to us (a page that came without encryption), the address is left
// selected.
async function copy(address) {
  try {
    await navigator.clipboard.writeText(address.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(address);
    return document.execCommand("copy");
  }
}
