"""The Jinja environment: where templates are found, what they may use, and how they fail."""

import traceback
from pathlib import Path
from typing import Protocol

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

import publisher
from publisher.errors import TemplateBrokenError
from publisher.pages import filters
from publisher.pages.colours import COLOURS
from publisher.pages.languages import direction
from publisher.pages.links import Links
from publisher.pages.translations import words

_PACKAGE = Path(publisher.__file__).parent


class Site(Protocol):
    """What the templates need to know about the newsroom; `Settings` fits."""

    @property
    def base_url(self) -> str:
        """Absolute address of the front page."""
        ...

    @property
    def site_name(self) -> str:
        """The publication's name."""
        ...


def environment(site: Site, *, override: Path | None = None) -> Environment:
    """Make the environment that all pages, mails and feed entries are rendered in.

    A template is looked up in `override` first, so a newsroom replaces one file and keeps the
    others. It is sandboxed, since templates are edited by people who are not programmers.
    """
    env = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([*([override] if override else []), _house_templates()]),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(
        site_name=site.site_name,
        links=Links(site.base_url),
        colours=COLOURS,
        words=words,
        direction=direction,
    )
    for name in ("long_date", "short_time", "number", "joined", "fill"):
        env.filters[name] = getattr(filters, name)
    return env


def render(env: Environment, template: str, /, **context: object) -> str:
    """Render to text; any fault raises `TemplateBrokenError` with template and line."""
    try:
        return env.get_template(template).render(**context)
    except TemplateNotFound as error:
        missing = str(error.name or template)
        if missing == template:
            raise TemplateBrokenError(template, "there is no such file.") from error
        raise _broken(
            env, template, error, f"it asks for “{missing}”, which is not there."
        ) from error
    except TemplateSyntaxError as error:
        name = error.name or template
        raise TemplateBrokenError(name, error.message or "syntax", error.lineno) from error
    except Exception as error:  # a template may call anything; the fault is its own
        raise _broken(env, template, error, str(error)) from error


def _house_templates() -> Path:
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "templates").is_dir():
        return checkout / "templates"
    return _PACKAGE / "_templates"


def _broken(env: Environment, template: str, error: Exception, reason: str) -> TemplateBrokenError:
    """Jinja puts the template's own file and line into the traceback; the innermost one counts."""
    folders = env.loader.searchpath if isinstance(env.loader, FileSystemLoader) else []
    for entry in reversed(traceback.extract_tb(error.__traceback__)):
        for folder in folders:
            if Path(entry.filename).is_relative_to(folder):
                name = Path(entry.filename).relative_to(folder).as_posix()
                return TemplateBrokenError(name, reason, entry.lineno)
    return TemplateBrokenError(template, reason)
