import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from publisher.delivery.proof.contents import FROZEN, content_sha256
from publisher.delivery.proof.sums import ERASED, MOST_DOMAINS, by_domain
from publisher.editions.commands import NewEdition, create_edition
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow
from publisher.newsroom.models import ArticleVersionRow
from tests.delivery.outcomes import crowd, file, finish, mixed_edition, move, proof
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World


def _total(tallies: Mapping[str, Mapping[str, int]], name: str) -> int:
    return sum(tally[name] for tally in tallies.values())


def test_the_sums_meet_in_every_way_of_counting(world: World) -> None:
    said = proof(world, mixed_edition(world)).as_json()
    assert said["adds_up"]
    assert (said["matched"], said["enlisted"]) == (8, 7)
    for state in DeliveryState:
        total = sum(said["withdrawn"].values()) if state == "withdrawn" else said[state.value]
        assert total == _total(said["domains"], state) == _total(said["variants"], state)
        assert total == (2 if state == "accepted" else 1)
    assert _total(said["domains"], "deliveries") == _total(said["variants"], "deliveries") == 7


def test_domains_stand_by_size_and_reasons_and_codes_by_state(world: World) -> None:
    found = proof(world, mixed_edition(world))
    assert list(found.domains.named) == ["big.example", "small.example", "tiny.example"]
    assert found.domains.named["big.example"]["refused"] == 1
    assert found.domains.others is None
    assert found.reasons.reasons == {
        "refused": {"no_such_reader": 1},
        "withdrawn": {"unsubscribed": 1},
    }
    assert found.reasons.codes == {
        "accepted": {"250": 2},
        "deferred": {"451": 1},
        "refused": {"550": 1},
    }


def test_domains_beyond_the_largest_are_summed(world: World) -> None:
    edition = mixed_edition(world)
    crowd(world, edition, 104)
    domains = proof(world, edition).domains
    assert len(domains.named) == MOST_DOMAINS
    assert domains.others is not None
    assert domains.others["domains"] == 26 + 3 - MOST_DOMAINS
    assert _total(domains.named, "deliveries") + domains.others["deliveries"] == 7 + 104
    assert _total(domains.named, "accepted") + domains.others["accepted"] == 2 + 104


def test_only_what_went_wrong_can_be_counted_by_domain(world: World) -> None:
    edition = mixed_edition(world)
    with world.runtime.sessions.read() as session:
        row = session.get_one(EditionRow, edition)
        found = by_domain(session, row, states=(DeliveryState.REFUSED, DeliveryState.DEFERRED))
    assert {domain: tally["deliveries"] for domain, tally in found.named.items()} == {
        "big.example": 1,
        "small.example": 1,
    }


def test_erased_readers_stand_together_and_the_sums_still_meet(world: World) -> None:
    edition = mixed_edition(world)
    with world.runtime.sessions.begin() as session:
        move(session, "ada", None)
        move(session, "eli", None)
    found = proof(world, edition)
    assert found.sums.adds_up
    assert list(found.domains.named)[-1] == ERASED
    assert found.domains.named[ERASED]["accepted"] == 1
    assert found.domains.named[ERASED]["uncertain"] == 1
    assert _total(found.domains.named, "deliveries") == 7


def test_variants_say_which_stories_their_readers_got(world: World) -> None:
    world.newsletter()
    world.reader("ada")
    world.reader("ben", sections=["sport"])
    world.story("ferry", "local")
    world.story("goal", "sport")
    said = proof(world, world.digest()).as_json()
    titles = {
        frozenset(said["stories"][str(number)]["title"] for number in one["stories"])
        for one in said["variants"].values()
    }
    both = {"Ferry in Port Ellery", "Goal in Port Ellery"}
    assert titles == {frozenset(both), frozenset({"Goal in Port Ellery"})}


def test_rate_and_duration_come_from_the_rows(world: World) -> None:
    edition = mixed_edition(world)
    finish(world, edition)
    found = proof(world, edition)
    assert found.seconds == 90.0
    assert found.accepted_per_second == 0.1  # one at the first try, ten seconds after the start
    assert found.timing.first_at == world.now + timedelta(seconds=10)
    assert found.timing.last_at == world.now + timedelta(seconds=60)


def test_a_draft_proves_that_nothing_happened(world: World) -> None:
    world.newsletter()
    with world.runtime.sessions.begin() as session:
        draft = create_edition(session, NewEdition("briefing"), by=EDITOR, now=world.now)
        session.flush()
        number = draft.id or 0
    said = proof(world, number).as_json()
    assert (said["matched"], said["domains"], said["variants"]) == (0, {}, {})
    assert said["duration"]["accepted_per_second"] is None


def test_the_message_id_of_an_uncertain_delivery_is_the_one_that_was_sent(
    world: World, smtp_server: SmtpServer
) -> None:
    def cut(_envelope: object) -> None:
        raise ConnectionResetError

    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    edition = world.digest()
    smtp_server.after_data = cut
    world.send_all(edition)
    (doubt,) = proof(world, edition).doubts.values()
    (message,) = smtp_server.messages
    assert doubt["message_id"] == message.parsed()["Message-ID"]


def test_no_address_is_in_a_report(world: World) -> None:
    text = file(world, mixed_edition(world)).decode()
    assert "@big.example" not in text
    assert text.count("@") == text.count("@harbour.example")


def test_two_reports_of_a_finished_edition_are_the_same_bytes(world: World) -> None:
    edition = mixed_edition(world)
    finish(world, edition)
    assert file(world, edition) == file(world, edition)
    names = json.loads(file(world, edition), object_pairs_hook=lambda pairs: [n for n, _ in pairs])
    assert names == sorted(names)


@pytest.mark.parametrize("change", [{"title": "Other"}, {"paragraphs": ["Other."]}])
def test_the_hash_moves_with_what_readers_saw(change: dict[str, object]) -> None:
    before = {"article_id": 1, "number": 1, "title": "Ferry", "paragraphs": ["One."]}
    version = ArticleVersionRow(**before)
    again = ArticleVersionRow(**{**before, "id": 7, "number": 2})
    assert content_sha256(version) == content_sha256(again)
    assert content_sha256(version) != content_sha256(ArticleVersionRow(**{**before, **change}))


def test_the_hash_is_over_every_field_but_its_place_in_the_order() -> None:
    place = {"id", "article_id", "number", "created_at", "version_at", "content_hash"}
    assert set(FROZEN) == set(ArticleVersionRow.model_fields) - place


def test_a_refusal_without_a_reason_counts_as_unknown(world: World) -> None:
    edition = mixed_edition(world)
    with world.runtime.sessions.begin() as session:
        refused = col(DeliveryRow.state) == DeliveryState.REFUSED
        session.execute(sa.update(DeliveryRow).where(refused).values(reason=None))
    assert proof(world, edition).reasons.reasons["refused"] == {"unknown": 1}
