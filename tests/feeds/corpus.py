"""Two hundred stories as newsrooms write them, with every nasty input among them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from publisher.newsroom.incoming import Comments, Dateline, Image, Incoming, Rights
from publisher.newsroom.markup import clean_html, plain_paragraphs
from tests.feeds.samples import story

STORIES = 200
RAW = """<div><p>The harbour board met on Tuesday &amp; voted 7&ndash;2.</p>
<script>steal()</script><iframe src="https://video.example/x"></iframe>
<p><a href="/quay?a=1&amp;b=2">The quay</a>, <a href="//cdn.example/x">mirror</a>,
<a href="javascript:alert(1)">trap</a> <img src="i.jpg" srcset="i.jpg 1x, /j.jpg 2x"
onerror="steal()"> <img src="data:image/png;base64,AAAA"></p>
<blockquote>if (a[b[0]]&gt;1) ]]&gt; <![CDATA[ nested ]]></blockquote></div>"""
BASE = "https://source.example/2026/story.html"
NASTY: tuple[dict[str, Any], ...] = (
    {
        "title": "Control \x10\x00\x0b\x0c characters",
        "tags": ("la\x10mps", "\x0b"),
        "byline": "M\x00",
    },
    {"title": "Half \ud83d of a \ufffe pair 😀", "byline": "Mara \udfffQuill"},
    {"title": "Families 👩‍👩‍👧‍👦, flags 🇳🇱, e\u0301 and \U0001d11e", "tags": ("👩‍👩‍👧‍👦",)},
    {"title": "\u202bعودة الأضواء\u202c to Port Ellery", "language": "ar"},
    {"title": "שלום לנמל", "language": "he-IL", "section_name": "Harbour"},
    {"title": "AT&T &amp; <b>bold</b> &nbsp; ]]> <script>x</script>", "deck": "a < b & c"},
    {"title": "A date to come", "published_at": timedelta(days=26_000)},
    {"title": "A date long gone", "published_at": datetime(999, 1, 1, tzinfo=UTC)},
    {"title": "Two megabytes", "body_html": "<p>" + "lamp &amp; quay " * 130_000 + "</p>"},
    {"title": "No words", "paragraphs": ("…",), "body_html": ""},
    {"title": "Many names", "byline": "Mara Quill, Tom Reed and Ines Carrow", "image": None},
    {"title": "An odd picture", "image": Image("https://pics.example/é a\x10.jpg?a=1&b=2", "\x0b")},
    {"title": "No picture", "image": Image("javascript:alert(1)"), "comments": Comments(open=True)},
    {"title": "Summary only", "rights_status": "summary", "summary": "A \x10 short <one>."},
    {"title": "Unknown rights", "rights_status": "unknown"},
    {"title": "Odd tongue", "language": "english, uk"},
    {"title": "No tongue", "language": ""},
    {
        "title": "Dateline",
        "dateline": Dateline("PORT ELLERY (HBR) &", "Port Ellery"),
        "credit": "HBR",
        "rights": Rights(holder="HBR", notice="© 2026 \x10The <Record>\n& sons ]]>"),
    },
    {"title": "x" * 500, "tags": ("t" * 300, *map(str, range(60)))},
    {
        "title": "Mail",
        "byline": "Mara Quill <mara@harbour.example>",
        "url": "https://s.example/ä b",
    },
)


def corpus(now: datetime) -> list[Incoming]:
    """The stories, the oldest first; every tenth is a nasty one, all are at most ten days old."""
    return [_story(number, now - timedelta(hours=STORIES - number)) for number in range(STORIES)]


def _story(number: int, at: datetime) -> Incoming:
    body = clean_html(RAW, base_url=BASE)
    fields: dict[str, Any] = {
        "title": f"The board meets, part {number}",
        "body_html": body,
        "paragraphs": plain_paragraphs(body),
        "published_at": at,
        "byline": ("Mara Quill", "Tom Reed and Ines Carrow", None)[number % 3],
    }
    if number % 10 == 0:
        fields |= NASTY[number // 10]
        if isinstance(fields["published_at"], timedelta):
            fields["published_at"] = at + fields["published_at"]
    return story(f"s{number}", **fields)
