"""A database that is older than the files: what it does not know cannot stay up."""

from publisher.feeds.publish import build_due
from publisher.store import Runtime
from tests.feeds.samples import bring, path, story


def test_documents_of_a_feed_that_no_row_knows_are_taken_down(runtime: Runtime) -> None:
    bring(runtime, story(byline="Mara Quill"))
    folder = runtime.settings.public_folder
    feeds = path(runtime, "rss").parent
    archives = feeds / "archive" / "author-nobody"
    archives.mkdir(parents=True)
    for stray in (feeds / "author-nobody.rss", feeds / "author-nobody.rss.gz", archives / "1.rss"):
        stray.write_bytes(b"<rss>a story that was killed since</rss>")
    others = {one for one in folder.rglob("*") if "nobody" not in str(one)}

    build_due(runtime)

    assert {one for one in folder.rglob("*") if one.is_file()} == {
        one for one in others if one.is_file()
    }
    assert not archives.exists()
