"""What the long-running processes log: one line an event, in UTC, on standard error."""

import logging
import time

from publisher.settings import Settings


def log_to_stderr(settings: Settings) -> None:
    """Set the root logger up; done once, by the door."""
    formatter = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    formatter.converter = time.gmtime
    formatter.default_msec_format = "%s.%03dZ"
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
