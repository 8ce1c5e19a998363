"""Style sheets, scripts and pictures of the pages: read once, served from memory."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from mimetypes import guess_type

from fastapi import APIRouter, HTTPException, Request, Response
from jinja2 import Environment

from publisher.pages.environment import render

FOLDER = "web/static/"
_FOR_GOOD = "public, max-age=31536000, immutable"
_FOR_NOW = "public, max-age=300"
router = APIRouter()


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; `digest` changes with its bytes."""

    body: bytes
    media_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files of templates/web/static by name."""

    files: Mapping[str, Asset]

    def path(self, name: str) -> str:
        """Where a page finds the file: another address whenever its bytes are others."""
        return f"/static/{name}?v={self.files[name].digest}"


def load_assets(env: Environment) -> Assets:
    """Read every asset; style sheets are rendered first, since the colours are not theirs."""
    names = env.list_templates(filter_func=lambda name: name.startswith(FOLDER))
    return Assets({name.removeprefix(FOLDER): _asset(env, name) for name in names})


@router.get("/static/{name:path}")
def static(request: Request, name: str) -> Response:
    """One asset."""
    return _answer(request, name)


@router.get("/favicon.ico")
def favicon(request: Request) -> Response:
    """The icon, for browsers that ask without having been told."""
    return _answer(request, "favicon.svg")


def _answer(request: Request, name: str) -> Response:
    assets: Assets = request.app.state.door.assets
    asset = assets.files.get(name)
    if asset is None:
        raise HTTPException(404)
    etag = f'"{asset.digest}"'
    current = request.query_params.get("v") == asset.digest
    headers = {"ETag": etag, "Cache-Control": _FOR_GOOD if current else _FOR_NOW}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)


def _asset(env: Environment, name: str) -> Asset:
    if name.endswith(".css"):
        text = render(env, name)
    else:
        assert env.loader is not None  # noqa: S101 - tells the type; there always is one
        text = env.loader.get_source(env, name)[0]
    body = text.encode()
    media_type = guess_type(name)[0] or "application/octet-stream"
    return Asset(body, media_type, hashlib.sha256(body).hexdigest()[:12])
