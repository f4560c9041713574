"""Prompt reader: reads the parts of a prompt from the database: its participants, the ends of the path, the memory.

It serves replies, the line in the chat that shows how far the character remembers verbatim, and the view of the next
prompt. A reply's prompt depends on the message being answered, never on the dialog's leaf.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.books_of_dialog import BookOfDialog, books_of_dialog
from domain.chat.prompts.begun_prompt import BegunPrompt, PromptInput
from domain.chat.prompts.context_window import PathEnds, ends_of
from domain.chat.prompts.lore_reader import LoreReader
from domain.chat.prompts.macro_context import macro_context
from domain.chat.prompts.participants import Participants, other_replies, read_participants
from domain.chat.prompts.prompt import addressed_as_in
from domain.chat.tree.path_message import PathMessage
from domain.llm.port import Prompt, Role
from domain.llm.token_estimates import CHARACTERS_A_TOKEN
from domain.macros.context import MacroContext
from domain.memory.for_reply import InPrompt, Talk, remembered_for
from domain.memory.meaning.near import Meaning
from domain.memory.path_ids import PathIds
from domain.memory.recall.sought import is_quick, sought_in
from domain.memory.recent_memory import RecentMemory
from domain.memory.remembered import NOTHING
from domain.memory.shares import Shares
from domain.model.character import Character
from domain.model.dialog import Dialog, State
from domain.model.user import User
from domain.settings.model_settings import PROMPT_TOKENS
from storage.database import Database

NEXT_WORDS = "…"


@dataclass(frozen=True)
class Verbatim:
    """The part of a path that the model would get, for the line in the chat and for the memory panel."""

    first: int | None
    """The first message that is verbatim; None if all of them are."""
    number: int | None
    """Number of that message on the path, from 1."""
    gap: int
    """Number of messages before it that no chapter covers."""
    in_prompt: InPrompt | None
    """The memory that the prompt would contain; None if nothing was said yet."""
    shares: Shares
    """Maximum length of each part; if they are tight, only pins come before the talk."""


class PromptReader:
    """`room_of` returns how many characters a model can read; `tokens` is the usual length of a prompt."""

    def __init__(
        self,
        room_of: Callable[[str], int],
        tokens: int = PROMPT_TOKENS,
        paths: PathIds | None = None,
        *,
        meaning: Meaning | None = None,
    ) -> None:
        self.room_of = room_of
        self.tokens = tokens
        self.paths = paths or PathIds()
        self._recent = RecentMemory()
        self.lore = LoreReader()
        self._meaning = meaning

    def remembers(self, dialog_id: int) -> bool:
        """Whether this process has cached the memory of the dialog's last prompts."""
        return self._recent.knows(dialog_id)

    def room(self, dialog: Dialog) -> int:
        """Maximum length, in characters, of a prompt of this dialog."""
        return min(self.room_of(dialog.model), (dialog.prompt_tokens or self.tokens) * CHARACTERS_A_TOKEN)

    def shares(self, dialog: Dialog, character: Character, person: User, books: Sequence[BookOfDialog] = ()) -> Shares:
        """Maximum lengths of the parts of this dialog's memory, without regard to its opening. `person` is as returned
        by `addressed_as_in`.
        """
        return self._begun(dialog, character, person, books).shares(())

    async def for_reply(
        self,
        database: Database,
        dialog_id: int,
        reply_id: int,
        *,
        unfinished: str = "",
        part: float = 1.0,
        participants: Participants | None = None,
    ) -> PromptInput:
        """The prompt of a reply. `part` is the part of the usual length that it may have, less than 1 after a refusal
        that may have been for its length. `participants` are read unless given.
        """
        async with database.read() as db:
            known = participants or await read_participants(db, dialog_id, reply_id)
            others = await other_replies(db, known.question_id, reply_id) if known.has_others else ()
            dialog, character = known.dialog, known.character
            books = await books_of_dialog(db, dialog.id, character.id) if known.has_books else []
            person = addressed_as_in(dialog, known.person)
            context = macro_context(dialog, character, person, reply_id, (known.asked_at, known.replied_at))
            begun = self._begun(dialog, character, person, books, unfinished=unfinished, part=part, context=context)
            ends = await ends_of(db, self.paths, known.question_id, begun.room_for_talk(), texts=True)
            begun = begun.hearing(ends)
            talk = begun.talk(ends)
            in_prompt = None if books else await self._remembered_at_once(db, talk, begun)
        if in_prompt is None:
            # Working out the roots of new words and firing entries takes milliseconds in a thread, so no transaction is
            # open meanwhile.
            begun = replace(begun, lore=await self.lore.of(database, begun.scene(ends, seed=reply_id)))
            talk = begun.talk(ends)
            sought = await asyncio.to_thread(sought_in, *_asked(talk, begun)) if talk.may_recall else None
            near = await self._near(talk) if sought and sought.asks else []
            async with database.read() as db:
                in_prompt = await remembered_for(db, talk, sought, self._recent, near=near)
        asked = begun.with_memory(ends, in_prompt, part)
        return replace(asked, prompt=replace(asked.prompt, others=others))

    async def _remembered_at_once(self, db: AsyncSession, talk: Talk, begun: BegunPrompt) -> InPrompt | None:
        """The memory for the prompt, if it can be read at once; None if something slow is needed first."""
        if not talk.may_recall:
            return await remembered_for(db, talk, recent=self._recent)
        asked = _asked(talk, begun)
        if not is_quick(*asked):
            return None
        sought = sought_in(*asked)
        if self._meaning and sought and sought.asks:
            return None
        return await remembered_for(db, talk, sought, self._recent)

    async def _near(self, talk: Talk) -> list[int]:
        """The messages near to the newest one in meaning, if there are embeddings."""
        if self._meaning is None or not talk.dialog.memory_version:
            return []
        newest = next((each for each in reversed(talk.tail) if each.counts), None)
        question = newest.text if newest else ""
        return await self._meaning.near(talk.dialog.id, talk.path, question, before=talk.surely_verbatim)

    async def verbatim(self, db: AsyncSession, dialog: Dialog, character: Character, person: User) -> Verbatim:
        """The part of the path being read that the model would get if lorebooks took all they may. `person` is as
        returned by `addressed_as_in`.
        """
        books = await books_of_dialog(db, dialog.id, character.id)
        self.lore.expect(books)
        begun = self._begun(dialog, character, person, books)
        ends = await ends_of(db, self.paths, dialog.leaf_id, begun.room_for_talk())
        begun = begun.hearing(ends).with_all_lore(ends)
        return _verbatim(ends, begun.talk(ends), await self._in_prompt(db, begun, ends))

    async def next(
        self, database: Database, dialog: Dialog, character: Character, person: User
    ) -> tuple[Prompt, Verbatim, list[list[Any]]]:
        """The prompt of the next reply, with `NEXT_WORDS` for the person's next message; its verbatim part; and the
        trace of its lorebook entries.
        """
        async with database.read() as db:
            books = await books_of_dialog(db, dialog.id, character.id)
            begun = self._begun(dialog, character, person, books)
            ends = await ends_of(db, self.paths, dialog.leaf_id, begun.room_for_talk(), texts=True)
        begun = replace(begun, lore=await self.lore.of(database, begun.hearing(ends).scene(ends)))
        async with database.read() as db:
            in_prompt = await self._in_prompt(db, begun, ends) or InPrompt(NOTHING, 0)
        newest = PathMessage((dialog.leaf_id or 0) + 1, Role.USER, State.DONE, len(NEXT_WORDS), text=NEXT_WORDS)
        asking = replace(ends, tail=[*ends.tail, newest])
        asked = begun.hearing(asking).with_memory(asking, in_prompt, 1.0)
        return asked.prompt, _verbatim(ends, begun.talk(ends), in_prompt), asked.lore

    def _begun(
        self,
        dialog: Dialog,
        character: Character,
        person: User,
        books: Sequence[BookOfDialog],
        *,
        unfinished: str = "",
        part: float = 1.0,
        context: MacroContext | None = None,
    ) -> BegunPrompt:
        context = context or macro_context(dialog, character, person, dialog.leaf_id or 0)
        room, window = int(self.room(dialog) * part), int(self.room_of(dialog.model) * part)
        return BegunPrompt(dialog, character, person, room, window, context, unfinished, books)

    async def _in_prompt(self, db: AsyncSession, begun: BegunPrompt, ends: PathEnds) -> InPrompt | None:
        """The memory in the prompt; None if the person has said nothing yet."""
        return await remembered_for(db, begun.talk(ends), recent=self._recent) if ends.has_question else None


def _verbatim(ends: PathEnds, talk: Talk, in_prompt: InPrompt | None) -> Verbatim:
    first = in_prompt.verbatim_from if in_prompt else 0
    if in_prompt is None or first <= (ends.first_question or 0):
        return Verbatim(None, None, 0, in_prompt, talk.shares)
    gap = ends.uncovered(first, in_prompt.remembered.story.covered_upto)
    return Verbatim(first, ends.path.number(first), gap, in_prompt, talk.shares)


def _asked(talk: Talk, begun: BegunPrompt) -> tuple[str, str, tuple[str, str]]:
    """The arguments for `sought_in`: the newest message, the reply before it, and the names of both speakers."""
    *before, newest = [each for each in talk.tail if each.counts]
    reply = next((each.text for each in reversed(before) if each.role == Role.ASSISTANT), "")
    return newest.text, reply, (begun.character.name, begun.person.display_name)
