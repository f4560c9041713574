"""Dialog search: the queries for a user's list of dialogs and for the dialogs that a search finds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import CTE, bindparam
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from domain.accounts.sessions import for_somebody
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.stemming import stem
from domain.text import without_unstorable
from storage.text_search import ENDING, fold, holds_all, place_of

FOUND = 50
PLACES = 500
"""Maximum messages found in one dialog, the newest ones."""
SEARCH_LIMIT = 100
WORDS_LIMIT = 10
"""Maximum search words; further ones are ignored."""
SHORTEST_STEM, SHORTEST_CHANGED_STEM = 4, 5
"""Letters. A word with a shorter stem is looked for as it was typed: «море» and «морковь» begin alike."""
PUNCTUATION = ".,;:!?…\"'«»„“”‘’()[]*_—–-"
AT_ONCE = 50
"""Number of dialogs whose messages are searched per query."""
SNIPPET, SNIPPET_BEFORE = 120, 32
"""Length of a snippet, and how much of it precedes the word, in characters."""

Hit = tuple[Dialog, Character, Message | None, Message | None]
"""A dialog with its character, its last message, and the newest message with the words that its title and name lack."""


def search_words(search: str) -> list[str]:
    """The distinct search words, folded for comparison and with their stems marked, so that «собака» finds «собаку»
    (storage/text_search.py).

    Loads the stemmers the first time: call it in a thread.
    """
    words = fold(without_unstorable(search[:SEARCH_LIMIT])).split()
    return list(dict.fromkeys(map(_with_marked_stem, words)))[:WORDS_LIMIT]


def snippet_of(text: str, words: Sequence[str]) -> str:
    """A snippet of `text` around the first of `words`, on one line."""
    line = " ".join(text.split())
    folded = fold(line)
    at = min((place for word in words if (place := place_of(word, folded)) >= 0), default=0)
    start = 0 if at <= SNIPPET_BEFORE else line.find(" ", at - SNIPPET_BEFORE, at) + 1 or at
    end = start + SNIPPET
    return ("…" if start else "") + line[start:end].rstrip() + ("…" if end < len(line) else "")


def dialogs_query(person_id: int | Mapped[int]) -> Select[Dialog, Character, Message]:
    """Query: the user's dialogs, each with its character and its last message, if any."""
    return (
        select(Dialog, Character, Message)
        .join(Character, col(Character.id) == Dialog.character_id)
        .join(Message, col(Message.id) == Dialog.leaf_id, isouter=True)
        .where(Dialog.user_id == person_id, col(Dialog.deleted_at).is_(None))
        .order_by(col(Dialog.pinned_at).is_(None), col(Dialog.spoken_at).desc(), col(Dialog.id).desc())
    )


OWN_AMONG = for_somebody(dialogs_query(col(User.id)).where(col(Dialog.id).in_(bindparam("dialogs", expanding=True))))
"""As `dialogs_query`, for some dialogs of a caller. Built once, since every message runs it twice."""


async def search_dialogs(db: AsyncSession, person_id: int, words: Sequence[str]) -> AsyncIterator[list[Hit]]:
    """The dialogs that contain every word, in the order of the list: in the title, in the name, or in one message
    together with these. Yielded in batches, so that the caller can stop when it has found enough or waited long enough.
    """
    heads: Any = dialogs_query(person_id).with_only_columns(col(Dialog.id), col(Dialog.title), col(Character.name))
    missing = {dialog_id: _missing(words, title, name) for dialog_id, title, name in await db.exec(heads)}
    ids = list(missing)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        newest = await _newest_holding(db, {each: missing[each] for each in some if missing[each]})
        hits = {each.dialog_id: each for each in await db.exec(select(Message).where(col(Message.id).in_(newest)))}
        found = {each for each in some if not missing[each] or each in hits}
        rows = await db.exec(dialogs_query(person_id).where(col(Dialog.id).in_(found)))
        yield [(dialog, character, last, hits.get(dialog.id)) for dialog, character, last in rows]


async def places_in(db: AsyncSession, dialog: Dialog, character: Character, words: Sequence[str]) -> list[int]:
    """The messages of a dialog that such a search finds, on every branch, oldest first."""
    if not words:
        return []
    sought = _missing(words, dialog.title, character.name) or words
    dead = _dead([dialog.id])
    holding = (
        select(col(Message.id))
        .where(Message.dialog_id == dialog.id, holds_all(Message.text, sought))
        .where(col(Message.id).not_in(select(dead.c.id)))
    )
    return sorted(await db.exec(holding.order_by(col(Message.id).desc()).limit(PLACES)))


def _with_marked_stem(typed: str) -> str:
    """The word without punctuation around it, with `ENDING` after its stem unless that is too short to tell."""
    word = typed.strip(PUNCTUATION)
    if not word.isalpha():
        return word or typed
    found = stem(word, "russian" if any("а" <= letter <= "я" for letter in word) else "english")
    start = found.removesuffix("i")  # «memori» is the stem of «memory» and «memories»
    shortest = SHORTEST_STEM if start == found else SHORTEST_CHANGED_STEM
    if start == word or not word.startswith(start) or len(start) < shortest:
        return word
    return f"{start}{ENDING}{word[len(start) :]}"


def _missing(words: Sequence[str], title: str, name: str) -> list[str]:
    """The words that a dialog's title and its character's name do not contain."""
    texts = (fold(title), fold(name))
    return [word for word in words if all(place_of(word, text) < 0 for text in texts)]


async def _newest_holding(db: AsyncSession, missing: dict[int, list[str]]) -> list[int]:
    """For each dialog the newest message that contains its missing words, if any; dialogs with the same missing words
    share a query.
    """
    alike: dict[tuple[str, ...], list[int]] = {}
    for dialog_id, words in missing.items():
        alike.setdefault(tuple(words), []).append(dialog_id)
    newest: list[int] = []
    for together, dialog_ids in alike.items():
        dead = _dead(dialog_ids)
        newest += await db.exec(
            select(func.max(Message.id))
            .where(col(Message.dialog_id).in_(dialog_ids), holds_all(Message.text, together))
            .where(col(Message.id).not_in(select(dead.c.id)))
            .group_by(col(Message.dialog_id))
        )
    return newest


def _dead(dialog_ids: Sequence[int]) -> CTE:
    """The deleted messages of these dialogs: only the top of a deleted subtree is marked."""
    dead = (
        select(col(Message.id))
        .where(col(Message.dialog_id).in_(dialog_ids), col(Message.deleted_at).is_not(None))
        .cte("dead", recursive=True)
    )
    below = aliased(Message)
    return dead.union(select(col(below.id)).join(dead, col(below.parent_id) == dead.c.id))
