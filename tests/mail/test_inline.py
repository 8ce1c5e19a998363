"""Inlining: styles reach their elements, and nothing is fetched from anywhere."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import cssutils
import pytest
from premailer import Premailer, transform

from publisher.errors import TemplateBrokenError
from publisher.mail.inline import inline_css

PAGE = "<!DOCTYPE html>\n<html><head><title>x</title>{head}</head><body><p>Ferry</p></body></html>"


class Listener(ThreadingHTTPServer):
    """A server on loopback that counts who calls."""

    hits = 0


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Listener)
        self.server.hits += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"p { color: #ff0000 }")

    def log_message(self, *_: object) -> None:  # type: ignore[override]
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener(("127.0.0.1", 0), _Answer) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "head",
    [
        "<style>@import url({url});</style>",
        "<style>@IMPORT '{url}';</style>",
        "<style>@ import '{url}';</style>",
        r"<style>@\69mport url({url});</style>",
        r"<style>@\000069 mport '{url}'; p {{ color: #0b5394 }}</style>",
        "<style data-premailer='ignore'>@import url({url});</style>",
        '<link rel="stylesheet" href="{url}">',
        "<LINK REL='alternate StyleSheet' HREF='{url}'>",
    ],
)
def test_styles_from_outside_are_refused_and_never_asked_for(head: str, listener: Listener) -> None:
    url = f"http://127.0.0.1:{listener.server_port}/house.css"

    for _ in ("first", "again, when the parser remembers the sheet"):
        with pytest.raises(TemplateBrokenError, match="outside"):
            inline_css(PAGE.format(head=head.format(url=url)), template="email/x.html")

    assert listener.hits == 0


def test_what_a_style_only_mentions_is_not_fetched_either(listener: Listener) -> None:
    url = f"http://127.0.0.1:{listener.server_port}/"
    head = f"<style>p {{ background: url({url}paper.png) }}</style><link rel=icon href={url}i.ico>"

    inlined = inline_css(PAGE.format(head=head))

    assert "paper.png" in inlined
    assert listener.hits == 0


@pytest.mark.parametrize("keyword", ["@import", r"@\69mport"])
def test_a_style_sheet_on_disk_is_not_read(keyword: str, tmp_path: Path) -> None:
    sheet = tmp_path / "secret.css"
    sheet.write_text("p { color: #123456 }")
    head = f"<style>{keyword} url({sheet.as_uri()});</style>"

    with pytest.raises(TemplateBrokenError, match="outside"):
        inline_css(PAGE.format(head=head))


def test_a_story_may_write_about_style_sheets() -> None:
    page = PAGE.replace("Ferry", "Use @import or &lt;link rel=stylesheet&gt;").format(head="")

    assert "@import" in inline_css(page)


def test_base_styles_go_to_the_elements_and_kept_styles_stay_as_they_are() -> None:
    kept = "@media (prefers-color-scheme: dark) { p { color: #d9dcdd !important; } }"
    head = f"<style>p {{ color: #2e3338 }}</style><style data-premailer=ignore>{kept}</style>"

    inlined = inline_css(PAGE.format(head=head))

    assert inlined.startswith("<!DOCTYPE html>")
    assert '<p style="color:#2e3338">Ferry</p>' in inlined
    assert f"<style>{kept}</style>" in inlined
    assert inlined.count("<style") == 1


def test_sizes_of_pictures_are_left_alone() -> None:
    head = "<style>img { width: 100%; height: auto }</style>"
    page = PAGE.format(head=head).replace("Ferry", '<img src="a.png" width="552" height="310">')

    assert 'width="552" height="310"' in inline_css(page)


def test_styles_that_break_the_parser_are_the_templates_fault() -> None:
    head = "<style>@media print { @media screen { p { color: red } } }</style>"

    with pytest.raises(TemplateBrokenError, match="cannot be inlined") as caught:
        inline_css(PAGE.format(head=head), template="email/x.html")

    assert caught.value.template == "email/x.html"


def test_the_parser_itself_has_lost_its_way_out(listener: Listener) -> None:
    inline_css(PAGE.format(head=""))

    cssutils.parseString(f"@import url(http://127.0.0.1:{listener.server_port}/house.css);")

    assert listener.hits == 0


def test_pages_of_the_same_styles_are_inlined_as_if_each_were_the_first() -> None:
    head = "<style>p { color: #0b5394 } .lead { margin: 0 } p:hover { color: #000 }</style>"
    pages = [
        PAGE.replace("{head}", head).replace("Ferry", body)
        for body in ("Ferry", '<b class="lead">Mayor</b>', "Ferry")
    ]

    inlined = [inline_css(page) for page in pages]

    assert inlined == [
        transform(
            page, pretty_print=False, strip_important=False, keep_style_tags=False,
            disable_basic_attributes=["width", "height"], align_floating_images=False,
            remove_classes=False,
        )
        for page in pages
    ]  # fmt: skip


def test_a_style_sheet_is_read_once_for_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    step = Premailer._parse_style_rules  # noqa: SLF001 - the one that we spare

    def counted(self: Premailer, css_body: str, index: int) -> object:
        read.append(css_body)
        return step(self, css_body, index)

    monkeypatch.setattr(Premailer, "_parse_style_rules", counted)
    page = PAGE.replace("{head}", "<style>p { color: #123456 }</style>")
    for body in ("Ferry", "Mayor", "Storm"):
        inline_css(page.replace("Ferry", body))

    assert len(read) == 1
