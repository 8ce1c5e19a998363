"""The only HTTP client: what it may connect to, how long it waits, how much it reads."""

from publisher.fetch.client import Answer, Client, Limits

__all__ = ["Answer", "Client", "Limits"]
