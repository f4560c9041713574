"""Begun prompt: divides the room of a prompt among card, lorebooks, memory and talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from domain.books.books_of_dialog import BookOfDialog, most_said
from domain.chat.prompts.context_window import PathEnds
from domain.chat.prompts.lore import NO_LORE, Lore
from domain.chat.prompts.lore_reader import Scene, room_for_lore
from domain.chat.prompts.macro_context import hearing
from domain.chat.prompts.prompt import build_prompt, fixed_length, length_of_the_unfinished, room_left
from domain.chat.tree.path_message import PathMessage
from domain.llm.port import Prompt
from domain.macros.context import MacroContext
from domain.memory.for_reply import InPrompt, Talk
from domain.memory.shares import Shares, room_for_books, shares_of
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User


@dataclass(frozen=True)
class PromptInput:
    """Input of a reply: the prompt, the old messages it quotes, and the lorebook entries it contains."""

    prompt: Prompt
    recalled: list[int]
    lore: list[list[Any]]
    is_withdrawn: bool
    """Whether the user or character was blocked at the very moment the reply was requested
    (domain/moderation/effects.py).
    """


@dataclass(frozen=True)
class BegunPrompt:
    """A prompt that still lacks its talk, lorebook entries and memory."""

    dialog: Dialog
    character: Character
    person: User
    room: int
    window: int
    """Maximum characters that the model can read, while `room` is the intended length of the prompt."""
    context: MacroContext
    """Values for the macros in the character's texts and in lorebook entries."""
    unfinished: str = ""
    books: Sequence[BookOfDialog] = ()
    lore: Lore = NO_LORE
    kept_for_lore: int = 0
    """Characters reserved for lorebooks while it is not known which entries will fire."""

    @cached_property
    def _fixed(self) -> int:
        """Worked out once, since each of the rooms below asks for it, and the macros of a long card take a while."""
        return fixed_length(self.character, self.person, self.context)

    def hearing(self, ends: PathEnds) -> BegunPrompt:
        """The same prompt with the last messages in its macro context, since macros may repeat them."""
        return replace(self, context=hearing(self.context, ends.tail))

    def room_for_talk(self, opening: Sequence[PathMessage] = ()) -> int:
        left = room_left(self._fixed, opening, self.room)
        return left - length_of_the_unfinished(self.unfinished) - self.lore.length - self.kept_for_lore

    def shares(self, opening: Sequence[PathMessage]) -> Shares:
        room = room_left(self._fixed, opening, self.room)
        return shares_of(room, self._room_for_books(room))

    def talk(self, ends: PathEnds) -> Talk:
        room, shares = self.room_for_talk(ends.opening), self.shares(ends.opening)
        opened = {each.id for each in ends.opening}
        tail = [each for each in ends.tail if each.id not in opened] or ends.tail
        window = room + self.window - self.room
        return Talk(self.dialog, ends.path, tail, ends.is_whole, room, shares, window)

    def scene(self, ends: PathEnds, seed: int = 0) -> Scene:
        """The circumstances that decide which entries fire."""
        room = self._room_for_lore(ends)
        who = self.dialog, self.character, self.person
        return Scene(*who, self.books, ends, room, self.room, self.context, seed, self.unfinished)

    def with_all_lore(self, ends: PathEnds) -> BegunPrompt:
        """The same prompt with as much room reserved for lorebooks as they may take."""
        return replace(self, kept_for_lore=self._room_for_lore(ends))

    def _room_for_lore(self, ends: PathEnds) -> int:
        most = self._room_for_books(room_left(self._fixed, ends.opening, self.room))
        has_memory = self.dialog.memory_version > 0
        room, shares = self.room_for_talk(ends.opening), self.shares(ends.opening)
        return room_for_lore(most, room, shares, ends, has_memory=has_memory)

    def _room_for_books(self, room: int) -> int:
        return room_for_books(most_said(self.books, self.room), room) if self.books else 0

    def with_memory(self, ends: PathEnds, in_prompt: InPrompt, part: float) -> PromptInput:
        first = in_prompt.verbatim_from
        opening = [each for each in ends.opening if each.id < first]
        messages = [*opening, *(each for each in ends.tail if each.id >= first)]
        built = build_prompt(
            *(self.character, messages, self.room, self.unfinished, self.person),
            remembered=in_prompt.remembered,
            lore=self.lore,
            context=self.context,
            fixed=self._fixed,
        )
        if self.dialog.temperature is not None:  # chosen for this dialog, it overrides the character's
            built = replace(built, temperature=self.dialog.temperature)
        prompt = replace(built, model=self.dialog.model, share=part)
        return PromptInput(prompt, in_prompt.remembered.recalled_ids, self.lore.trace, is_withdrawn=ends.is_silenced)
