"""Sending batches: of editions, and of alerts, which have the lane of what cannot wait."""

from publisher.delivery.send import send_batch
from publisher.queue import app
from tasks.process import ending_kindly


@app.task(name="publisher.deliveries.send_batch")
def send(edition_id: int, batch_no: int) -> None:
    """Send one batch of an edition, or what is left of it."""
    with ending_kindly() as carrier:
        send_batch(carrier, edition_id, batch_no)


@app.task(name="publisher.alerts.send_batch")
def send_alert(edition_id: int, batch_no: int) -> None:
    """Send one batch of an alert, or what is left of it."""
    with ending_kindly() as carrier:
        send_batch(carrier, edition_id, batch_no)
