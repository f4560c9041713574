"""Books API: the entries of a book."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from domain.accounts.sessions import Caller
from domain.books.book_entries import EntryView
from domain.books.entry_form import EntryForm
from domain.books.entry_lines import EntryLine
from domain.errors import NotFound
from domain.language import Texts
from ui.api.bearer import BearerAuth
from ui.api.book_schemas import EntryCreate, EntryLineOut, EntryOrder, EntryOut, EntryUpdate
from ui.api.errors import documented
from ui.api.paging import NEXT, PAGED
from ui.api.schemas import MOST, Cursor, Id, Limit
from ui.app import App
from ui.request.authenticate_first import authenticate_first
from ui.request.visitor import read_preferences

CHANGED = documented(401, 403, 404)
OF_NO_FORM = {"version", "before"}


def book_entries(app: App) -> APIRouter:
    auth = BearerAuth(app)
    router = APIRouter(prefix="/books/{book_id}/entries", tags=["books"], route_class=authenticate_first(auth.ask))
    kept = app.cards.entries

    @router.get("", responses=PAGED | CHANGED)
    async def list_entries(
        request: Request,
        response: Response,
        book_id: Id,
        caller: Annotated[Caller, Depends(auth.caller)],
        *,
        q: Annotated[str, Query(max_length=100, description="Words that an entry holds, all of them.")] = "",
        limit: Limit = MOST,
        cursor: Cursor = None,
    ) -> list[EntryLineOut]:
        """The entries of a book in their order, abridged."""
        offset = cursor or 0
        page = await kept.lines(caller, book_id, q, offset=offset, limit=limit)
        if offset + len(page.lines) < page.found:
            response.headers[NEXT] = str(offset + len(page.lines))
        _ = Texts(read_preferences(request.headers).language)
        return [_line(each, _) for each in page.lines]

    @router.post("", status_code=201, responses=CHANGED)
    async def add_entry(book_id: Id, body: EntryCreate, caller: Annotated[Caller, Depends(auth.caller)]) -> EntryOut:
        """A new entry."""
        return _shown(await kept.add(caller, book_id, replace(EntryForm(), **_given(body)), before=body.before))

    @router.post("/order", status_code=204, responses=CHANGED)
    async def move_entries(book_id: Id, body: EntryOrder, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Put entries, in the order given, before another one."""
        await kept.move(caller, book_id, body.ids, body.before)

    return router


def book_entry(app: App) -> APIRouter:
    """Routes of a single entry."""
    auth = BearerAuth(app)
    router = APIRouter(prefix="/books/{book_id}/entries", tags=["books"], route_class=authenticate_first(auth.ask))
    kept = app.cards.entries

    @router.get("/{entry_id}", responses=CHANGED)
    async def get_entry(book_id: Id, entry_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> EntryOut:
        """All fields of an entry that can be edited."""
        entry = await kept.entry(caller, entry_id)
        if entry.book_id != book_id:
            raise NotFound("There is no such entry.")
        return _shown(entry)

    @router.patch("/{entry_id}", responses=CHANGED)
    async def change_entry(
        book_id: Id, entry_id: Id, body: EntryUpdate, caller: Annotated[Caller, Depends(auth.caller)]
    ) -> EntryOut:
        """Change an entry. Fields that came with a file and that no form shows stay as they were."""
        return _shown(await kept.change(caller, book_id, entry_id, _given(body), body.version))

    @router.delete("/{entry_id}", status_code=204, responses=CHANGED)
    async def delete_entry(book_id: Id, entry_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Delete an entry. It can be restored for 30 days."""
        if not await kept.delete(caller, book_id, [entry_id]):
            raise NotFound("There is no such entry.")

    @router.post("/{entry_id}/restore", status_code=204, responses=CHANGED)
    async def restore_entry(book_id: Id, entry_id: Id, caller: Annotated[Caller, Depends(auth.caller)]) -> None:
        """Undo its deletion."""
        if not await kept.restore(caller, book_id, [entry_id]):
            raise NotFound("There is no such entry.")

    return router


def _given(body: EntryUpdate) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True, exclude=OF_NO_FORM)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def _line(line: EntryLine, _: Texts) -> EntryLineOut:
    told = {name: value for name, value in vars(line).items() if name != "flaw"}
    return EntryLineOut(**told, remark=_(line.flaw.text, **line.flaw.values) if line.flaw else "")


def _shown(view: EntryView) -> EntryOut:
    return EntryOut(id=view.id, book_id=view.book_id, tokens=view.tokens, version=view.version, **vars(view.form))
