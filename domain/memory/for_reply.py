"""What stands in one prompt: what is remembered of the path to the message that is answered, and where the verbatim
part begins.

Verbatim takes what memory leaves free. A chapter is told only once its messages no longer fit, though it is ready
before: so nothing is both told and verbatim, and the prompt's beginning changes by jumps, a chapter at a time.
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
from domain.memory.remembered import NOTHING, RECALL_FRAME, Remembered, Story, length_told
from domain.memory.shares import Shares
from domain.memory.verbatim import first_verbatim, last_exchange, newest_length
from domain.model.dialog import Dialog

LEAST_LEADING = 0.5
"""How much of what is sought a fact has to share to lead to its message: «обещала» alone is in every promise."""

LONGEST_CHAPTER = 1.5
"""How much of the room for verbatim a chapter may take, in usual chapters: each ends only with the next reply."""


@dataclass(frozen=True)
class Talk:
    """The path to the message that is answered. `tail` is as much of its end as fits `room`, and `is_whole` if that is
    all of it; `room` is what the prompt has for memory and talk, and `shares` are of it.
    """

    dialog: Dialog
    path: Path
    tail: Sequence[PathMessage]
    is_whole: bool
    room: int
    shares: Shares
    window: int = LARGEST_PROMPT * CHARACTERS_A_TOKEN
    """What the model reads has so much room for memory and talk, however short the prompt is to be."""

    def fits(self, room: int) -> bool:
        return self.is_whole and sum(each.length for each in self.tail if each.counts) <= room

    @property
    def has_no_memory(self) -> bool:
        """Nothing was ever remembered of the dialog, and nothing has to be: all of it is verbatim."""
        return self.dialog.memory_version == 0 and self.fits(self.room)

    @property
    def surely_verbatim(self) -> int:
        """The first message that is verbatim however much is remembered."""
        return first_verbatim(self.tail, self.shares.verbatim)

    @property
    def may_recall(self) -> bool:
        """Whether there may be something old to recall, if what stands before the talk is as long as it may be."""
        is_on = not self.dialog.memory_off and not self.shares.is_tight
        return is_on and not self.fits(self.room - self.shares.pinned - self.shares.facts)


@dataclass(frozen=True)
class InPrompt:
    """What is remembered, and the id of the first message that is verbatim."""

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
    """What of its memory goes into the prompt, and what of the talk.

    What the person pinned stands there even if memory is off: each pin is a wish of their own, which is taken back by
    itself, while the switch is for what is remembered without being asked to. `near` are the messages that mean what is
    sought, the nearest first.
    """
    if talk.has_no_memory:
        return InPrompt(NOTHING, first_verbatim(talk.tail, talk.room))
    recent = recent or RecentMemory()
    dialog, path, shares = talk.dialog, talk.path, talk.shares
    on_path = OnPath(dialog, path, db)
    texts = await recent.part(on_path, "pinned", 0, lambda: pinned_on(db, dialog.id, path))
    pinned = Remembered(pinned=_within_window(talk, texts))
    if dialog.memory_off or shares.is_tight:
        return InPrompt(pinned, first_verbatim(talk.tail, talk.room - length_told(pinned)))
    facts = await recent.part(on_path, "facts", shares.facts, lambda: facts_for(db, dialog.id, path, room=shares.facts))
    known = replace(pinned, facts=facts)
    if talk.fits(talk.room - length_told(known)):
        return InPrompt(known, first_verbatim(talk.tail, talk.room - length_told(known)))
    afforded = _afforded(talk, pinned, known)
    told = await _with_story(on_path, talk, afforded, recent)
    if sought is None or not afforded.recall:
        return told
    facts_found = await fact_candidates(
        db, dialog.id, path, [word.roots for word in sought.words], dialog.memory_version
    )
    led_to = [each.message_id for each in facts_found if each.share >= LEAST_LEADING]
    recalled = await recalled_for(
        db,
        dialog.id,
        path,
        sought,
        before=told.verbatim_from,
        room=afforded.recall - RECALL_FRAME,
        led_to=by_rank(led_to, near),
    )
    return replace(told, remembered=replace(told.remembered, recalled=recalled))


def _within_window(talk: Talk, pinned: tuple[str, ...]) -> tuple[str, ...]:
    """What is pinned stands in every prompt, unless the model could not read it beside what is answered."""
    left = talk.window - newest_length(talk.tail)
    length = length_told(Remembered(pinned=pinned))
    if length <= left:
        return pinned
    frame = length - sum(map(len, pinned))
    return fitting(pinned, left - frame)


@dataclass(frozen=True)
class _Afforded:
    """What there is room for: of what is known, and characters for the story and for recall."""

    known: Remembered
    story: int
    recall: int


def _afforded(talk: Talk, pinned: Remembered, known: Remembered) -> _Afforded:
    """Too tight for all of it, because the newest messages are long: recall goes first, then facts, then the chapters
    below the digest, then the digest.
    """
    shares = talk.shares
    spare = talk.room - last_exchange(talk.tail)
    if spare >= length_told(known) + shares.story + shares.recall:
        return _Afforded(known, shares.story, shares.recall)
    if spare >= length_told(known) + shares.story:
        return _Afforded(known, shares.story, 0)
    left = max(0, spare - length_told(pinned))
    return _Afforded(pinned, shares.story if left >= shares.story else min(shares.digest, left), 0)


async def _with_story(on_path: OnPath, talk: Talk, afforded: _Afforded, recent: RecentMemory) -> InPrompt:
    """Where not all of the talk is verbatim: what came before it, in short."""
    kept, room = afforded.known, talk.room - afforded.recall
    if afforded.story:
        for_talk = room - length_told(kept) - afforded.story
        before, ends_before = first_verbatim(talk.tail, for_talk), _first_not_told(talk, for_talk)

        async def read() -> Story:
            dialog_id, story_room = talk.dialog.id, afforded.story
            return await story_on(
                on_path.db, dialog_id, talk.path, room=story_room, before=before, ends_before=ends_before
            )

        story = await recent.story(on_path, afforded.story, read, before=before, ends_before=ends_before)
        kept = replace(kept, story=story)
    return InPrompt(kept, first_verbatim(talk.tail, room - length_told(kept), after=kept.story.told_upto))


def _first_not_told(talk: Talk, room: int) -> int:
    """The first message that stays verbatim even if a chapter tells it: a chapter may be longer than `room` has place
    for, if it was written for longer prompts or came in a file.
    """
    least = room - int(LONGEST_CHAPTER * talk.shares.chapter_source)
    return first_verbatim(talk.tail, max(least, last_exchange(talk.tail)))
