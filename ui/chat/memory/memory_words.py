"""Memory in the reader's language: the bar as one line, and the panel in the shape that memory_panel.js expects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.clock import now
from domain.language import N_, Texts
from domain.memory.editing.goes_with import GoesWith
from domain.memory.overview import (
    ChapterEntry,
    FactEntry,
    MemoryBar,
    MemoryOverview,
    MemoryState,
    PinnedEntry,
    RecalledEntry,
)
from domain.memory.rows import DIGEST, MadeBy
from ui.request.visitor import Reader
from ui.widgets.money import money

STATES = {
    MemoryState.OFF: N_("memory is off"),
    MemoryState.REMEMBERING: N_("memorizing…"),
    MemoryState.WAITS_FOR_BUDGET: N_("memory is waiting for tomorrow: today's quota is used up"),
    MemoryState.ONLY_EXCERPTS: N_("keeping excerpts: it couldn't be summarized"),
    MemoryState.NO_ROOM: N_("the character's card takes nearly all the room: only what is pinned is remembered"),
    MemoryState.ASKS_FOR_BACKLOG: N_("a long chat: read and remember all of it?"),
}
NOT_TOLD = {MemoryState.OFF, MemoryState.NO_ROOM}
"""States in which messages that are no longer verbatim are not summarised, and will not be."""
TO_BE_SAID = {
    MemoryState.WAITS_FOR_BUDGET,
    MemoryState.ONLY_EXCERPTS,
    MemoryState.NO_ROOM,
    MemoryState.ASKS_FOR_BACKLOG,
}
"""States that screen readers announce at once. That something is being summarised is not announced, since it is brief.
"""
MADE_BY = {
    MadeBy.MODEL: N_("summary"),
    MadeBy.EXCERPTS: N_("excerpts"),
    MadeBy.PERSON: N_("edited by you"),
    MadeBy.LOADED: N_("imported from a file"),
}


def bar_shown(_: Texts, bar: MemoryBar) -> dict[str, str]:
    """The bar in the shape memory_bar.js expects."""
    return {"words": bar_words(_, bar), "said": _(STATES[bar.state]) if bar.state in TO_BE_SAID else ""}


def bar_words(_: Texts, bar: MemoryBar) -> str:
    """«Дословно с 214-го · канва и 4 главы · 18 фактов · 3 закреплено»; "" while there is nothing to say."""
    known = [*_story(_, bar), *_counts(_, bar)]
    if bar.gap and bar.state not in NOT_TOLD:
        known.append(_.plural("{n} message not summarized yet", "{n} messages not summarized yet", bar.gap))
    if bar.state != MemoryState.ON:
        known.append(_(STATES[bar.state]))
    if bar.verbatim_from is not None:
        known.insert(0, _("word for word from message {n}", n=_.number(bar.verbatim_from)))
    words = " · ".join(known)
    return words[:1].upper() + words[1:]


def _story(_: Texts, bar: MemoryBar) -> list[str]:
    if bar.has_digest and bar.chapters:
        return [_.plural("the gist and {n} chapter", "the gist and {n} chapters", bar.chapters)]
    if bar.has_digest:
        return [_("the gist")]
    return [_.plural("{n} chapter", "{n} chapters", bar.chapters)] if bar.chapters else []


def _counts(_: Texts, bar: MemoryBar) -> list[str]:
    facts = [_.plural("{n} fact", "{n} facts", bar.facts)] if bar.facts else []
    return [*facts, _.plural("{n} pinned", "{n} pinned", bar.pinned)] if bar.pinned else facts


def forgotten_words(_: Texts, gone: GoesWith) -> str:
    """A sentence about what is forgotten with a deleted message; "" if nothing is."""
    parts = [
        _.plural("{n} fact", "{n} facts", gone.facts) if gone.facts else "",
        _.plural("{n} chapter", "{n} chapters", gone.chapters) if gone.chapters else "",
        _.plural("{n} pin", "{n} pins", gone.pins) if gone.pins else "",
    ]
    listed = ", ".join(filter(None, parts))
    return _("Also forgotten: {things}.", things=listed) if listed else ""


def panel_shown(reader: Reader, memory: MemoryOverview) -> dict[str, Any]:
    """The panel in the shape memory_panel.js expects (`MemoryShown` in ui/types.d.ts)."""
    _ = reader._
    return {
        "bar": bar_words(_, memory.bar),
        "off": memory.bar.state == MemoryState.OFF,
        "whole": memory.bar.verbatim_from is None,
        "question": _backlog_question(_, memory) if memory.bar.state == MemoryState.ASKS_FOR_BACKLOG else "",
        "pins": [_pin(_, each) for each in memory.pinned],
        "room": memory.pinned_room,
        "room_words": _.plural("Room for {n} more character", "Room for {n} more characters", memory.pinned_room),
        "facts": [_fact(reader, each) for each in memory.facts],
        "chapters": [_chapter(reader, each) for each in _in_order(memory.chapters)],
        "summed_up": [_chapter(reader, each) for each in memory.summed_up],
        "all_summed_up": memory.all_summed_up,
        "recalled": [_recalled(reader, each) for each in memory.recalled],
        "cost": _cost(_, memory),
    }


def _pin(_: Texts, pin: PinnedEntry) -> dict[str, Any]:
    here = _("this branch only") if pin.is_here_only else ""
    where = here if pin.is_on_path else _("another branch")
    hidden = _("hidden from the model") if pin.is_hidden else ""
    return {
        "id": pin.id,
        "text": pin.text,
        "message": pin.message_id or 0,
        "where": " · ".join(filter(None, [hidden, where])),
        "hidden": pin.is_hidden,
        "elsewhere": not pin.is_on_path,
        "here": pin.is_here_only,
    }


def _fact(reader: Reader, fact: FactEntry) -> dict[str, Any]:
    _ = reader._
    by_hand = _("written by you") if fact.message_id is None else _(MADE_BY[MadeBy.PERSON])
    return {
        "id": fact.id,
        "text": fact.text,
        "source": _source(reader, fact.said_at) if fact.said_at else "",
        "message": fact.message_id or 0,
        "mark": by_hand if fact.made_by == MadeBy.PERSON else "",
        "pinned": fact.is_pinned,
        "replaced": fact.replaced_by is not None,
        "verbatim": fact.is_still_verbatim,
    }


def _source(reader: Reader, said_at: datetime) -> str:
    """«из сообщения 23 октября»."""
    _, day = reader._, _day(reader, said_at)
    if day in {_("Today"), _("Yesterday")}:
        return _("said {day}", day=day.lower())
    return _("said on {day}", day=day)


def _in_order(chapters: list[ChapterEntry]) -> list[ChapterEntry]:
    """The chapters with the digest first, since it tells where they all lead."""
    return sorted(chapters, key=lambda each: each.level != DIGEST)


def _chapter(reader: Reader, chapter: ChapterEntry) -> dict[str, Any]:
    _ = reader._
    first, last = _.number(chapter.first_number), _.number(chapter.last_number)
    began, ended = _day(reader, chapter.began_at), _day(reader, chapter.ended_at)
    numbers = _("Messages {first}–{last}", first=first, last=last)
    title = _("The gist, up to message {n}", n=last) if chapter.level == DIGEST else numbers
    return {
        "id": chapter.id,
        "title": title,
        "days": began if began == ended else f"{began} – {ended}",
        "text": chapter.text,
        "badge": _("being summarized…") if chapter.is_running else _(MADE_BY[chapter.made_by]),
        "running": chapter.is_running,
        "message": chapter.first_id,
        "fault": _fault(_, chapter),
    }


def _fault(_: Texts, chapter: ChapterEntry) -> str:
    if not chapter.reference:
        return ""
    if chapter.is_waiting:
        return _(
            "Waiting for the model to summarize it. Reference for support: {reference}", reference=chapter.reference
        )
    if chapter.text and chapter.made_by != MadeBy.EXCERPTS:
        return _(
            "It couldn't be summarized again and stays as it was. Reference for support: {reference}",
            reference=chapter.reference,
        )
    return _("It couldn't be summarized. Reference for support: {reference}", reference=chapter.reference)


def _recalled(reader: Reader, recalled: RecalledEntry) -> dict[str, Any]:
    who = reader._("You") if recalled.is_persons else ""
    day = _day(reader, recalled.said_at)
    return {"message": recalled.message_id, "date": day, "text": recalled.excerpt, "who": who}


def _backlog_question(_: Texts, memory: MemoryOverview) -> str:
    said = _.plural(
        "{n} earlier message is not summarized. Read and remember it?",
        "{n} earlier messages are not summarized. Read and remember them?",
        memory.backlog_messages,
    )
    return said if memory.backlog_cost is None else f"{said} ≈\xa0{money(_, memory.backlog_cost)}"


def _cost(_: Texts, memory: MemoryOverview) -> str:
    if not memory.tokens:
        return ""
    said = _("Memory of this chat took {tokens} tokens", tokens=_.short_number(memory.tokens))
    return f"{said}, {money(_, memory.cost)}" if memory.cost else said


def _day(reader: Reader, moment: datetime) -> str:
    return reader._.day(moment, now(), reader.preferences.zone)
