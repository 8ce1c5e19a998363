"""Templates: found in the right place, replaced one by one, and honest about their faults."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from publisher.errors import TemplateBrokenError
from publisher.pages.environment import environment, render

SITE = SimpleNamespace(base_url="https://harbour.example", site_name="The Harbour Record")


def test_an_override_replaces_one_template_and_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "email/digest").mkdir(parents=True)
    (tmp_path / "email/digest/subject.txt").write_text("Ours: {{ stories[0].title }}")
    env = environment(SITE, override=tmp_path)

    stories = [{"title": "Ferry <late>"}]

    assert render(env, "email/digest/subject.txt", stories=stories) == "Ours: Ferry <late>"
    assert "word-break" in render(env, "email/styles/base.css", dir="ltr", start="left")


def test_html_is_escaped_and_text_is_not(tmp_path: Path) -> None:
    for name in ("a.html", "a.txt"):
        (tmp_path / name).write_text("{{ title }}")
    env = environment(SITE, override=tmp_path)

    assert render(env, "a.html", title="Fish & <b>") == "Fish &amp; &lt;b&gt;"
    assert render(env, "a.txt", title="Fish & <b>") == "Fish & <b>"


def test_a_missing_template_says_which() -> None:
    with pytest.raises(TemplateBrokenError, match=r"email/none\.html .*no such file"):
        render(environment(SITE), "email/none.html")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("{{ story.headlnie }}", "headlnie"),
        ("{{ nothing }}", "nothing"),
        ("{% if %}", "Expected an expression"),
        ("{{ title | no_such_filter }}", "no_such_filter"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{% include 'parts/gone.html' %}", r"parts/gone\.html"),
        ("{{ 1 / 0 }}", "division"),
    ],
)
def test_a_fault_is_named_with_template_and_line(tmp_path: Path, fault: str, reason: str) -> None:
    (tmp_path / "page.html").write_text("{% include 'inner.html' %}")
    (tmp_path / "inner.html").write_text(f"<p>first line</p>\n\n{fault}\n")
    env = environment(SITE, override=tmp_path)

    with pytest.raises(TemplateBrokenError, match=reason) as caught:
        render(env, "page.html", title="Ferry", story={"title": "Ferry"})

    assert (caught.value.template, caught.value.line) == ("inner.html", 3)


def test_a_template_that_cannot_be_read_as_text_is_a_broken_template(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(TemplateBrokenError, match=r"page\.html"):
        render(environment(SITE, override=tmp_path), "page.html")
