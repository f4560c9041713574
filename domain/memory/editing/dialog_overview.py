"""Reads a dialog's memory on the path being read, for the bar and the panel (domain/memory/overview.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.port import Role
from domain.memory.chapter_plan import Sizes
from domain.memory.editing.chapters_shown import Outline, chapters_on, entries_of, shown_of, summed_up_of
from domain.memory.facts.facts import all_facts_on, messages_left_out
from domain.memory.facts.held_facts import facts_of
from domain.memory.for_reply import InPrompt
from domain.memory.forgotten import was_forgotten
from domain.memory.overview import (
    MemoryBar,
    MemoryOverview,
    MemoryState,
    PinnedEntry,
    RecalledEntry,
)
from domain.memory.path_ids import Path, PathIds
from domain.memory.pins import Pin, counted, pins_of, still_there
from domain.memory.remembered import Story
from domain.memory.rows import MadeBy
from domain.memory.shares import PINNED_LIMIT, Shares
from domain.memory.summaries.backlog import Backlog, UncoveredLengths, backlog_of
from domain.memory.summaries.summariser import Summariser
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from domain.prices import Prices
from domain.usage.budget import TokenBudgets

FACTS_SHOWN = 200
"""Maximum facts in the panel, the newest ones: a dialog of years may have thousands."""
EXCERPT = 200
"""Maximum characters shown of a recalled message."""


class Verbatim(Protocol):
    """The part of a path that the next prompt would have word for word."""

    @property
    def first(self) -> int | None:
        """The first message that the model gets word for word; None: all of them."""

    @property
    def number(self) -> int | None:
        """Its number on the path, from 1."""

    @property
    def gap(self) -> int:
        """Number of messages before `first` that no chapter covers."""

    @property
    def in_prompt(self) -> InPrompt | None: ...

    @property
    def shares(self) -> Shares: ...


class VerbatimStart(Protocol):
    async def of(self, db: AsyncSession, person: User, dialog: Dialog) -> Verbatim:
        """The verbatim part of the path being read."""


@dataclass(frozen=True)
class DialogOnPath:
    """A dialog, the path of it being read, and what is known about both."""

    dialog: Dialog
    path: Path
    verbatim: Verbatim
    is_budget_spent: bool
    backlog: Backlog

    @property
    def story(self) -> Story:
        in_prompt = self.verbatim.in_prompt
        return in_prompt.remembered.story if in_prompt else Story()


class MemoryReader:
    """Reads what is remembered of a dialog. Callers check permissions first."""

    def __init__(
        self, paths: PathIds, verbatim: VerbatimStart, budgets: TokenBudgets, summariser: Summariser, prices: Prices
    ) -> None:
        self.paths = paths
        self._verbatim = verbatim
        self._budgets = budgets
        self._summariser = summariser
        self._prices = prices
        self._uncovered = UncoveredLengths()

    async def bar(self, db: AsyncSession, person: User, dialog: Dialog) -> MemoryBar:
        about = await self._on_path(db, person, dialog)
        pins = await pins_of(db, about.dialog.id)
        chapters = await chapters_on(db, about.dialog.id, about.path)
        pinned = await counted(db, dialog.id, about.path, pins)
        facts = (await facts_of(db, dialog.id)).counted(about.path)
        return _bar(about, len(pinned), len(facts), chapters)

    async def overview(self, db: AsyncSession, person: User, dialog: Dialog, *, summed_up: int = 0) -> MemoryOverview:
        """All that is remembered, with the newest `summed_up` of the chapters covered by sums."""
        return await _overview(db, await self._on_path(db, person, dialog), summed_up)

    async def _on_path(self, db: AsyncSession, person: User, dialog: Dialog) -> DialogOnPath:
        budget = await self._budgets.today(db, person)
        path, verbatim = await self.paths.of(db, dialog.leaf_id), await self._verbatim.of(db, person, dialog)
        return DialogOnPath(
            dialog,
            path,
            verbatim,
            is_budget_spent=budget is not None and budget.is_spent,
            backlog=await self._backlog(db, dialog, path, verbatim),
        )

    async def _backlog(self, db: AsyncSession, dialog: Dialog, path: Path, verbatim: Verbatim) -> Backlog:
        """The backlog, if the person is to be asked about it."""
        if dialog.memory_off or dialog.reads_backlog or verbatim.first is None:
            return Backlog()
        sizes = Sizes.of(verbatim.shares, self._summariser.room)
        model = self._summariser.model_name
        backlog = await backlog_of(db, dialog, path, sizes, lengths=self._uncovered, prices=self._prices, model=model)
        uncovered = verbatim.gap + backlog.left_out
        return replace(backlog, messages=uncovered) if backlog.is_to_be_asked_about else backlog


async def _overview(db: AsyncSession, about: DialogOnPath, most_summed_up: int) -> MemoryOverview:
    pins = await pins_of(db, about.dialog.id)
    pinned = await counted(db, about.dialog.id, about.path, pins)
    facts = await all_facts_on(db, about.dialog.id, about.path, verbatim_from=about.verbatim.first or 0)
    chapters = await chapters_on(db, about.dialog.id, about.path)
    summed_up = summed_up_of(chapters)
    dialog = about.dialog
    return MemoryOverview(
        bar=_bar(about, len(pinned), sum(each.replaced_by is None for each in facts), chapters),
        pinned=[_pinned_entry(each, about.path) for each in await still_there(db, pins) if each.fact_id is None],
        facts=facts[:FACTS_SHOWN],
        chapters=await entries_of(db, shown_of(chapters), about.path),
        recalled=await _recalled(db, about),
        pinned_room=max(0, PINNED_LIMIT - sum(len(each.text) for each in pins if each.counts_on(about.path))),
        tokens=dialog.memory_tokens,
        cost=dialog.memory_cost if dialog.memory_cost or not dialog.memory_tokens else None,
        backlog_messages=about.backlog.messages,
        backlog_cost=about.backlog.cost,
        summed_up=await entries_of(db, summed_up[max(0, len(summed_up) - most_summed_up) :], about.path),
        all_summed_up=len(summed_up),
    )


def _bar(about: DialogOnPath, pinned: int, facts: int, chapters: Sequence[Outline]) -> MemoryBar:
    state = _state(about, facts, chapters)
    return MemoryBar(
        state=state,
        verbatim_from=about.verbatim.number,
        chapters=len(about.story.chapters),
        has_digest=bool(about.story.digest),
        facts=0 if state in {MemoryState.OFF, MemoryState.NO_ROOM} else facts,
        pinned=pinned,
        gap=about.verbatim.gap + about.backlog.left_out,
    )


def _state(about: DialogOnPath, facts: int, chapters: Sequence[Outline]) -> MemoryState:
    if about.dialog.memory_off:
        return MemoryState.OFF
    if about.verbatim.shares.is_tight and (facts or about.verbatim.first is not None):
        return MemoryState.NO_ROOM
    return _state_if_on(about, chapters)


def _state_if_on(about: DialogOnPath, chapters: Sequence[Outline]) -> MemoryState:
    if any(each.is_running for each in chapters) or _is_reading(about, chapters):
        return MemoryState.REMEMBERING
    if about.backlog.is_to_be_asked_about:
        return MemoryState.ASKS_FOR_BACKLOG
    if about.is_budget_spent and about.verbatim.first is not None:
        return MemoryState.WAITS_FOR_BUDGET
    if any(each.made_by == MadeBy.EXCERPTS and each.fault for each in shown_of(chapters)):
        return MemoryState.ONLY_EXCERPTS
    return MemoryState.ON


def _is_reading(about: DialogOnPath, chapters: Sequence[Outline]) -> bool:
    """Whether a long old talk is being read, even if no chapter is being made at this very moment. Reading pauses while
    the person's budget is spent or the model fails.
    """
    fails = any(each.fault and not each.has_text for each in chapters)
    return about.dialog.reads_backlog and about.verbatim.gap > 0 and not (about.is_budget_spent or fails)


def _pinned_entry(pin: Pin, path: Path) -> PinnedEntry:
    return PinnedEntry(
        id=pin.pin_id or 0,
        text=pin.text,
        message_id=pin.message_id,
        is_here_only=pin.message_id is None and pin.anchor_id is not None,
        is_on_path=pin.counts_on(path),
        is_hidden=pin.is_hidden,
    )


async def _recalled(db: AsyncSession, about: DialogOnPath) -> list[RecalledEntry]:
    """The messages that the path's last reply recalled."""
    last = list(about.path.ids[-2:])
    replies = await db.exec(
        select(Message)
        .where(col(Message.id).in_(last), Message.role == Role.ASSISTANT)
        .order_by(col(Message.id).desc())
    )
    reply = replies.first()
    return await recalled_entries(db, about.dialog.id, reply.recalled or [] if reply else [])


async def recalled_entries(db: AsyncSession, dialog_id: int, ids: Sequence[int]) -> list[RecalledEntry]:
    """The messages that a prompt quoted, the oldest first, without those deleted or forgotten since."""
    if not ids:
        return []
    excerpt = func.substr(func.trim(col(Message.text)), 1, EXCERPT + 1)
    columns: tuple[Any, ...] = (Message.id, Message.created_at, excerpt, Message.role)
    left = set(ids) - await messages_left_out(db, dialog_id)
    there = Message.dialog_id == dialog_id, col(Message.deleted_at).is_(None), ~was_forgotten(dialog_id)
    found = await db.exec(select(*columns).where(col(Message.id).in_(left), *there).order_by(col(Message.id)))
    return [
        RecalledEntry(message_id, said_at, _shortened(text), is_persons=role == Role.USER)
        for message_id, said_at, text, role in found
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + "…"
