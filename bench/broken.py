"""The one way in which a run of a benchmark comes to nothing."""


class BrokenRunError(Exception):
    """A run whose figures would mean nothing, and why."""
