"""Building feeds."""

from publisher.feeds.publish import build
from publisher.queue import app
from tasks.process import runtime


@app.task(name="publisher.feeds.build")
def build_feed(slug: str) -> None:
    """Bring one feed up to what it should show."""
    build(runtime(), slug)
