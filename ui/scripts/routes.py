"""Script routes: the bundles of our components, and for one added to a page later the way to its bundle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from nicegui import __version__
from starlette.exceptions import HTTPException

from ui.request.http import FOR_EVER, SCRIPTS
from ui.scripts.bundles import bundles
from ui.scripts.loading import bundled_components

MISSING = 404
ASK_AGAIN = {"Cache-Control": "no-cache"}


def scripts() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    texts = {bundle.address: bundle.text for bundle in bundles().values()}

    @router.get(SCRIPTS + "{name}")
    async def bundle(name: str) -> Response:
        if text := texts.get(SCRIPTS + name):
            return _script(text, FOR_EVER)
        raise HTTPException(MISSING)

    for component, its in bundled_components():
        words = f'import {{ {component.name} }} from "{its.address}";\nexport default {component.name}.default;\n'
        router.add_route(f"/_nicegui/{__version__}/components/{component.key}", _way(words))
    return router


def _way(words: str) -> Callable[[Request], Awaitable[Response]]:
    """Route at the address where NiceGUI's script looks for a component that is added to an open page, or redrawn.

    It must be the very component that the page has already, else Vue would start it again.
    """

    async def way(_request: Request) -> Response:
        return _script(words, ASK_AGAIN)

    return way


def _script(text: str, headers: dict[str, str]) -> Response:
    return Response(text, media_type="text/javascript", headers=headers)
