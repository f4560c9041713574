"""What the model would read next in a dialog: for the person to look at, and in full for whoever may see the card."""

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
    """`messages` is all of it, with «…» for what the person says next; empty for who may not see the card, since it
    holds what the author keeps to themselves. What came to mind is known only with the next message.
    """

    memory: str
    """The part about the dialog's memory, as the model reads it."""
    verbatim_from: int | None
    """The number on the path, from 1, of the first message that it reads word for word; None: all of them."""
    gap: int
    """Messages before that one of which nothing tells."""
    tokens: int
    """Estimated, of the whole prompt."""
    messages: tuple[PromptMessage, ...] = ()
    lore: tuple[FiredEntry, ...] = ()
    """The entries of lorebooks that stand in it as long as nothing new is said, as far as this person may know."""


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
