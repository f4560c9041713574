"""The prompt that the model would read next, shown to the person; in full only to those who may see the card."""

from __future__ import annotations

from dataclasses import dataclass

from domain.books.traces import FiredEntry, fired_of
from domain.chat.history_page import may_see_thoughts
from domain.chat.prompts.prompt import addressed_as_in
from domain.chat.prompts.prompt_reader import PromptReader
from domain.llm.port import PromptMessage
from domain.llm.token_estimates import estimated_tokens
from domain.memory.remembered import memory_text
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User
from storage.database import Database


@dataclass(frozen=True)
class PromptView:
    """`messages` is the whole prompt, with «…» for the person's next message. It is empty if the person may not see the
    card, since it has texts that the author keeps private. Nothing is recalled before the next message is known.
    """

    memory: str
    """The part about the dialog's memory, as the model reads it."""
    verbatim_from: int | None
    """Number on the path, from 1, of the first message that the model reads word for word; None: it reads all."""
    gap: int
    """Number of messages before that one that no chapter covers."""
    tokens: int
    """Estimated tokens of the whole prompt."""
    messages: tuple[PromptMessage, ...] = ()
    lore: tuple[FiredEntry, ...] = ()
    """Lorebook entries in it before anything new is said, as far as this person may see them."""


async def view_next_prompt(
    database: Database, prompts: PromptReader, reader: User, dialog: Dialog, character: Character
) -> PromptView:
    """Called outside transactions."""
    prompt, verbatim, trace = await prompts.next(database, dialog, character, addressed_as_in(dialog, reader))
    memory = memory_text(verbatim.in_prompt.remembered) if verbatim.in_prompt else ""
    messages = prompt.messages if may_see_thoughts(reader, character) else ()
    async with database.read() as db:
        lore = (await fired_of(db, reader, {0: trace})).get(0, ())
    return PromptView(memory, verbatim.number, verbatim.gap, estimated_tokens(prompt), messages, lore)
