"""Lore reader: finds the entries of a dialog's lorebooks that fire for a reply, from the path to the message being
answered. This is done in a thread, outside transactions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.activation import CompiledBook
from domain.books.books_of_dialog import BookOfDialog
from domain.books.compiled_books import CompiledBooks
from domain.books.conditions import Circumstances
from domain.books.decorators import BESIDE
from domain.books.entry import Entry
from domain.books.fired import Fired
from domain.books.fired_before import Trace, fired_before
from domain.books.matching.effort import Effort
from domain.books.notes import without_notes
from domain.characters.macros import Macros
from domain.chat.prompts.context_window import PathEnds
from domain.chat.prompts.lore import AROUND, NO_LORE, Lore
from domain.llm.port import Role
from domain.macros.context import MacroContext
from domain.memory.shares import Shares
from domain.memory.verbatim import last_exchange
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from storage.database import Database

LOOKED_BACK = 1_000
"""Maximum messages of a path that are searched for entries that fired before."""
LONGEST_EXPECTED = 5_000_000
"""Maximum characters of a dialog's books that are compiled in advance."""


@dataclass(frozen=True)
class Scene:
    """The circumstances that decide which entries fire. `room` is the limit, in characters, for entries in a prompt of
    `prompt` characters; `seed` is always the same for one reply.
    """

    dialog: Dialog
    character: Character
    person: User
    books: Sequence[BookOfDialog]
    ends: PathEnds
    room: int
    prompt: int
    context: MacroContext
    seed: int = 0
    unfinished: str = ""

    @property
    def messages(self) -> list[str]:
        """The messages that the model may read, the newest last."""
        told = [each.text for each in self.ends.tail if each.counts]
        return [*told, self.unfinished] if self.unfinished else told

    @property
    def replies(self) -> int:
        """Number of the character's messages on the path. The part that was not read is assumed to alternate."""
        read = sum(each.role == Role.ASSISTANT and each.counts for each in self.ends.tail)
        if self.ends.is_whole:
            return read
        opening = sum(each.id < self.ends.tail[0].id for each in self.ends.opening)
        return read + opening + (self.ends.path.number(self.ends.tail[0].id) - 1 - opening) // 2


def room_for_lore(most: int, room: int, shares: Shares, ends: PathEnds, *, has_memory: bool) -> int:
    """Limit, in characters, for entries: the rest of `room` for memory and talk after the last exchange and memory, but
    no more than `most`.
    """
    kept = shares.pinned + shares.facts + shares.story + shares.recall if has_memory else 0
    return max(0, min(most, room - last_exchange(ends.tail) - kept))


class LoreReader:
    def __init__(self) -> None:
        self.compiled = CompiledBooks()

    def expect(self, books: Iterable[BookOfDialog]) -> None:
        """Compile these books in advance, since their dialog was opened and a reply will soon be asked for. Only the
        first ones are compiled if they are too long together.
        """
        room = LONGEST_EXPECTED
        for book in books:
            room -= book.length
            if book.length and room >= 0:
                self.compiled.expect(book.id, book.revision)

    async def of(self, database: Database, scene: Scene) -> Lore:
        """The lore for a reply. Called outside transactions."""
        found = [(book, await self.compiled.of(database, book.id, book.revision)) for book in scene.books]
        books = [(book, compiled) for book, compiled in found if compiled and compiled.entries]
        if not books or scene.room <= 0:
            return NO_LORE
        now = await _circumstances(database, scene, [compiled for _book, compiled in books])
        return await asyncio.to_thread(_fired, scene, books, now)


async def _circumstances(database: Database, scene: Scene, books: Sequence[CompiledBook]) -> Circumstances:
    now = Circumstances(messages=len(scene.ends.path), replies=scene.replies, around=AROUND, seed=scene.seed)
    asks_greeting = any(book.asks_greeting for book in books)
    looking_back = [entry for book in books for entry in book.looking_back]
    if not asks_greeting and not looking_back:
        return now
    async with database.read() as db:
        greeting = await _greeting(db, scene) if asks_greeting else 0
        traces = await _traces(db, scene) if looking_back else []
    return replace(now, greeting=greeting, fired_at=fired_before(looking_back, traces))


async def _greeting(db: AsyncSession, scene: Scene) -> int:
    """The number of the character's greeting with which the path begins, from 0."""
    greetings = select(Message.id).where(
        Message.dialog_id == scene.dialog.id,
        col(Message.parent_id).is_(None),
        Message.role == Role.ASSISTANT,
        col(Message.is_rewritten).is_(False),
    )
    ids = sorted(await db.exec(greetings))
    first = next(iter(scene.ends.path.ids), 0)
    return ids.index(first) if first in ids else 0


async def _traces(db: AsyncSession, scene: Scene) -> list[Trace]:
    """The entries in the prompts of the path's last replies, the oldest first."""
    path = scene.ends.path
    if not path:
        return []
    first = path.ids[max(0, len(path) - LOOKED_BACK)]
    kept = (
        select(Message.id, Message.lore)
        .where(Message.dialog_id == scene.dialog.id, col(Message.id).between(first, path.ids[-1]))
        .where(col(Message.lore).is_not(None))
        .order_by(col(Message.id))
    )
    rows = await db.exec(kept)
    return [Trace(path.number(reply_id) - 1, [*lore]) for reply_id, lore in rows if lore and reply_id in path]


def _fired(scene: Scene, books: Iterable[tuple[BookOfDialog, CompiledBook]], now: Circumstances) -> Lore:
    """Fire the entries of the books in order; each book leaves less room to the next. Slow, so called in a thread."""
    macros = Macros(scene.character, scene.person, scene.context)

    def told(entry: Entry) -> str:
        return macros.fill(without_notes(entry.content), f"entry {entry.number}")

    sections = [field for field in BESIDE if getattr(scene.character, field).strip()]
    left, effort = scene.room, Effort()
    fired: list[tuple[float, int, Fired]] = []
    for place, (book, compiled) in enumerate(books):
        budget = min(book.most(scene.prompt), left)
        outcome = compiled.activate(scene.messages, replace(now, budget=budget), told, effort)
        found = [replace(each, entry=each.entry.among(sections)) for each in outcome.fired]
        left -= Lore(tuple(found)).length
        fired += [(each.entry.order, place, each) for each in found]
    return Lore(tuple(each for *_, each in sorted(fired, key=lambda some: some[:2])))
