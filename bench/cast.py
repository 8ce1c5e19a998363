"""The readers and stories of a delivery bench: an edition whose mails have about 60 KB."""

from datetime import datetime, timedelta
from itertools import combinations, islice

import sqlalchemy as sa
from sqlmodel import Session
from sqlmodel.sql.sqltypes import UTCDateTime

from publisher.accounts.actor import Actor
from publisher.audience.newsletters import NewNewsletter, create_newsletter
from publisher.newsroom.incoming import Image, Incoming
from publisher.newsroom.receive import Terms, receive

EDITOR = Actor("editor", "Nora Quill")
NEWSLETTER, SENDER, SENDER_DOMAIN = "bench", "news@harbour.example", "harbour.example"
SECTIONS = tuple(f"desk-{number:02}" for number in range(16))
STORIES = 32  # the sections in turn
LEFT_OUT = 3  # sections that each reader did not choose: 560 ways, all of the same length
_SUMMARY = (
    "The harbour board voted for the longer closure on Monday, after engineers found that the "
    "piles below the north pier had lost their steel."
)

# Every number stands in twelve digits, so that all ids have one length on both databases. Two in
# five readers are at one big provider, the rest at a hundred; one in ten has an accented name.
_SUBSCRIBERS = """
INSERT INTO subscriber (id, uuid, address, address_key, name, language, state, created_at)
WITH RECURSIVE n(i) AS (
    SELECT CAST(1 AS integer) UNION ALL SELECT i + 1 FROM n WHERE i < :readers
)
SELECT i, '00000000-0000-7000-8000-' || (100000000000 + i),
       CASE WHEN i % 5 < 2 THEN 'reader' || i || '@bigmail.example'
            ELSE 'reader' || i || '@town' || (i % 100) || '.example' END,
       :zeros || (100000000000 + i),
       CASE WHEN i % 10 = 0 THEN 'Zoë Ångström ' || i ELSE 'Reader Number ' || i END,
       'en', 'confirmed', :since
FROM n ORDER BY i
"""
_SUBSCRIPTIONS = """
INSERT INTO subscription
    (uuid, subscriber_id, newsletter_id, cadence, sections, state, subscribed_at, consent)
SELECT '10000000-0000-7000-8000-' || (100000000000 + i),
       i, newsletter.id, 'daily', choice.sections, 'active', :since, '{}'
FROM (SELECT id AS i FROM subscriber) AS n
    CROSS JOIN newsletter JOIN choice ON choice.no = i % :variants
ORDER BY i
"""


def invent_newsroom(session: Session, *, readers: int, variants: int, now: datetime) -> None:
    """A newsletter, its stories, and so many readers with so many different choices of sections."""
    new = NewNewsletter(
        slug=NEWSLETTER,
        name="The Harbour Record",
        sender_name="The Harbour Record",
        sender_address=SENDER,
        zone="UTC",
        hour=(now.hour + 12) % 24,
        sections=SECTIONS,
        max_stories=STORIES,
    )
    create_newsletter(session, new, by=EDITOR, now=now)
    for number in range(STORIES):
        receive(session, _story(number), by=EDITOR, now=now, terms=Terms(baseline=False))
    _add_readers(session, readers, variants, now)


def choices(variants: int) -> list[str]:
    """As many different choices of sections, of one size."""
    size = len(SECTIONS) - LEFT_OUT
    return [",".join(chosen) for chosen in islice(combinations(SECTIONS, size), variants)]


def _add_readers(session: Session, readers: int, variants: int, now: datetime) -> None:
    connection = session.connection()
    connection.execute(sa.text("CREATE TEMPORARY TABLE choice (no integer, sections text)"))
    rows = [{"no": no, "sections": chosen} for no, chosen in enumerate(choices(variants))]
    connection.execute(sa.text("INSERT INTO choice VALUES (:no, :sections)"), rows)
    since = sa.bindparam("since", now - timedelta(days=30), UTCDateTime)
    connection.execute(sa.text(_SUBSCRIBERS).bindparams(since, readers=readers, zeros="0" * 52))
    connection.execute(sa.text(_SUBSCRIPTIONS).bindparams(since, variants=variants))
    connection.execute(sa.text("DROP TABLE choice"))


def _story(number: int) -> Incoming:
    section = SECTIONS[number % len(SECTIONS)]
    title = f"Ferry terminal to close for nine months while pier {number} is rebuilt"
    image = Image(url=f"https://harbour.example/pictures/{number}.jpg", alt="The north pier")
    return Incoming(
        source="bench",
        external_id=f"story-{number}",
        title=title,
        paragraphs=(_SUMMARY,),
        body_html=f"<p>{_SUMMARY}</p>",
        section=section,
        section_name=section.replace("-", " ").title(),
        byline="Marta Ellis",
        image=image if number % 2 else None,
    )
