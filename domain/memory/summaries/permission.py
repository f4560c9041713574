"""Permission to summarise: whether a dialog's memory may be worked on now, which uses its owner's tokens of today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.books_of_dialog import BookOfDialog, books_of_dialog
from domain.chat.tree.own_dialog import DIALOGS
from domain.memory.summaries.material import Participants
from domain.model.dialog import Dialog
from domain.model.user import User
from domain.usage.budget import TokenBudgets


@dataclass(frozen=True)
class Standing:
    """The dialog, its participants, and what keeps its memory from being worked on."""

    dialog: Dialog
    participants: Participants
    is_allowed: bool
    is_budget_spent: bool
    """Whether the owner's tokens of today are used up, so that whatever costs tokens waits."""
    books: Sequence[BookOfDialog] = ()
    """The dialog's lorebooks, which take a share of its prompts."""

    def may_be_worked_on(self, *, costs: bool) -> bool:
        """`costs`: the work asks a model, which takes tokens of the owner."""
        return self.is_allowed and not (costs and self.is_budget_spent)


_STANDING = (  # built once, since every reply runs it
    DIALOGS.add_columns(User).join(User, col(User.id) == col(Dialog.user_id)).where(Dialog.id == bindparam("dialog"))
)


async def standing_of(db: AsyncSession, dialog_id: int, budgets: TokenBudgets) -> Standing | None:
    """None if there is no such dialog."""
    row = (await db.exec(_STANDING, params={"dialog": dialog_id})).first()
    if row is None:
        return None
    dialog, character, author, person = row
    is_there = dialog.deleted_at is None and dialog.loading_until is None and not dialog.memory_off
    is_silenced = person.is_trial or person.is_blocked or person.is_read_only
    is_allowed = is_there and not is_silenced and not character.is_blocked and not author.is_blocked
    budget = await budgets.today(db, person) if is_allowed else None
    is_budget_spent = budget is not None and budget.is_spent
    books = await books_of_dialog(db, dialog.id, character.id) if is_allowed else []
    return Standing(dialog, Participants(character, person), is_allowed, is_budget_spent, books)
