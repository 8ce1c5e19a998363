"""Finding what no message brought: by the clock, and whenever a worker starts."""

from publisher.delivery.letters import send_due_letters
from publisher.delivery.sweep import sweep
from publisher.feeds.publish import build_due
from publisher.queue import app
from tasks.process import runtime


@app.task(name="publisher.upkeep.sweep")
def sweep_all() -> None:
    """Recover what lost workers left and re-hint what is overdue."""
    sweep(runtime())
    send_due_letters(runtime())
    build_due(runtime())
