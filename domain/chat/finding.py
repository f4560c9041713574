"""Which dialogs stand in a person's list, and which of them a search finds: the questions to the database."""

from __future__ import annotations

from typing import TypeVarTuple

from sqlalchemy import CTE, ColumnElement, and_, func, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from domain.accounts.names import storable
from domain.characters.character import Character
from domain.chat.dialog import Dialog, Message
from storage.text_search import fold, holds

FOUND = 50
SEARCH_LIMIT = 100
SNIPPET, SNIPPET_BEFORE = 120, 32
"""Characters of a message that are shown where the search found it, and how many of them before the word."""

Columns = TypeVarTuple("Columns")


def words_of(search: str) -> list[str]:
    """What is searched for, as it is compared: each word once."""
    return list(dict.fromkeys(fold(storable(search[:SEARCH_LIMIT])).split()))


def snippet_of(text: str, words: list[str]) -> str:
    """The first of `words` in `text` with a little around it, on one line."""
    line = " ".join(text.split())
    folded = fold(line)
    at = min((place for word in words if (place := folded.find(word)) >= 0), default=0)
    start = 0 if at <= SNIPPET_BEFORE else line.find(" ", at - SNIPPET_BEFORE, at) + 1 or at
    end = start + SNIPPET
    return ("…" if start else "") + line[start:end].rstrip() + ("…" if end < len(line) else "")


def listed(person_id: int) -> Select[Dialog, Character, Message]:
    """The person's dialogs, each with its character and its last message, if it has one."""
    return _in_order(select(Dialog, Character, Message), person_id)


def _in_order(question: Select[*Columns], person_id: int) -> Select[*Columns]:
    return (
        question.join(Character, col(Character.id) == Dialog.character_id)
        .join(Message, col(Message.id) == Dialog.leaf_id, isouter=True)
        .where(Dialog.user_id == person_id, col(Dialog.deleted_at).is_(None))
        .order_by(col(Dialog.pinned_at).is_(None), col(Dialog.spoken_at).desc(), col(Dialog.id).desc())
    )


def listed_with(person_id: int, words: list[str]) -> Select[Dialog, Character, Message, Message]:
    """Those of them that hold every word: in title and name, or together with these in one message.

    The newest such message comes along, last.
    """
    in_head = and_(*(_head_holds(word) for word in words))
    said, dead = aliased(Message), _dead(person_id)
    hits = (
        select(said.dialog_id, func.max(said.id).label("message_id"))
        .join(Dialog, col(Dialog.id) == said.dialog_id)
        .join(Character, col(Character.id) == Dialog.character_id)
        .where(Dialog.user_id == person_id, col(Dialog.deleted_at).is_(None), not_(in_head))
        .where(*(or_(holds(said.text, word), _head_holds(word)) for word in words))
        .where(col(said.id).not_in(select(dead.c.id)))
        .group_by(col(said.dialog_id))
        .subquery()
    )
    hit = aliased(Message)
    return (
        _in_order(select(Dialog, Character, Message, hit), person_id)
        .join(hits, hits.c.dialog_id == Dialog.id, isouter=True)
        .join(hit, col(hit.id) == hits.c.message_id, isouter=True)
        .where(or_(in_head, col(hit.id).is_not(None)))
    )


def _head_holds(word: str) -> ColumnElement[bool]:
    return or_(holds(Dialog.title, word), holds(Character.name, word))


def _dead(person_id: int) -> CTE:
    """The person's deleted messages: each is marked itself, what stands below it is not."""
    dead = (
        select(col(Message.id))
        .join(Dialog, col(Dialog.id) == Message.dialog_id)
        .where(Dialog.user_id == person_id, col(Message.deleted_at).is_not(None))
        .cte("dead", recursive=True)
    )
    below = aliased(Message)
    return dead.union(select(col(below.id)).join(dead, col(below.parent_id) == dead.c.id))
