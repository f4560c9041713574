"""Where the verbatim part of a dialog begins, for those who stand below this room (domain/memory/dialog_memory.py)."""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.prompts.context_window import ends_of
from domain.chat.prompts.prompt import addressed_as_in
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User


class FirstVerbatim:
    """`room_of` a model is how many characters its prompts may have."""

    def __init__(self, room_of: Callable[[str], int]) -> None:
        self._room_of = room_of

    async def of(self, db: AsyncSession, person: User, dialog: Dialog) -> int | None:
        """The first message of the path being read that the model gets word for word; None while that is all of
        them.
        """
        room = self._room_of(dialog.model)
        character = await db.get_one(Character, dialog.character_id)
        ends = await ends_of(db, dialog.leaf_id, room)
        return ends.remembered_from(character, addressed_as_in(dialog, person), room)
