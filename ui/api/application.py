"""API application: a FastAPI app of its own, so that its refusals, 404 and description are JSON, unlike the pages'."""

from fastapi import FastAPI

from ui.api.admin import admin
from ui.api.auth import auth
from ui.api.book_entries import book_entries, book_entry
from ui.api.book_files import book_files
from ui.api.books import books, knowledge
from ui.api.cards import cards
from ui.api.characters import editing, gallery
from ui.api.dialogs import dialogs
from ui.api.errors import install_error_handlers
from ui.api.lore import lore
from ui.api.memory import corrections, memory
from ui.api.photos import photos
from ui.api.versions import versions
from ui.app import App

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


def application(app: App) -> FastAPI:
    routers = (
        *(auth, cards, gallery, editing, versions, photos, dialogs, lore, memory, corrections),
        *(book_files, books, book_entries, book_entry, knowledge, admin),
    )
    routes = [route for router in routers for route in router(app).routes]
    api = FastAPI(
        title="Beseda", description=DESCRIPTION, docs_url=None, redoc_url=None, openapi_url=None, routes=routes
    )
    install_error_handlers(api)
    return api
