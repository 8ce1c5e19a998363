"""Letters to readers."""

from publisher.delivery.letters import send_letter
from publisher.queue import app
from tasks.process import runtime


@app.task(name="publisher.audience.send_letter")
def send(letter_id: int) -> None:
    """Send one letter, if it is still to be sent."""
    send_letter(runtime(), letter_id)
