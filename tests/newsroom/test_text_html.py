"""Article HTML: what stays, what goes, and that nothing harmful can come back."""

import time
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment

from publisher.newsroom.markup import clean_html, paragraphs_html, plain_paragraphs, without_opening

BASE = "https://harbour.example/2026/ferry"
VOID = {"br", "hr", "img"}
MUTATIONS = [
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img onerror=x()&gt;'>",
    "<svg></p><style><a id='</style><img src=1 onerror=x()>'>",
    "<noscript><p title='</noscript><img src=x onerror=x()>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=x()>",
    "<svg><foreignObject><p><style><!--</style><img src=x onerror=x()>--></p>",
    "<math><annotation-xml encoding='text/html'><style><img src onerror=x()></style>",
    "<template><script>x()</script></template><select><option><script>x()</script>",
    "<textarea><img title='</textarea><img src onerror=x()>'>",
    "<title><img title='</title><img src onerror=x()>'>",
    "<xmp><p title='</xmp><img src onerror=x()>'>",
    "<p><button><p><img src=x onerror=x()>",
    "<table><a href='javascript:x()'><tr><td>x</a><script>x()</script>",
    "<img src='x` onerror=x()'><a href=`javascript:x()`>",
    "<iframe srcdoc='&lt;script&gt;x()&lt;/script&gt;'></iframe>",
    "<<script>script>x()<</script>/script>",
    "<a href='&#106;avascript:x()'>x</a><a href='java\tscript:x()'>x</a>",
    "<svg><a xlink:href='javascript:x()'><text>x</text></a></svg>",
]
WORDS = """<p> </p> <div> </div> <b> </b> <a> </a> <table> <tr> <td> </table> <button> <svg> </svg>
<math> <mtext> <mglyph> <style> </style> <!-- --> <li> <ul> </ul> <pre> <h1> </h1> <form> <select>
<noscript> <br> <figure> <dl> <dd> &nbsp; <caption> <title> <textarea> <i> </i> {{ &lt; &#8203; &#1;
<img/src=//h/i> <a/href=//h/i> <p/lang=ar> <script> </script>"""
PIECES = st.sampled_from([*WORDS.split(), " ", "\n", "\u0338"])


@pytest.mark.parametrize("html", MUTATIONS)
def test_markup_that_mutates_carries_nothing_that_runs(html: str) -> None:
    tags = seen(clean_html(html))
    assert {name for name, _ in tags} <= {"p", "img", "a", "table", "tbody", "tr", "td", "em"}
    attributes = {name: value or "" for _, pairs in tags for name, value in pairs}
    assert set(attributes) <= {"src", "alt", "href"}
    assert "javascript" not in "".join(attributes.values())


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>A<script>x()</script>B</p>", "<p>AB</p>"),
        ("<p style='color:red' class=x id=y onclick=z>A</p>", "<p>A</p>"),
        ("<div>A</div><div>B<p>C", "<p>A</p><p>B</p><p>C</p>"),
        ("<h1>A</h1><b>B</b> <i>C</i>", "<h2>A</h2><strong>B</strong> <em>C</em>"),
        ("<p>A<br>B<p>C", "<p>A<br>B</p><p>C</p>"),
        ("<ul><li>A<li>B", "<ul><li>A</li><li>B</li></ul>"),
        ("<p></p><p>&nbsp;</p><p><em> </em></p>A", "A"),
        ("<p lang=ar dir=rtl>A</p><p dir=x>B</p>", '<p lang="ar" dir="rtl">A</p><p>B</p>'),
        ("<!-- x --><p>1 < 2 & 3</p>", "<p>1 &lt; 2 &amp; 3</p>"),
        ("<p>a\0b\x0cc\u200bd&#1;</p>", "<p>ab\ncd</p>"),
        ("<p>&gt;\u0338 e\u0301</p>", "<p>&gt;\u0338 é</p>"),
        ("", ""),
    ],
)
def test_html_is_reduced_to_what_mail_and_feeds_carry(html: str, clean: str) -> None:
    assert clean_html(html) == clean


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<a href='/a'>x</a>", '<a href="https://harbour.example/a">x</a>'),
        ("<a href='//b.example/c'>x</a>", '<a href="https://b.example/c">x</a>'),
        ("<a href='d?e=1&amp;f'>x</a>", '<a href="https://harbour.example/2026/d?e=1&amp;f">x</a>'),
        ("<a href='mailto:ann@b.example'>x</a>", '<a href="mailto:ann@b.example">x</a>'),
        ("<a href='javascript:x()'>x</a>", "x"),
        ("<a href='data:text/html,x'>x</a>", "x"),
        ("<a href='ftp://b.example'>x</a>", "x"),
        ("<a href='http://[b'>x</a>", "x"),
        ("<a name=top>x</a>", "x"),
        ("<img src='p.jpg'>", '<img alt="" src="https://harbour.example/2026/p.jpg">'),
        ("<img src='data:image/png;base64,x' alt=Pier>", ""),
        ("<img src='mailto:x@y.example'>", ""),
    ],
)
def test_addresses_become_absolute_or_go(html: str, clean: str) -> None:
    assert clean_html(html, base_url=BASE) == clean


