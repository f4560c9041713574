"""Books of a dialog, in order of precedence: the character's own, the worlds attached to the character, and those that
the person attached to the dialog.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, bindparam, func, literal, or_, union_all
from sqlmodel import col, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.activation import BUDGET_SHARE
from domain.llm.token_estimates import CHARACTERS_A_TOKEN
from domain.model.book import Book, BookEntry, CharacterWorld, DialogWorld

IS_THERE = col(Book.deleted_at).is_(None)
MOST_BOOKS = 20
AROUND = 100
"""Characters that an entry takes in a prompt besides its text, at most: its frame, and names that macros insert."""


@dataclass(frozen=True)
class BookOfDialog:
    id: int
    revision: int
    token_budget: int | None
    length: int
    """Characters in all its enabled entries, estimated from above."""

    def most(self, prompt: int) -> int:
        """Its limit, in characters, in a prompt of `prompt` characters."""
        return share_of(prompt, self.token_budget)


def share_of(prompt: int, token_budget: int | None) -> int:
    """Limit, in characters, of a book with this budget in a prompt of `prompt` characters."""
    return int(prompt * BUDGET_SHARE) if token_budget is None else min(token_budget * CHARACTERS_A_TOKEN, prompt)


def has_books(character_id: SQLColumnExpression[int], dialog_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Query column: whether the dialog has any books. Most dialogs have none."""
    return or_(
        exists().where(col(Book.character_id) == character_id, col(Book.entries) > 0, IS_THERE),
        exists().where(col(CharacterWorld.character_id) == character_id),
        exists().where(col(DialogWorld.dialog_id) == dialog_id),
    )


async def books_of_dialog(db: AsyncSession, dialog_id: int, character_id: int) -> list[BookOfDialog]:
    rows = await db.exec(_BOOKS, params={"dialog": dialog_id, "character": character_id})
    found: dict[int, BookOfDialog] = {}
    for *book, _place in rows:
        found.setdefault(book[0], BookOfDialog(*book))  # once, even if it is attached twice
    return [*found.values()][:MOST_BOOKS]


def most_said(books: Iterable[BookOfDialog], prompt: int) -> int:
    """Joint upper bound, in characters, of books in a prompt of `prompt` characters, if it has room for them."""
    return sum(min(each.most(prompt), each.length) for each in books)


def _books() -> Any:
    said = (
        select(func.coalesce(func.sum(BookEntry.tokens * CHARACTERS_A_TOKEN + AROUND), 0))
        .where(BookEntry.book_id == Book.id, col(BookEntry.is_on), col(BookEntry.deleted_at).is_(None))
        .correlate(Book)
        .scalar_subquery()
    )

    def of(place: int) -> Any:
        columns: tuple[Any, ...] = (Book.id, Book.revision, Book.token_budget, said, literal(place).label("place"))
        return select(*columns).where(IS_THERE)

    own = of(0).where(col(Book.character_id) == bindparam("character"))
    of_character = of(1).join(CharacterWorld, col(CharacterWorld.book_id) == col(Book.id))
    of_dialog = of(2).join(DialogWorld, col(DialogWorld.book_id) == col(Book.id))
    each = (
        own,
        of_character.where(CharacterWorld.character_id == bindparam("character")),
        of_dialog.where(DialogWorld.dialog_id == bindparam("dialog")),
    )
    return union_all(*each).order_by("place", "id")


_BOOKS = _books()
"""Built once, since each reply in a dialog with books runs it."""
