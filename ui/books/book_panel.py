"""Book panel: the editor of a book on an open page. It passes actions on to the domain, and answers them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any

from nicegui.events import GenericEventArguments

from domain.books.book_entries import EntryView
from domain.books.book_view import BookView
from domain.books.decorators import deciding_lines
from domain.books.entry_check import CONTENT_LIMIT
from domain.errors import AppError, Blocked, InvalidForm, NotFound, SignedOut
from storage.database import DatabaseUnavailable
from storage.files import DiskFull
from ui.app import App
from ui.books.book_editor import BookEditor
from ui.books.book_shown import book_shown, entry_shown, form_of, line_shown, tried_shown
from ui.books.book_words import book_words
from ui.books.books_feed import book_address
from ui.request.errors import database_unavailable, disk_full, sentence, show_errors
from ui.request.visitor import Reader

Answer = dict[str, Any]
Act = Callable[[list[int], dict[str, Any]], Awaitable[Answer]]


class BookPanel:
    """The editor of a world, or of a character's book, which may not exist yet."""

    def __init__(self, app: App, reader: Reader, book: BookView | None, character_id: int | None = None) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._book_id = book.id if book else 0
        self._character_id = character_id
        self._in_turn = asyncio.Lock()  # so that changes are stored in the order in which they were made
        self._editor = BookEditor(
            book_address(book.id) if book else "",
            importing=f"/feed/characters/{character_id}/book/file"
            if character_id
            else f"{book_address(self._book_id)}/file",
            place=f"character-{character_id}" if character_id else f"world-{self._book_id}",
            blank=book_shown(None, app.settings.llm_prompt, editable=True),
            words=book_words(reader._),
        )
        self._editor.on("act", self._act)

    @property
    def element(self) -> BookEditor:
        return self._editor

    async def _act(self, event: GenericEventArguments) -> None:
        asked = event.args
        act = self._acts()[asked["name"]]
        with show_errors(self._reader):  # redirects people who are logged out or blocked
            async with nullcontext() if act in (self._try, self._decide) else self._in_turn:
                answer = await self._answer(act, asked["ids"], asked["values"])
            self._editor.answer(asked["key"], answer)

    async def _answer(self, act: Act, ids: list[int], values: dict[str, Any]) -> Answer:
        """The result of an action, or its refusal, which is shown beside the table or in the entry."""
        try:
            return await act(ids, values)
        except (SignedOut, Blocked):
            raise
        except InvalidForm as form:
            return self._refused(form.errors[0])
        except AppError as error:
            return self._refused(error)
        except DatabaseUnavailable as error:
            return self._refused(database_unavailable(error))
        except DiskFull as error:
            return self._refused(disk_full(error))

    def _refused(self, error: AppError) -> Answer:
        return {"error": sentence(self._reader, error), "field": error.field, "gone": isinstance(error, NotFound)}

    def _acts(self) -> dict[str, Act]:
        """Built anew for each action: if the panel kept them, they and the page would keep each other alive."""
        entries, caller = self._app.cards.entries, self._caller
        return {
            "begin": self._begin,
            "change": self._change,
            "try": self._try,
            "decide": self._decide,
            "add": self._add,
            "save": self._save,
            "duplicate": self._done(lambda ids, _values: entries.duplicate(caller, self._book_id, ids)),
            "remove": self._done(lambda ids, _values: entries.delete(caller, self._book_id, ids)),
            "restore": self._done(lambda ids, _values: entries.restore(caller, self._book_id, ids)),
            "on": self._done(lambda ids, _values: entries.switch(caller, self._book_id, ids, on=True)),
            "off": self._done(lambda ids, _values: entries.switch(caller, self._book_id, ids, on=False)),
            "move": self._move,
        }

    def _done(self, change: Callable[[list[int], dict[str, Any]], Awaitable[object]]) -> Act:
        async def act(ids: list[int], values: dict[str, Any]) -> Answer:
            await change(ids, values)
            return await self._as_it_is()

        return act

    async def _begin(self, _ids: list[int], _values: dict[str, Any]) -> Answer:
        """Create the book of a character, if it has none yet."""
        if not self._book_id and self._character_id:
            book = await self._app.cards.books.create_for(self._caller, self._character_id)
            self._book_id = book.id
        return {"url": book_address(self._book_id)}

    async def _add(self, _ids: list[int], values: dict[str, Any]) -> Answer:
        entry = await self._app.cards.entries.add(self._caller, self._book_id, form_of(values))
        return self._saved(entry)  # without a revision the page reloads the table, where the order places the entry

    async def _save(self, ids: list[int], values: dict[str, Any]) -> Answer:
        form, version, entry_id = form_of(values), str(values.get("version", "")), (*ids, 0)[0]
        order = (await self._app.cards.entries.entry(self._caller, entry_id)).form.order
        entry = await self._app.cards.entries.save(self._caller, entry_id, form, version)
        as_it_is = await self._as_it_is() if entry.form.order == order else {}
        return as_it_is | self._saved(entry)

    async def _move(self, ids: list[int], values: dict[str, Any]) -> Answer:
        """If insertion orders have changed, there is no revision in the answer, so that the page reloads the table."""
        changed = await self._app.cards.entries.move(self._caller, self._book_id, ids, _before(values))
        return {} if changed else await self._as_it_is()

    async def _change(self, _ids: list[int], values: dict[str, Any]) -> Answer:
        book = await self._app.cards.books.change(self._caller, self._book_id, **_settings(values))
        return {"revision": book.revision}

    async def _try(self, _ids: list[int], values: dict[str, Any]) -> Answer:
        text, prompt = str(values.get("text", "")), self._app.settings.llm_prompt
        tried = await self._app.cards.try_out.of_text(self._caller, self._book_id, text, prompt)
        return {"probe": tried_shown(self._reader._, tried)}

    async def _decide(self, _ids: list[int], values: dict[str, Any]) -> Answer:
        """The fields that are decided by lines at the top of an entry's text, while it is being typed."""
        return {"decided": deciding_lines(str(values.get("content", ""))[:CONTENT_LIMIT])}

    async def _as_it_is(self) -> Answer:
        return {"revision": (await self._app.cards.books.view(self._caller, self._book_id)).revision}

    def _saved(self, entry: EntryView) -> Answer:
        _ = self._reader._
        return {"rows": [line_shown(_, entry)], "entry": entry_shown(_, entry)}


def _before(values: dict[str, Any]) -> int | None:
    """The entry before which others are put; None: at the end."""
    before = values.get("before")
    return before if isinstance(before, int) else None


def _settings(values: dict[str, Any]) -> dict[str, Any]:
    """The settings that the editor changes, each only if it is of the right type."""
    numbers = {name: values[name] for name in ("scan_depth", "token_budget") if name in values}
    switches = {name: values[name] for name in ("is_recursive", "shows_titles") if name in values}
    known = {name: value for name, value in numbers.items() if value is None or type(value) is int}
    return known | {name: value for name, value in switches.items() if isinstance(value, bool)}
