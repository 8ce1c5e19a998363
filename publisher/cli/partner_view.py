"""A partner for people and for programs: what it gets, its tokens, and how its push goes."""

from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from publisher.cli.output import emit, say, sheet, table
from publisher.cli.times import shown
from publisher.feeds.partners.compose import PULLED_AS
from publisher.feeds.partners.endpoint import PushStanding, push_standing
from publisher.feeds.partners.models import PartnerRow, PartnerTokenRow
from publisher.feeds.partners.register import scopes_given
from publisher.feeds.partners.tokens import list_tokens
from publisher.pages.links import Links
from publisher.store import Runtime


class Text(StrEnum):
    """How much of a story a partner gets."""

    FULL = "full"
    SUMMARY = "summary"


def partner_object(session: Session, row: PartnerRow, runtime: Runtime) -> dict[str, Any]:
    """The object that --json prints; of a token only what does not open anything."""
    links = Links(runtime.settings.base_url)
    return {
        "slug": row.slug,
        "id": f"urn:uuid:{row.uuid}",
        "name": row.name,
        "contact": row.contact,
        "scopes": list(scopes_given(session, row)),
        "text": (Text.FULL if row.whole_texts else Text.SUMMARY).value,
        "created_at": row.created_at,
        "tokens": [_token_object(one) for one in list_tokens(session, row)],
        **{fmt: links.partner_feed(row.slug, fmt) for fmt in PULLED_AS},
        "push": _push_object(push_standing(session, row)),
    }


def _push_object(push: PushStanding | None) -> dict[str, Any] | None:
    return None if push is None else asdict(push)


def _token_object(row: PartnerTokenRow) -> dict[str, Any]:
    return row.model_dump(exclude={"partner_id", "secret_hash"})


def hand_over(runtime: Runtime, partner: PartnerRow, token: str, as_json: bool) -> None:
    """Print a partner with a token that was made for it just now."""
    with runtime.sessions.read() as session:
        one = partner_object(session, partner, runtime)
    if as_json:
        emit({**one, "token": token})
        return
    sheet(_facts(one, runtime.settings.zone))
    say()
    say("The new token is shown only now. Hand it over by a way that others cannot read:")
    say(f"  {token}")


def show_partner(runtime: Runtime, partner: PartnerRow, as_json: bool) -> None:
    """Print all that is known of a partner but its secrets."""
    with runtime.sessions.read() as session:
        one = partner_object(session, partner, runtime)
    if as_json:
        emit(one)
        return
    zone = runtime.settings.zone
    sheet(_facts(one, zone))
    rows = [
        (
            key["key"], key["note"], shown(key["created_at"], zone),
            shown(key["used_at"], zone), shown(key["revoked_at"], zone),
        )
        for key in one["tokens"]
    ]  # fmt: skip
    columns = ("Token", "Note", "Made", "Last used", "Revoked")
    table(columns, rows, empty="It has no token yet.")


def _facts(one: dict[str, Any], zone: str) -> Iterator[tuple[str, object]]:
    yield "Name", one["name"]
    yield "Contact", one["contact"]
    yield "Stories of", one["scopes"]
    yield "Text", "whole, where rights allow it" if one["text"] == Text.FULL else "summaries"
    good, last = use(one, zone)
    yield "Good tokens", good
    yield "Last asked", last
    for fmt in PULLED_AS:
        yield fmt, one[fmt]
    if one["push"] is not None:
        yield from _push_facts(one["push"], zone)


def _push_facts(push: dict[str, Any], zone: str) -> Iterator[tuple[str, object]]:
    yield "Pushed to", push["url"]
    yield "Last taken", shown(push["taken_at"], zone)
    yield "Waiting", push["waiting"]
    if push["given_up"]:
        yield "Given up", push["given_up"]
    if push["problem"]:
        yield "Trouble", push["problem"]
    if push["ended_at"]:
        yield "Ended", shown(push["ended_at"], zone)
    elif push["waiting"] and push["problem"]:
        yield "Next try", shown(push["next_at"], zone)


def use(one: dict[str, Any], zone: str) -> tuple[int, str]:
    """How many tokens are good, and when one was last used, to about an hour."""
    tokens = one["tokens"]
    last = max((key["used_at"] for key in tokens if key["used_at"]), default=None)
    return sum(key["revoked_at"] is None for key in tokens), shown(last, zone)
