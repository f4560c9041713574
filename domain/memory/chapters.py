"""Chapters, and the digest above them, as they count on a path."""

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
"""Characters between two texts."""


async def story_on(db: AsyncSession, dialog_id: int, path: Path, *, room: int, before: int, ends_before: int) -> Story:
    """What the chapters of this path tell, within `room` characters: the digest, then what came after it. Only those
    that begin before the message `before` are told, since from there on all still fits verbatim; what the last of them
    tells is not verbatim then. So none is told that reaches the message `ends_before`, which has to stay verbatim.

    Told without a gap from the path's beginning: what the digest covers was whole when it was made, and messages never
    move. So only what is behind it is looked at, and it changes with a new chapter and not with a new message. Of a sum
    of chapters or a digest that reaches further nothing is told yet: it would keep from the model word for word what
    still fits.
    """
    last = await newest_on(db, dialog_id, path, 0, upto=ends_before - 1, begun_before=before) if room > 0 else None
    newest = await newest_on(db, dialog_id, path, 0, told=True) if room > 0 else None
    if last is None:
        return Story(is_up_to_date=newest is None)
    upto = last.last_id
    digest = await newest_on(db, dialog_id, path, DIGEST, upto=upto, told=True)
    after = digest.last_id if digest else 0
    room_of_digest = int(room * DIGEST_SHARE) if digest else 0
    levels = await nodes_between(db, dialog_id, after, upto)
    nodes = finest_within(room - room_of_digest, levels, path, upto, after)
    told = [*([digest] if digest else []), *nodes]
    texts = await texts_of(db, told) if told else []
    digest_text = shortened(texts.pop(0), room_of_digest) if digest else ""
    chapters = _fitting([text for text in texts if text], room - len(digest_text) - JOINED)
    told_upto = told[-1].last_id if told else 0
    return Story(digest_text, chapters, told_upto, is_up_to_date=newest is None or newest.last_id <= told_upto)


def _fitting(texts: list[str], room: int) -> tuple[str, ...]:
    """The newest ones whole; what is left of the room goes to those before them, and what does not fit is left out."""
    fitting: list[str] = []
    for text in reversed(texts):
        told = shortened(text, max(room // 2, 0)) if len(text) > room else text
        if not told or len(told) > room:
            break
        fitting.append(told)
        room -= len(told) + JOINED
    return tuple(reversed(fitting))
