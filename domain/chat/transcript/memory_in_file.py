"""Memory in a file: a dialog's memory, in JSON of version 2, about the messages of the file:

    "memory": {"off": true, "pins": [{"message_id"} or {"text", "anchor_id"}, …],
      "chapters": [{"level", "first_id", "last_id", "text", "made_by", "made_at"}, …],
      "facts": [{"id", "message_id", "text", "keys", "replaces_id", "pinned_at", "made_by", "made_at"}, …]}

Empty values are left out. A forgotten fact has `"forgotten_at"` and no text: its message must not teach it again. One
with `"everything"` says that all was forgotten up to its `"forgotten_upto"`. Nothing else is written about forgotten
facts: even hashes of the words would reveal them to whoever guesses. On import, a chapter over messages that the model
may not read is left out, since it may reveal them.
Whatever a file says, its facts and chapters are marked as loaded: nobody is to take them for the model's.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from pydantic import Field

from domain.chat.transcript.checked_json import Exact, Flag, Id, Moment, checked, damaged
from domain.errors import Invalid
from domain.memory.editing.kept_memory import KeptChapter, KeptFact, KeptMemory, KeptPin
from domain.memory.facts.known_facts import new_fact
from domain.memory.pins import MOST_PINS
from domain.memory.rows import CHAPTER_LIMIT, DIGEST, EVERYTHING, FACT_LIMIT, KEYS_LIMIT, PIN_LIMIT, MadeBy
from domain.model.dialog import State
from domain.text import on_one_line, without_controls

MEMORY_LISTS = ("pins", "chapters", "facts")
MOST_FACTS = 10_000
MOST_CHAPTERS = 2_000
"""Maximum chapters of a file, which may have no more of them than messages: pages and prompts look at all."""
MOST_TOLD_AGAIN = 20
"""Factor by which the messages covered by chapters of one level may exceed those of the file: branches share them."""


class Placed(Protocol):
    """A message of the file."""

    @property
    def id(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def state(self) -> State: ...
    @property
    def is_hidden_from_model(self) -> bool: ...


def memory_as_json(memory: KeptMemory, there: Collection[int]) -> Iterator[str]:
    """A line for each pin, chapter and fact, without those about deleted messages, which are not in the file."""
    yield f'{{"off": {json.dumps(memory.is_off)}'
    yield from _list("pins", (_pin(each) for each in memory.pins if _are_there(there, each.message_id, each.anchor_id)))
    chapters = (each for each in memory.chapters if _are_there(there, each.first_id, each.last_id))
    yield from _list("chapters", map(_chapter, chapters))
    ids = sorted(there)
    yield from _list("facts", (_fact(each, ids) for each in memory.facts if _are_there(there, each.message_id)))
    yield "}"


def _list(name: str, rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f',\n  "{name}": ['
    comma = ""
    for row in rows:
        yield f"{comma}\n    {json.dumps(_said(row), ensure_ascii=False)}"
        comma = ","
    yield "]"


def _are_there(there: Collection[int], *ids: int | None) -> bool:
    return all(each is None or each in there for each in ids)


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in fields.items()
        if value not in {None, ""}
    }


def _pin(pin: KeptPin) -> dict[str, Any]:
    return pin._asdict()


def _chapter(chapter: KeptChapter) -> dict[str, Any]:
    fields = chapter._asdict()
    del fields["covered"], fields["edited_at"]
    return fields


def _fact(fact: KeptFact, there: Sequence[int]) -> dict[str, Any]:
    """`there`: the messages of the file, in their order."""
    fields = fact._asdict()
    for name in ("roots", "key_hash", "times", "forgotten_upto", "edited_at"):
        del fields[name]
    if not fact.forgotten_at:
        return fields
    before = bisect_right(there, fact.forgotten_upto or 0)
    forgotten = {"text": "", "keys": "", "pinned_at": None, "forgotten_upto": there[before - 1] if before else None}
    return fields | forgotten | {"everything": fact.key_hash == EVERYTHING or None}


class _SavedPin(Exact):
    message_id: Id | None = None
    anchor_id: Id | None = None
    text: str = Field(default="", max_length=PIN_LIMIT)
    made_at: Moment


class _SavedChapter(Exact):
    level: int = Field(strict=True, ge=0, le=DIGEST)
    first_id: Id
    last_id: Id
    text: str = Field(min_length=1, max_length=CHAPTER_LIMIT)
    made_at: Moment


class _SavedFact(Exact):
    id: Id
    message_id: Id | None = None
    text: str = Field(default="", max_length=FACT_LIMIT)
    keys: str = Field(default="", max_length=KEYS_LIMIT)
    replaces_id: Id | None = None
    pinned_at: Moment | None = None
    forgotten_at: Moment | None = None
    forgotten_upto: Id | None = None
    everything: bool = False
    made_at: Moment


class _SavedMemory(Exact):
    off: Flag = False
    pins: list[Any] = Field(default=[], max_length=MOST_PINS)
    chapters: list[Any] = Field(default=[])
    facts: list[Any] = Field(default=[], max_length=MOST_FACTS)


def read_memory_of(content: object, messages: Sequence[Placed], character: str) -> KeptMemory:
    """Validate a file's memory of these messages, given parents before their children; raises `Invalid`. Slow, since
    the words of facts are looked up in the dictionary.
    """
    saved = checked(_SavedMemory, content, "memory.", is_tolerant=True)
    places = _Places(messages)
    most_chapters = min(MOST_CHAPTERS, len(messages))
    if len(saved.chapters) > most_chapters:
        raise Invalid("This file has more chapters than the {limit} its messages can make.", limit=most_chapters)
    pins, facts = _pins_of(saved.pins, places), _facts_of(saved.facts, places, character)
    if len(pins) + sum(each.pinned_at is not None for each in facts) > MOST_PINS:
        raise Invalid("At most {limit} things can be pinned in a chat, and this file has more.", limit=MOST_PINS)
    return KeptMemory(saved.off, pins, _chapters_of(saved.chapters, places), facts)


def _pins_of(content: Sequence[object], places: _Places) -> list[KeptPin]:
    pins: list[KeptPin] = []
    pinned: set[int | None] = set()
    for n, each in enumerate(content):
        place = f"memory.pins[{n}]."
        pin = _pin_of(each, place, places)
        if pin.message_id in pinned - {None}:
            raise damaged(place)
        pinned.add(pin.message_id)
        pins.append(pin)
    return pins


def _pin_of(content: object, place: str, places: _Places) -> KeptPin:
    pin = checked(_SavedPin, content, place, is_tolerant=True)
    text = without_controls(pin.text).strip()
    if (pin.message_id is None) != bool(text) or not places.has(pin.message_id, pin.anchor_id):
        raise damaged(place)
    return KeptPin(pin.message_id, pin.anchor_id if text else None, text, pin.made_at)


def _chapters_of(content: Sequence[object], places: _Places) -> list[KeptChapter]:
    """Chapters of one level, except digests, may not overlap on a path: of two that do, the first is taken."""
    chapters: list[KeptChapter] = []
    known: set[tuple[int, int, int]] = set()
    taken = [_Taken(places) for _level in range(DIGEST)]
    for n, each in enumerate(content):
        place = f"memory.chapters[{n}]."
        saved = checked(_SavedChapter, each, place, is_tolerant=True)
        covered = places.distance(saved.first_id, saved.last_id)
        key = saved.level, saved.first_id, saved.last_id
        text = without_controls(saved.text).strip()
        if covered is None or key in known or not text:
            raise damaged(place)
        known.add(key)
        if places.tells_hidden(saved.first_id, saved.last_id):
            continue
        if saved.level < DIGEST and not taken[saved.level].takes(saved.first_id, saved.last_id):
            continue
        chapters.append(KeptChapter(*key, covered, text, MadeBy.LOADED, saved.made_at, None))
    return chapters


def _facts_of(content: Sequence[object], places: _Places, character: str) -> list[KeptFact]:
    """A fact may replace only one that stands before it, so that there are no cycles."""
    facts: dict[int, KeptFact] = {}
    for n, each in enumerate(content):
        place = f"memory.facts[{n}]."
        saved = checked(_SavedFact, each, place, is_tolerant=True)
        text, keys = (on_one_line(without_controls(words)) for words in (saved.text, saved.keys))
        is_known = saved.id in facts or saved.replaces_id not in {None, *facts}
        if is_known or not places.has(saved.message_id, saved.forgotten_upto) or bool(text) == bool(saved.forgotten_at):
            raise damaged(place)
        fact = new_fact(text, keys, 0, names=(character,))
        facts[saved.id] = KeptFact(
            id=saved.id,
            message_id=saved.message_id,
            text=text,
            keys=keys if text else "",
            roots=" ".join(sorted(fact.roots)),
            key_hash=EVERYTHING if saved.everything and saved.forgotten_at else fact.key_hash,
            times=1,
            replaces_id=saved.replaces_id,
            pinned_at=saved.pinned_at if text else None,
            forgotten_at=saved.forgotten_at,
            forgotten_upto=(saved.forgotten_upto or saved.message_id) if saved.forgotten_at else None,
            made_by=MadeBy.LOADED,
            made_at=saved.made_at,
            edited_at=None,
        )
    return list(facts.values())


class _Places:
    """Positions of a file's messages in their tree."""

    def __init__(self, messages: Sequence[Placed]) -> None:
        below: dict[int | None, list[int]] = {}
        for each in messages:
            below.setdefault(each.parent_id, []).append(each.id)
        self._entered: dict[int, int] = {}
        self._left: dict[int, int] = {}
        self._depths: dict[int | None, int] = {None: 0}
        self._parents = {each.id: each.parent_id for each in messages}
        self._hidden: dict[int | None, int] = {None: 0}
        """Number of messages that the model may not read, among each message and those above it."""
        hidden = {each.id for each in messages if each.is_hidden_from_model or each.state == State.FILTERED}
        waiting: list[tuple[int | None, int, bool]] = [(None, each, False) for each in below.get(None, ())]
        while waiting:  # depth first: all entered between entering a message and leaving it is below it
            parent, this, is_left = waiting.pop()
            if is_left:
                self._left[this] = len(self._entered)
                continue
            self._entered[this], self._depths[this] = len(self._entered), self._depths[parent] + 1
            self._hidden[this] = self._hidden[parent] + (this in hidden)
            waiting.append((parent, this, True))
            waiting += [(this, child, False) for child in below.get(this, ())]

    def __len__(self) -> int:
        return len(self._entered)

    def between(self, first: int, last: int) -> list[int]:
        """The messages from the last up to the first."""
        found = [last]
        while found[-1] != first:
            found.append(self._parents[found[-1]] or first)
        return found

    def has(self, *ids: int | None) -> bool:
        return all(each is None or each in self._entered for each in ids)

    def tells_hidden(self, first: int, last: int) -> bool:
        """Whether the model may not read some message from the first to the last."""
        return self._hidden[last] > self._hidden[self._parents[first]]

    def distance(self, first: int, last: int) -> int | None:
        """Number of messages from the first to the last, both included; None if no path leads through both."""
        if not self.has(first, last) or not self._entered[first] <= self._entered[last] < self._left[first]:
            return None
        return self._depths[last] - self._depths[first] + 1


class _Taken:
    """Messages that the chapters of one level tell. Branches share the messages above their fork, so that two chapters
    may tell the same ones if neither ends within the other.
    """

    def __init__(self, places: _Places) -> None:
        self._places = places
        self._covered: set[int] = set()
        self._ends: set[int] = set()
        self._left = MOST_TOLD_AGAIN * len(places)

    def takes(self, first: int, last: int) -> bool:
        covered = self._places.between(first, last)
        self._left -= len(covered)
        if last in self._covered or not self._ends.isdisjoint(covered) or self._left < 0:
            return False
        self._covered.update(covered)
        self._ends.add(last)
        return True
