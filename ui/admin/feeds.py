"""Admin feeds: data of the lists under /admin as JSON; the audit log as a file. Everybody but admins gets a 404."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, StreamingResponse

from domain.admin.characters import CharacterOrder
from domain.admin.dialogs import DialogOrder
from domain.admin.people import UserOrder
from domain.paging import MOST_COUNTED, PAGE
from ui.admin.directory.characters_list import characters_filter, characters_rows
from ui.admin.directory.dialogs_list import dialogs_filter, dialogs_rows
from ui.admin.directory.people_list import people_filter, people_rows
from ui.admin.directory.transcript import feed_address, transcript_bubbles
from ui.admin.moderation.audit_list import audit_filter, audit_rows
from ui.admin.shell.guard import admins_only
from ui.app import App
from ui.chat.bubbles import window_shown
from ui.request.http import NOT_KEPT, SomeId
from ui.request.visitor import Reader

Order = TypeVar("Order", bound=StrEnum)


def _asked_window(before: SomeId = None, after: SomeId = None, around: SomeId = None) -> dict[str, int | None]:
    """The requested window of a conversation: before, after or around a message; else its end."""
    return {"before": before, "after": after, "around": around}


Window = Annotated[dict[str, int | None], Depends(_asked_window)]
AS_FILE = {**NOT_KEPT, "Content-Disposition": 'attachment; filename="journal.csv"'}


def admin_routes(app: App) -> APIRouter:
    async def at_the_door(request: Request) -> None:
        """Check the caller before the request is validated: others do not even learn what is wrong with it."""
        request.state.reader = await admins_only(app, request)

    router = APIRouter(prefix="/admin", include_in_schema=False, dependencies=[Depends(at_the_door)])
    _add_lists(router, app)
    _add_conversations(router, app)
    _add_journal(router, app)
    return router


def _add_lists(router: APIRouter, app: App) -> None:
    @router.get("/feed/people")
    async def people(request: Request, sort: str = "", after: str = "") -> JSONResponse:
        reader: Reader = request.state.reader
        caller, sought = reader.must_be_logged_in(), people_filter(reader, request.query_params)
        order, descending = _order(UserOrder, sort, UserOrder.REGISTERED)
        found = await app.admin.people.page(caller, sought, order, descending=descending, after=after)
        said = _said(reader, found.count, lambda n: reader._.plural("{n} person", "{n} people", n))
        return _page(people_rows(reader, found.rows), found.next, said)

    @router.get("/feed/characters")
    async def characters(request: Request, author: SomeId = None, sort: str = "", after: str = "") -> JSONResponse:
        reader: Reader = request.state.reader
        caller, sought = reader.must_be_logged_in(), characters_filter(reader, request.query_params, author)
        order, descending = _order(CharacterOrder, sort, CharacterOrder.UPDATED)
        found = await app.admin.characters.page(caller, sought, order, descending=descending, after=after)
        said = _said(reader, found.count, lambda n: reader._.plural("{n} character", "{n} characters", n))
        return _page(characters_rows(reader, found.rows), found.next, said)

    @router.get("/feed/dialogs")
    async def dialogs(
        request: Request, person: SomeId = None, character: SomeId = None, sort: str = "", after: str = ""
    ) -> JSONResponse:
        reader: Reader = request.state.reader
        caller, sought = reader.must_be_logged_in(), dialogs_filter(reader, request.query_params, person, character)
        order, descending = _order(DialogOrder, sort, DialogOrder.SPOKEN)
        found = await app.admin.dialogs.page(caller, sought, order, descending=descending, after=after)
        said = _said(reader, found.count, lambda n: reader._.plural("{n} conversation", "{n} conversations", n))
        return _page(dialogs_rows(reader, found.rows), found.next, said)


def _add_conversations(router: APIRouter, app: App) -> None:
    @router.get("/feed/dialogs/{dialog_id}")
    async def conversation(dialog_id: int, request: Request, window: Window) -> JSONResponse:
        """A window of somebody's conversation; refused unless the admin opened it within the last hour."""
        return await _window(app, request.state.reader, dialog_id, None, window)

    @router.get("/feed/dialogs/{dialog_id}/through/{message_id}")
    async def branch(dialog_id: int, message_id: int, request: Request, window: Window) -> JSONResponse:
        """A window of the branch that goes through a message; refused in the same way."""
        return await _window(app, request.state.reader, dialog_id, message_id, window)


def _add_journal(router: APIRouter, app: App) -> None:
    @router.get("/feed/journal")
    async def journal(
        request: Request,
        actor: SomeId = None,
        person: SomeId = None,
        target: SomeId = None,
        after: SomeId = None,
    ) -> JSONResponse:
        reader: Reader = request.state.reader
        sought = audit_filter(reader, request.query_params, actor, person, target)
        caller = reader.must_be_logged_in()
        entries = await app.audit.log.page(caller, sought, before=after)
        names = await app.audit.names.of(caller, entries)
        return _page(audit_rows(reader, entries, names), entries[-1].id if len(entries) == PAGE else None)

    @router.get("/journal.csv")
    async def journal_file(
        request: Request,
        actor: SomeId = None,
        person: SomeId = None,
        target: SomeId = None,
    ) -> StreamingResponse:
        """The filtered journal as a file for spreadsheets."""
        reader: Reader = request.state.reader
        sought = audit_filter(reader, request.query_params, actor, person, target)
        lines = app.audit.log.csv(reader.must_be_logged_in(), sought)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=AS_FILE)


async def _window(
    app: App, reader: Reader, dialog_id: int, through: int | None, window: dict[str, int | None]
) -> JSONResponse:
    caller = reader.must_be_logged_in()
    conversation = await app.audit.dialog_access.conversation(caller, dialog_id, **window, through=through)
    messages = await asyncio.to_thread(transcript_bubbles, reader, conversation)
    shown = window_shown(conversation, messages, feed_address(dialog_id, through))
    return JSONResponse(shown, headers=NOT_KEPT)


def _order(orders: type[Order], asked: str, usual: Order) -> tuple[Order, bool]:
    """An order by its name, and whether a leading "-" reverses it; unknown names mean the default order."""
    name = asked.removeprefix("-")
    if name not in set(orders):
        return usual, True
    return orders(name), asked.startswith("-")


def _said(reader: Reader, count: int, plural: Callable[[int], str]) -> str:
    """The number of rows in words; counting stops at a maximum."""
    words = plural(min(count, MOST_COUNTED))
    return reader._("more than {count}", count=words) if count > MOST_COUNTED else words


def _page(rows: list[dict[str, Any]], after: str | int | None, said: str = "") -> JSONResponse:
    return JSONResponse({"rows": rows, "next": str(after) if after else None, "said": said}, headers=NOT_KEPT)
