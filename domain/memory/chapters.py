"""The story of a path: the digest and the chapters that a prompt has of it."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.chapter_plan import finest_within
from domain.memory.chapter_rows import newest_on, nodes_between, texts_of
from domain.memory.path_ids import Path
from domain.memory.remembered import Story
from domain.memory.rows import DIGEST
from domain.memory.sentences import shortened
from domain.memory.shares import DIGEST as DIGEST_SHARE

JOINED = 2
"""Characters needed between two texts."""


async def story_on(db: AsyncSession, dialog_id: int, path: Path, *, room: int, before: int, ends_before: int) -> Story:
    """The digest and the chapters after it, within `room` characters.

    Only chapters that begin before the message `before` are taken, since everything from there on fits verbatim. What
    the last of them covers is then left out of the verbatim part, so no chapter is taken that reaches `ends_before`, a
    message that must stay verbatim. Nor is a sum or digest that reaches further: it would take the place of messages
    that still fit word for word.

    The digest covered its part of the path without a gap when it was made, and messages never move, so only what comes
    after it is looked up. The result changes with a new chapter, not with a new message.
    """
    last = await newest_on(db, dialog_id, path, 0, upto=ends_before - 1, begun_before=before) if room > 0 else None
    newest = await newest_on(db, dialog_id, path, 0, with_text=True) if room > 0 else None
    if last is None:
        return Story(is_up_to_date=newest is None)
    upto = last.last_id
    digest = await newest_on(db, dialog_id, path, DIGEST, upto=upto, with_text=True)
    after = digest.last_id if digest else 0
    room_of_digest = int(room * DIGEST_SHARE) if digest else 0
    levels = await nodes_between(db, dialog_id, after, upto)
    nodes = finest_within(room - room_of_digest, levels, path, upto, after)
    chosen = [*([digest] if digest else []), *nodes]
    texts = await texts_of(db, chosen) if chosen else []
    digest_text = shortened(texts.pop(0), room_of_digest) if digest else ""
    chapters = _fitting([text for text in texts if text], room - len(digest_text) - JOINED)
    covered_upto = chosen[-1].last_id if chosen else 0
    return Story(digest_text, chapters, covered_upto, is_up_to_date=newest is None or newest.last_id <= covered_upto)


def _fitting(texts: list[str], room: int) -> tuple[str, ...]:
    """As many texts as fit, beginning with the newest. A text longer than the room that is left is shortened to half of
    that room; once not even that fits, the older texts are left out.
    """
    fitting: list[str] = []
    for text in reversed(texts):
        cut = shortened(text, max(room // 2, 0)) if len(text) > room else text
        if not cut or len(cut) > room:
            break
        fitting.append(cut)
        room -= len(cut) + JOINED
    return tuple(reversed(fitting))
