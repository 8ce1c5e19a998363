"""The demo's story, act by act; every act uses the functions that the desk and the clock use."""

from collections.abc import Sequence

from publisher.cli.demo.circulation import Sent, send_edition, send_with_a_loss
from publisher.cli.demo.proof import Check, prove
from publisher.cli.demo.readers import BRIEF, DAILY, EDITOR, found_newsletters, subscribe_all
from publisher.cli.demo.stage import Stage, start_all
from publisher.cli.demo.visit import visit
from publisher.cli.demo.waiting import arrived, articles, feeds_show, letters_settled, state_counts
from publisher.editions.commands import NewEdition
from publisher.newsroom.acts import kill
from publisher.newsroom.find import find_article
from publisher.newsroom.models import ArticleState as S

KILLED, CORRECTED, STORM = "auction-house", "library-sundays", ("storm-warning", "storm-numbers")
WHY_KILLED = "The papers were forged; the house is not for sale. Must not be used."


def play(stage: Stage) -> list[Sent]:
    """The whole story; returns the editions that were sent."""
    open_house(stage)
    articles_come(stage)
    digests = digests_go(stage)
    special = worker_dies(stage)
    return [*digests, special, story_is_killed(stage)]


def prove_it(stage: Stage, sent: Sequence[Sent]) -> list[Check]:
    """Read everything back and compare."""
    stage.screen.chapter("6  The proof")
    with stage.screen.step("Mailbox, feeds and pages are read back and compared") as step:
        settings = stage.runtime.settings
        lost = settings.worker_processes * settings.smtp_connections  # a whole worker was lost
        checks = prove(stage.runtime, visit, connections_lost=lost)
        late = [
            f"{one.words}: its worker was lost at {one.lost_at:.0%}, not midway."
            for one in sent
            if not one.lost_midway
        ]
        checks.append(
            Check("The worker was lost midway, and nobody got anything twice.", tuple(late))
        )
        step.result = (
            "all as it should be" if not any(one.differences for one in checks) else "differences"
        )
    return checks


def close(stage: Stage) -> None:
    """Stop every process."""
    with stage.screen.step("The newsroom closes; no process is left"):
        stage.children.stop()


def open_house(stage: Stage) -> None:
    """Readers first, then the newsroom's processes."""
    screen = stage.screen
    screen.chapter("1  A newsroom opens")
    with screen.step("Readers subscribe, days before the first article comes") as step:
        with stage.runtime.sessions.begin() as session:
            found_newsletters(session, stage.now)
            count = subscribe_all(session, key=stage.secret, now=stage.now)
        step.result = f"{count} people, 2 newsletters"
    with screen.step("Web server, worker and beat start, and a mail server") as step:
        start_all(stage)
        step.result = stage.settings.base_url
    with screen.step("Letters go to those who have yet to confirm") as step:
        stage.until(lambda: letters_settled(stage), "the letters to go out")


def articles_come(stage: Stage) -> None:
    """Articles in files of three kinds, one of them broken; a correction; the feeds."""
    screen = stage.screen
    screen.chapter("2  Articles come in")
    files = stage.hand_in("morning")
    with screen.step(f"A Celery task picks {len(files)} files up from a folder") as step:
        stage.until(lambda: arrived(stage, len(files), step), "the articles to be picked up")
        step.result = state_counts(stage)
    stage.hand_in("correction")
    with screen.step("One story comes again, with a correction"):
        stage.until(
            lambda: articles(stage)[CORRECTED].corrected_at is not None, "the correction to come"
        )
    _feeds(stage, "Feeds are served as RSS, Atom and JSON Feed")


def digests_go(stage: Stage) -> list[Sent]:
    """The daily digests, in both languages."""
    stage.screen.chapter("3  The digests go out")
    daily = send_edition(
        stage, "Harbour Daily goes to its daily readers", NewEdition(DAILY, cadence="daily")
    )
    brief = send_edition(stage, "Hafenbrief goes out in German", NewEdition(BRIEF, cadence="daily"))
    return [daily, brief]


def worker_dies(stage: Stage) -> Sent:
    """A special edition; its worker is killed on the way."""
    screen = stage.screen
    screen.chapter("4  A storm comes up, and the worker is lost")
    stage.hand_in("evening")
    with screen.step("Two stories about the storm are picked up"):
        stage.until(
            lambda: all(name in articles(stage) for name in STORM), "the stories about the storm"
        )
    _feeds(stage, "The feeds follow")
    with stage.runtime.sessions.read() as session:
        chosen = [find_article(session, name).uuid for name in STORM]
    special = NewEdition(DAILY, stories=chosen, subject="Storm tonight: what to know by eight")
    return send_with_a_loss(stage, "A special sets out, and kill -9 hits its worker", special)


def story_is_killed(stage: Stage) -> Sent:
    """A story that was mailed is killed; then the weekly digest goes out without it."""
    screen = stage.screen
    screen.chapter("5  A story must go")
    with stage.runtime.sessions.begin() as session:
        article = find_article(session, KILLED, lock=True)
        kill(session, article, WHY_KILLED, by=EDITOR, now=stage.now)
    _feeds(stage, "An editor kills a story that was mailed: out of the feeds")
    weekly = NewEdition(DAILY, cadence="weekly")
    return send_edition(stage, "The weekly digest goes out without it", weekly)


def _feeds(stage: Stage, words: str) -> None:
    with stage.screen.step(words) as step:
        stage.until(lambda: feeds_show(stage), "the feeds to show what may leave")
        shown = sum(one.state == S.PUBLISHED for one in articles(stage).values())
        step.result = f"{shown} stories"
