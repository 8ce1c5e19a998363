"""Which feeds a story belongs to: whole site, section, language, newsletters, authors, tags. Pure.

A scope is named by its kind and value. What readers see of it is its slug, which is safe in an
address and as the name of a file.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from publisher.audience.models import NewsletterRow
from publisher.feeds.bylines import people
from publisher.feeds.models import FeedKind
from publisher.feeds.paths import is_slug
from publisher.newsroom.characters import one_line
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.newsroom.text import slugify

Key = tuple[FeedKind, str]
ALL = "all"
MOST_AUTHORS = 6
MOST_TAGS = 12  # of one story: each is a feed that has to be built when the story changes
_LONGEST_SLUG = 64
_LONGEST_NAME_BYTES = 120  # endings and a mark while it is written still fit a file's name
_UNDETERMINED = "und"  # ISO 639-2
_SCRIPT_LETTERS = 4  # ISO 15924


@dataclass(frozen=True, slots=True)
class Scope:
    """What a feed's stories have in common; `value` is empty for the whole site."""

    kind: FeedKind
    value: str
    title: str

    @property
    def key(self) -> Key:
        """What tells it from every other scope."""
        return self.kind, self.value

    @property
    def slug(self) -> str | None:
        """The name it should have; None for a section whose own slug cannot be one."""
        if self.kind == FeedKind.SITE:
            return ALL
        if self.kind == FeedKind.SECTION:
            return self.value if _is_name(self.value) else None
        slug = f"{self.kind}-{self.value}"
        return slug if _is_name(slug) else f"{self.kind}-{digest(self.value)}"


SITE = Scope(FeedKind.SITE, "", "All stories")


def digest(value: str) -> str:
    """What tells two values apart that cannot both have the slug they should."""
    return hashlib.sha256(value.encode()).hexdigest()[:12]


def scopes_of(
    article: ArticleRow, version: ArticleVersionRow, newsletters: Iterable[NewsletterRow]
) -> list[Scope]:
    """Every scope the story belongs to at this version, the widest first."""
    found = [SITE]
    if article.section:
        found.append(section_scope(article.section, version.section_name))
    found += [newsletter_scope(row) for row in newsletters if _carries(row, article)]
    if _main(article.language) != _UNDETERMINED:
        found.append(language_scope(article.language))
    found += list(_named(FeedKind.AUTHOR, people(version.byline)))[:MOST_AUTHORS]
    found += list(_named(FeedKind.TAG, map(one_line, version.tags)))[:MOST_TAGS]
    return found


def section_scope(section: str, name: str | None = None) -> Scope:
    """The scope of a section; without its `name` for people, one made from its slug."""
    title = one_line(name or "") or section.replace("-", " ").capitalize()
    return Scope(FeedKind.SECTION, section, title[:200])


def newsletter_scope(row: NewsletterRow) -> Scope:
    """The stories that the newsletter chooses from."""
    return Scope(FeedKind.NEWSLETTER, row.slug, one_line(row.name) or row.slug)


def language_scope(language: str) -> Scope:
    """The scope of a language: `de-AT` is German, `zh-Hant` is not `zh-Hans`."""
    script = language.replace("_", "-").split("-")[1:2]
    value = "-".join(
        [_main(language), *(part.title() for part in script if len(part) == _SCRIPT_LETTERS)]
    )
    return Scope(FeedKind.LANGUAGE, value, _own_name(value))


def _carries(newsletter: NewsletterRow, article: ArticleRow) -> bool:
    """Whether its editions may choose the story, as `editions.select` has it."""
    if _main(newsletter.language) != _main(article.language):
        return False
    return not newsletter.sections or article.section in newsletter.sections


def _main(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()


def _own_name(language: str) -> str:
    """What the language calls itself; its tag where nobody knows."""
    try:
        name = Locale.parse(language, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        return language
    return name[:1].upper() + name[1:] if name else language


def _named(kind: FeedKind, names: Iterable[str]) -> Iterator[Scope]:
    """One scope for all spellings that differ in case, accents or punctuation only."""
    seen = set()
    for name in names:
        value = slugify(name)
        if value not in seen and any(map(str.isalnum, name)):
            seen.add(value)
            yield Scope(kind, value, name[:200])


def _is_name(slug: str) -> bool:
    short = len(slug) <= _LONGEST_SLUG and len(slug.encode()) <= _LONGEST_NAME_BYTES
    return short and is_slug(slug)