@given(url=st.text("[]:/@#?.%a1v℀ ") | st.text(), base=st.text("[]:/.ahtp"))
def test_no_address_harms_its_text(url: str, base: str) -> None:
    for one in (url, f"http://{url}", f"//{url}"):
        assert clean_html(f'<p>Lit. <a href="{escape(one)}">x</a></p>', base_url=base)


def test_without_a_base_relative_addresses_go() -> None:
    assert clean_html("<a href='/a'>x</a><a href='//b.example'>y</a><img src=z.jpg>") == "xy"


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% raw %}", "{# x #}", "${x}", "{{ slot.name }}"])
def test_braces_are_text_and_never_template_code(text: str) -> None:
    html = clean_html(f"<p>{text}</p>")
    page = Environment(autoescape=True).from_string("<main>{{ body|safe }}</main>")
    assert page.render(body=html) == f"<main><p>{text}</p></main>"


@given(st.lists(PIECES | st.text(max_size=4), max_size=20).map("".join))
@example("<p><button><p>x")
@example("<table><td>a<a href=//h>b<table>")
def test_any_html_comes_out_balanced_and_stays_as_it_is(html: str) -> None:
    clean = clean_html(html, base_url=BASE)
    assert clean_html(clean) == clean
    assert is_balanced(clean)


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_is_survived(text: str) -> None:
    clean_html(text)
    paragraphs = plain_paragraphs(text)
    assert plain_paragraphs(paragraphs_html(paragraphs)) == paragraphs


@pytest.mark.parametrize(
    "piece", ["<div>", "<b>", "<a ", "<p></", "<table>", "<font color=a>", "&#"]
)
def test_absurd_markup_takes_no_absurd_time(piece: str) -> None:
    started = time.monotonic()
    clean_html(piece * 100_000)
    plain_paragraphs(piece * 100_000)
    assert time.monotonic() - started < 10


def test_paragraphs_are_the_blocks_in_reading_order() -> None:
    html = (
        "<h1>Head</h1>Loose <b>text</b><p>One<br>two &amp; <i>three</i></p><ul><li>A</li><li>B</li>"
        "</ul><table><tr><td>c</td><td>d</td></tr></table><figure><img src=x><figcaption>Caption"
        "</figcaption></figure><blockquote><div>Said</div></blockquote><script>x()</script>"
    )
    assert plain_paragraphs(html) == (
        "Head", "Loose text", "One two & three", "A", "B", "c d", "Said"
    )  # fmt: skip


def test_paragraphs_become_html_that_needs_no_cleaning() -> None:
    html = paragraphs_html(["1 < 2 & “3”", " ", "{{ x }}"])
    assert html == "<p>1 &lt; 2 &amp; “3”</p>\n<p>{{ x }}</p>"
    assert clean_html(html) == html


@pytest.mark.parametrize(
    ("html", "rest"),
    [
        ("<p>PORT A (HBR) — The ferry</p>", "<p>The ferry</p>"),
        ("<p><strong>PORT A</strong> (HBR)— <em>The</em> ferry</p>", "<p><em>The</em> ferry</p>"),
        ("<p>PORT B (HBR) — The ferry</p>", "<p>PORT B (HBR) — The ferry</p>"),
        ("<p>PORT</p>", "<p>PORT</p>"),
    ],
)
def test_a_dateline_is_cut_from_html_wherever_its_tags_lie(html: str, rest: str) -> None:
    assert without_opening(html, "PORT A (HBR) —") == rest


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.depth: list[str] = []
        self.balanced = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, attrs))
        if tag not in VOID:
            self.depth.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.balanced &= bool(self.depth) and self.depth.pop() == tag


def seen(html: str) -> list[tuple[str, list[tuple[str, str | None]]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.opened


def is_balanced(html: str) -> bool:
    parser = _Tags()
    parser.feed(html)
    return parser.balanced and not parser.depth
