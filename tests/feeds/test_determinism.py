"""The same stories give the same bytes: in any process, zone, locale, whatever the hash seed."""

import os
import subprocess
import sys

from tests.services.environment import ROOT

PROGRAM = """
import hashlib, locale
locale.setlocale(locale.LC_ALL, "")
from datetime import timedelta
from publisher.feeds.compress import encodings
from publisher.feeds.fragments import Writer
from publisher.feeds.models import FeedKind, FeedRow
from publisher.feeds.opml import render_opml
from publisher.feeds.render import Place, render_documents, render_feed
from publisher.feeds.select import Selection
from publisher.feeds.sitemap import render_sitemap
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.versions import version_row
from publisher.pages.environment import environment
from publisher.pages.links import Links
from publisher.settings import load_settings
from tests.feeds.samples import ADDRESS, NOON, story

site = load_settings(websub_hubs="https://hub.example/,https://other.example/")
writer = Writer(Links(ADDRESS), environment(site))
feed = FeedRow(slug="all", uuid="01957f00-0000-7000-8000-ffffffffffff", title="All stories")

def row(number):
    incoming = story(f"s{number}", title=f"Lights {number}", byline="Mara Quill, Tom Reed")
    fields = {
        "uuid": f"01957f00-0000-7000-8000-{number:012d}", "rights_status": "full",
        "received_at": NOON, "eligible_at": NOON - timedelta(hours=number),
        "updated_at": NOON, "left_at": NOON,
    }
    return ArticleRow(**fields), version_row(number, 1, incoming, "0" * 64, NOON)

stories = [row(number) for number in range(12)]
gone = [row(99)[0], row(98)[0]]
documents = dict(render_feed(feed, Selection(stories, gone), site, writer).documents)
written, _ = writer.write_all(stories)
archive = render_documents(feed, written, gone, site, Place(7, 6))
documents |= {f"archive.{name}": text for name, text in archive.items()}
documents["sitemap"] = render_sitemap(stories, site)
documents["opml"] = render_opml([feed, FeedRow(slug="x", kind=FeedKind.TAG, title="X")], site)
for name, text in documents.items():
    packed = [hashlib.sha256(one).hexdigest() for one in encodings(text).values()]
    print(name, hashlib.sha256(text).hexdigest(), *packed)
"""


def test_bytes_do_not_depend_on_hash_seed_zone_or_locale() -> None:
    first = _digests("1", "UTC", "C")
    assert first.count("\n") == 8
    assert first == _digests("4242", "Pacific/Chatham", "C.UTF-8")
    assert first == _digests("random", "America/St_Johns", "POSIX")


def _digests(seed: str, zone: str, language: str) -> str:
    environment = {
        "PATH": os.defpath,
        "PYTHONHASHSEED": seed,
        "TZ": zone,
        "LC_ALL": language,
        "PYTHONPATH": str(ROOT),
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout
