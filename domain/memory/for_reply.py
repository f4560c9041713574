"""Memory for a reply: what its prompt contains of the path to the message being answered, and where the verbatim part
begins.

The verbatim part takes the room that memory leaves free. A chapter is ready early but stands in a prompt only once its
messages no longer fit. So nothing is in it both summarised and verbatim, and its beginning changes only a chapter at a
time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.path_message import PathMessage
from domain.llm.token_estimates import CHARACTERS_A_TOKEN, LARGEST_PROMPT
from domain.memory.chapters import story_on
from domain.memory.facts.facts import fact_candidates, facts_for
from domain.memory.path_ids import Path
from domain.memory.pins import fitting, pinned_on
from domain.memory.recall.ranks import by_rank
from domain.memory.recall.recall import recalled_for
from domain.memory.recall.sought import Sought
from domain.memory.recent_memory import OnPath, RecentMemory
from domain.memory.remembered import NOTHING, RECALL_FRAME, Remembered, Story, memory_length
from domain.memory.shares import Shares
from domain.memory.verbatim import first_verbatim, last_exchange, newest_length
from domain.model.dialog import Dialog

LEAST_LEADING = 0.5
"""Minimum share of what is sought that a fact must have to lead to its message: «обещала» is in every promise."""

LONGEST_CHAPTER = 1.5
"""Maximum part of the verbatim talk that a chapter may replace, in chapters of usual length: each extends to the end of
a reply, and so beyond that length.
"""


@dataclass(frozen=True)
class Talk:
    """The path to the message being answered. `tail` is as much of its end as fits `room`; `is_whole` tells whether
    that is all of it. `room` is what the prompt has for memory and talk, in characters, and `shares` divide it.
    """

    dialog: Dialog
    path: Path
    tail: Sequence[PathMessage]
    is_whole: bool
    room: int
    shares: Shares
    window: int = LARGEST_PROMPT * CHARACTERS_A_TOKEN
    """Characters of memory and talk that the model could read, even if the prompt is to be shorter."""

    def fits(self, room: int) -> bool:
        return self.is_whole and sum(each.length for each in self.tail if each.counts) <= room

    @property
    def has_no_memory(self) -> bool:
        """Whether nothing was ever remembered of the dialog or has to be, since all of it is verbatim."""
        return self.dialog.memory_version == 0 and self.fits(self.room)

    @property
    def surely_verbatim(self) -> int:
        """The first message that is verbatim, however much is remembered."""
        return first_verbatim(self.tail, self.shares.verbatim)

    @property
    def may_recall(self) -> bool:
        """Whether some messages may not fit verbatim and so could be recalled, if memory takes its full shares."""
        is_on = not self.dialog.memory_off and not self.shares.is_tight
        return is_on and not self.fits(self.room - self.shares.pinned - self.shares.facts)


@dataclass(frozen=True)
class InPrompt:
    """The memory that a prompt contains, and the id of the first message that is verbatim."""

    remembered: Remembered
    verbatim_from: int


async def remembered_for(
    db: AsyncSession,
    talk: Talk,
    sought: Sought | None = None,
    recent: RecentMemory | None = None,
    *,
    near: Sequence[int] = (),
) -> InPrompt:
    """Choose what goes into the prompt of memory and of the talk.

    Pins are included even if memory is off: the person asked for each of them and can take it back, while the switch is
    for what is remembered unasked. `near` are the messages near to what is sought in meaning, the nearest first.
    """
    if talk.has_no_memory:
        return InPrompt(NOTHING, first_verbatim(talk.tail, talk.room))
    recent = recent or RecentMemory()
    dialog, path, shares = talk.dialog, talk.path, talk.shares
    on_path = OnPath(dialog, path, db)
    texts = await recent.part(on_path, "pinned", 0, lambda: pinned_on(db, dialog.id, path))
    pinned = Remembered(pinned=_within_window(talk, texts))
    if dialog.memory_off or shares.is_tight:
        return InPrompt(pinned, first_verbatim(talk.tail, talk.room - memory_length(pinned)))
    facts = await recent.part(on_path, "facts", shares.facts, lambda: facts_for(db, dialog.id, path, room=shares.facts))
    known = replace(pinned, facts=facts)
    if talk.fits(talk.room - memory_length(known)):
        return InPrompt(known, first_verbatim(talk.tail, talk.room - memory_length(known)))
    afforded = _afforded(talk, pinned, known)
    with_story = await _with_story(on_path, talk, afforded, recent)
    if sought is None or not afforded.recall:
        return with_story
    facts_found = await fact_candidates(
        db, dialog.id, path, [word.roots for word in sought.words], dialog.memory_version
    )
    led_to = [each.message_id for each in facts_found if each.share >= LEAST_LEADING]
    recalled = await recalled_for(
        db,
        dialog.id,
        path,
        sought,
        before=with_story.verbatim_from,
        room=afforded.recall - RECALL_FRAME,
        led_to=by_rank(led_to, near),
    )
    return replace(with_story, remembered=replace(with_story.remembered, recalled=recalled))


def _within_window(talk: Talk, pinned: tuple[str, ...]) -> tuple[str, ...]:
    """The pinned texts, which every prompt has, cut down only if the model could not read them beside the newest
    message.
    """
    left = talk.window - newest_length(talk.tail)
    length = memory_length(Remembered(pinned=pinned))
    if length <= left:
        return pinned
    frame = length - sum(map(len, pinned))
    return fitting(pinned, left - frame)


@dataclass(frozen=True)
class _Afforded:
    """The memory that there is room for: pins and perhaps facts, and the characters for the story and for recall."""

    known: Remembered
    story: int
    recall: int


def _afforded(talk: Talk, pinned: Remembered, known: Remembered) -> _Afforded:
    """The memory that there is room for beside the newest messages. If they are too long, recall is dropped first, then
    facts, then the chapters below the digest, then the digest.
    """
    shares = talk.shares
    spare = talk.room - last_exchange(talk.tail)
    if spare >= memory_length(known) + shares.story + shares.recall:
        return _Afforded(known, shares.story, shares.recall)
    if spare >= memory_length(known) + shares.story:
        return _Afforded(known, shares.story, 0)
    left = max(0, spare - memory_length(pinned))
    return _Afforded(pinned, shares.story if left >= shares.story else min(shares.digest, left), 0)


async def _with_story(on_path: OnPath, talk: Talk, afforded: _Afforded, recent: RecentMemory) -> InPrompt:
    """Add the story of what comes before the verbatim part of the talk."""
    kept, room = afforded.known, talk.room - afforded.recall
    if afforded.story:
        for_talk = room - memory_length(kept) - afforded.story
        before, ends_before = first_verbatim(talk.tail, for_talk), _first_kept_verbatim(talk, for_talk)

        async def read() -> Story:
            dialog_id, story_room = talk.dialog.id, afforded.story
            return await story_on(
                on_path.db, dialog_id, talk.path, room=story_room, before=before, ends_before=ends_before
            )

        story = await recent.story(on_path, afforded.story, read, before=before, ends_before=ends_before)
        kept = replace(kept, story=story)
    return InPrompt(kept, first_verbatim(talk.tail, room - memory_length(kept), after=kept.story.covered_upto))


def _first_kept_verbatim(talk: Talk, room: int) -> int:
    """The first message that stays verbatim even if a chapter covers it. A chapter that was written for longer prompts,
    or came from a file, may cover more than `room`.
    """
    least = room - int(LONGEST_CHAPTER * talk.shares.chapter_source)
    return first_verbatim(talk.tail, max(least, last_exchange(talk.tail)))
