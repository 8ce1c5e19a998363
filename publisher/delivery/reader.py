"""A reader as a window sees them."""

from typing import NamedTuple


class Reader(NamedTuple):
    """One reader of a window, with what their message needs; `reason` says why it waited.

    A tuple as the row is one: a window makes a hundred of them.
    """

    subscriber_id: int
    subscriber_uuid: str
    subscription_uuid: str
    address: str
    name: str
    attempts: int
    reason: str | None = None

    @property
    def domain(self) -> str:
        """Where the mail goes to: the name that a destination's pace is kept under."""
        return self.address.rpartition("@")[2]
