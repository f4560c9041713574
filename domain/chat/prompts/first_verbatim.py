"""First verbatim message of the next prompt, for the memory code, which may not import this package
(domain/memory/editing/dialog_overview.py).
"""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.prompts.prompt import addressed_as_in
from domain.chat.prompts.prompt_reader import PromptReader, Verbatim
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User


class FirstVerbatim:
    def __init__(self, prompts: PromptReader) -> None:
        self._prompts = prompts

    async def of(self, db: AsyncSession, person: User, dialog: Dialog) -> Verbatim:
        """The part of the path being read that the model would get."""
        character = await db.get_one(Character, dialog.character_id)
        return await self._prompts.verbatim(db, dialog, character, addressed_as_in(dialog, person))
