"""Whether the demo did what it says: sums, mailbox, feeds and pages, read back and compared."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from publisher.cli.demo.proof_feeds import feed_differences, feed_documents
from publisher.cli.demo.proof_mailbox import deliveries_expected, mail_differences, mails_in
from publisher.cli.demo.proof_pages import page_differences
from publisher.cli.demo.visit import Page
from publisher.delivery.report import report
from publisher.editions.models import EditionItemRow, EditionRow, EditionState
from publisher.newsroom.models import ArticleRow, ArticleState
from publisher.store import Runtime

Visit = Callable[[str], Page]
MOST_UNCERTAIN = 2  # for each connection that was open when its worker was lost


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: it holds where nothing differs."""

    sentence: str
    differences: tuple[str, ...] = ()


def prove(runtime: Runtime, visit: Visit, *, connections_lost: int) -> list[Check]:
    """Read everything back; `connections_lost` bounds how many deliveries may be uncertain."""
    return [
        _sums(runtime, connections_lost),
        _mailbox(runtime),
        _feeds(runtime, visit),
        _pages(runtime, visit),
        _killed(runtime),
    ]


def _sums(runtime: Runtime, connections_lost: int) -> Check:
    with runtime.sessions.read() as session:
        editions = _frozen(session)
        differences = [line for edition in editions for line in _sum_differences(session, edition)]
        uncertain = sum(report(session, edition).uncertain for edition in editions)
    if uncertain > MOST_UNCERTAIN * connections_lost:
        differences.append(
            f"{uncertain} deliveries are uncertain; at most {MOST_UNCERTAIN * connections_lost} "
            "may be."
        )
    sentence = (
        f"All sums of {len(editions)} editions meet: matched = enlisted + left out, and enlisted "
        "= accepted + uncertain + withdrawn, nothing still to come."
    )
    return Check(sentence, tuple(differences))


def _sum_differences(session: Session, edition: EditionRow) -> list[str]:
    sums = report(session, edition)
    differences = []
    if edition.state != EditionState.SENT:
        reason = edition.reason or "no reason given"
        differences.append(f"Edition {edition.id} is {edition.state.value}: {reason}")
    if not sums.adds_up:
        differences.append(f"Edition {edition.id} does not add up: {sums.as_json()}")
    if sums.left or sums.refused:
        differences.append(
            f"Edition {edition.id} has {sums.left} deliveries to come and {sums.refused} refused."
        )
    return differences


def _mailbox(runtime: Runtime) -> Check:
    expected = deliveries_expected(runtime)
    mails = mails_in(runtime.settings)
    stories = sum(len(mail.stories) for mail in mails)
    sentence = (
        f"The mailbox, read back from disk, holds {len(mails)} messages with {stories:,} stories: "
        "one for each accepted delivery, with exactly the stories of its variant."
    )
    return Check(sentence, tuple(mail_differences(expected, mails)))


def _feeds(runtime: Runtime, visit: Visit) -> Check:
    with runtime.sessions.read() as session:
        documents = len(feed_documents(session, runtime.settings.base_url))
    sentence = f"{documents} feed documents, read by feedparser, hold exactly what may leave."
    return Check(sentence, tuple(feed_differences(runtime, visit)))


def _pages(runtime: Runtime, visit: Visit) -> Check:
    sentence = "Each story has its page; the killed one answers 410, what is not out yet 404."
    return Check(sentence, tuple(page_differences(runtime, visit)))


def _killed(runtime: Runtime) -> Check:
    """No edition that froze after the kill carries the story; one before it did."""
    statement = (
        select(EditionRow, ArticleRow)
        .join(EditionItemRow, col(EditionItemRow.edition_id) == col(EditionRow.id))
        .join(ArticleRow, col(ArticleRow.id) == col(EditionItemRow.article_id))
        .where(ArticleRow.state == ArticleState.KILLED)
    )
    with runtime.sessions.read() as session:
        carried = [
            (
                edition,
                (edition.frozen_at or edition.created_at) > (article.left_at or article.updated_at),
            )
            for edition, article in session.exec(statement)
        ]
        later = len(_frozen(session)) - len(carried)
    differences = [
        f"Edition {edition.id} carries a story that was killed before."
        for edition, after in carried
        if after
    ]
    if not carried or not later:
        differences.append("No story was killed between two editions, so nothing is shown by it.")
    return Check(
        "The killed story was mailed before its kill, and in no edition after it.",
        tuple(differences),
    )


def _frozen(session: Session) -> list[EditionRow]:
    statement = select(EditionRow).where(col(EditionRow.frozen_at).is_not(None))
    return list(session.exec(statement.order_by(col(EditionRow.id))))
