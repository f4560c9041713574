"""The API as one application of its own: its refusals, its 404 and its description are JSON, the pages' are not."""

from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware

from domain.limits import API_CALLS
from ui.api.json.admin import admin
from ui.api.json.auth import auth
from ui.api.json.characters import editing, gallery
from ui.api.json.dialogs import dialogs
from ui.api.json.errors import answer_refusals
from ui.api.json.photos import photos
from ui.app import App
from ui.visitor import ip_of

PREFIX = "/api"
DESCRIPTION = """
People, characters and conversations for programs. Log in, then send `Authorization: Bearer <access_token>`.

Refusals are `{"detail": "…"}`, in the language of `Accept-Language`; those of status 422 are lists that name the field.
Lists have `limit` (at most 100) and `cursor`; the header `X-Next-Cursor` leads on.

Changed on purpose from the first sketch of this API:

- `context` is null for everyone but the character's owner and admins, and is no message of a dialog.
- What is public (list, card) needs no token; what is private is listed for its owner alone.
- `rating` in an answer is the mean of all votes. In a PATCH it is your own, for which you must have talked with the
  character and not be its author (else 403); in a new character's body it is not looked at, since nobody can have
  talked with it.
- A block without a body toggles; `{"blocked": true}` and `{"blocked": false}` set. While it lasts the person's
  tokens are answered 403 everywhere, and they are good again when it is lifted.
- Tokens are short and are refreshed; log-out and a new password end them at once.
- A password has at least 8 characters and is not among the most common ones.
- Uploading a photo needs a token; `photo_url` is the address that it answered.
"""


def json_api(app: App) -> FastAPI:
    async def counted(request: Request) -> None:
        await app.limits.take(API_CALLS, ip_of(request))

    api = FastAPI(
        title="Beseda",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(counted)],
    )
    for router in (auth, gallery, editing, photos, dialogs, admin):
        api.include_router(router(app))
    answer_refusals(api)
    if app.settings.welcome_origins:
        api.add_middleware(
            CORSMiddleware,
            allow_origins=app.settings.welcome_origins,
            allow_methods=("GET", "POST", "PATCH", "DELETE"),
            allow_headers=("Authorization", "Content-Type"),
            expose_headers=("X-Next-Cursor", "Retry-After", "WWW-Authenticate"),
        )
    return api


def description_of(api: FastAPI) -> dict[str, Any]:
    """OpenAPI, with the paths as a client writes them."""
    description = api.openapi()
    return description | {"paths": {PREFIX + path: told for path, told in description["paths"].items()}}
