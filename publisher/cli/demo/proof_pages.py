"""Compares the pages of the stories with what may be shown of them."""

from collections.abc import Callable

from sqlmodel import col, select

from publisher.cli.demo.visit import Page
from publisher.newsroom.exits import may_leave
from publisher.newsroom.models import ArticleRow, ArticleState, ArticleVersionRow
from publisher.pages.links import Links
from publisher.store import Runtime

OK, NOT_FOUND, GONE = 200, 404, 410


def page_differences(runtime: Runtime, visit: Callable[[str], Page]) -> list[str]:
    """The pages that answer otherwise than they should; empty where all is right."""
    statement = select(ArticleRow, ArticleVersionRow.slug).join(
        ArticleVersionRow, col(ArticleVersionRow.id) == col(ArticleRow.version_id)
    )
    with runtime.sessions.read() as session:
        articles = session.exec(statement).all()
    links, now = Links(runtime.settings.base_url), runtime.clock()
    found = []
    for article, slug in articles:
        url = links.article(article.uuid, slug)
        status, wanted = visit(url).status, _wanted(article, shown=may_leave(article, "page", now))
        if status != wanted:
            found.append(f"{url} ({article.state.value}) answers {status}, not {wanted}.")
    return found


def _wanted(article: ArticleRow, *, shown: bool) -> int:
    if shown:
        return OK
    was_out = article.eligible_at is not None and article.state == ArticleState.KILLED
    return GONE if was_out else NOT_FOUND
