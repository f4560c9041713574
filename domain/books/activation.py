"""Activation: which entries of a lorebook go into a prompt, and why. Pure: no model, no database.

An entry fires on its keys in the last messages, or in the text of entries that fired (recursion), unless a condition
forbids it. Of each group one entry fires. What does not fit the budget is left out, the least important entries first.
The work grows with the text and with what fires, not with keys times text: keys are looked up by the root of their
rarest word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from domain.books.conditions import Circumstances, Conditions, LeftOut
from domain.books.entry import Entry, read_entry
from domain.books.fired import Fired, Outcome, within_budget
from domain.books.matching.book_keys import Asked, KeyMaker, KeysByRoot, TriedKeys
from domain.books.matching.effort import Effort
from domain.books.matching.keys import Key
from domain.books.matching.words import ReadText, read_text
from domain.books.notes import hidden_keys, without_notes

USUAL_SCAN_DEPTH = 4
MOST_SCANNED = 100
"""Maximum messages that an entry may scan, whatever scan depth it asks for."""
MOST_CHARACTERS = 200_000
"""Maximum characters of these messages, counted from the newest."""
MOST_ROUNDS = 5
"""Maximum times that the text of newly fired entries is scanned."""
MOST_LOOKED_THROUGH = 50_000
"""Maximum characters of fired entries scanned in all these rounds together, many times what fits in a prompt. Without a
limit, a book in which every entry names every other would take seconds for each reply.
"""
A_WORD = 5
"""Characters per word, to express the effort of reading a text in words."""
BUDGET_SHARE = 0.25
"""The share of the prompt that a book may take if it sets no budget."""


def unfilled_text(entry: Entry) -> str:
    """The text of an entry where there are no names to fill in."""
    return without_notes(entry.content)


def _newest(messages: Sequence[str]) -> list[str]:
    """The messages, cut to the newest `MOST_CHARACTERS` characters."""
    room = MOST_CHARACTERS
    kept = []
    for message in reversed(messages):
        kept.append(message[-room:] if room else "")
        room -= len(kept[-1])
    return kept[::-1]


class CompiledBook:
    """A book compiled for activation. Compiling is slow, since keys consult the dictionary: do it once per version of a
    book, in a thread.
    """

    def __init__(
        self, found: Mapping[str, Any], numbers: Sequence[int] = (), before: CompiledBook | None = None
    ) -> None:
        """`numbers` identify the entries; without them, their positions do. Keys that `before`, an earlier version of
        the book, has compiled are reused.
        """
        known_by = numbers or range(len(found["entries"]))
        keys = KeyMaker(before.made_keys if before else {})
        self.entries = [
            read_entry(each, number, position, keys.make)
            for position, (each, number) in enumerate(zip(found["entries"], known_by, strict=True))
        ]
        self.conditions = {each.number: Conditions(each, keys.make) for each in self.entries}
        self.made_keys: Mapping[Asked, Key] = keys.made
        depth = found.get("scan_depth")
        self.scan_depth = min(USUAL_SCAN_DEPTH if depth is None else int(depth), MOST_SCANNED)
        self.is_recursive = found.get("recursive_scanning") is True
        budget = found.get("token_budget")
        self.budget_tokens = int(budget) if budget is not None else None
        self.looking_back = [entry for entry in self.entries if entry.looks_back]
        self.asks_greeting = any(entry.decorators.greeting is not None for entry in self.entries)
        self._by_root = KeysByRoot((key, entry.position) for entry in self.entries for key in entry.keys)
        self.standing = [entry for entry in self.entries if entry.is_constant or entry.decorators.is_forced]
        self.by_number = {entry.number: entry for entry in self.entries}
        self.deepest = max(map(self.depth_of, self.entries), default=0)

    def activate(
        self,
        messages: Sequence[str],
        now: Circumstances,
        told: Callable[[Entry], str] = unfilled_text,
        effort: Effort | None = None,
    ) -> Outcome:
        """Activate the book on these messages, the newest last. `told` returns the text of an entry in the prompt. If
        the effort runs out, what has fired until then stands. Slow for words not seen before: call it in a thread.
        """
        run = _Activation(self, [*map(without_notes, messages)], now, told, effort or Effort())
        fired, left_out = run.run()
        return within_budget(fired, left_out, now)

    def depth_of(self, entry: Entry) -> int:
        return self.scan_depth if entry.scan_depth is None else min(entry.scan_depth, MOST_SCANNED)

    def candidates(self, read: ReadText) -> list[Entry]:
        """The entries whose keys may fire on the text: those whose rarest word may occur in it, and those with a key
        that has to be tried on every text.
        """
        return [self.entries[place] for place in self._by_root.places(read)]


class _Activation:
    """One run over the last messages."""

    def __init__(
        self,
        book: CompiledBook,
        messages: Sequence[str],
        now: Circumstances,
        told: Callable[[Entry], str],
        effort: Effort,
    ) -> None:
        self._book = book
        self._messages = _newest(messages[-MOST_SCANNED:])
        self._now = now
        self._told = told
        self._effort = effort
        self._keys = TriedKeys(effort)
        self._said = ""
        """Text of the entries scanned so far."""
        self._read: dict[tuple[int, str], ReadText] = {}
        self._fired: dict[int, Fired] = {}
        self._left_out: dict[int, Fired] = {}
        self._chosen: set[int] = set()
        """Numbers of the entries that won in their groups."""
        self._half: dict[int, Entry] = {}
        """Entries with a key that fired and secondary keys that did not fire as required, by their numbers."""

    def run(self) -> tuple[list[Fired], list[Fired]]:
        """The entries that fired, and those that did not although a key did."""
        said = self._last(self._book.deepest)
        self._effort.allow(len(said.text))
        for number in self._now.fired_at:
            entry = self._book.by_number.get(number)
            if entry and self._book.conditions[number].stays(self._now):
                self._fire(entry, stays=True)
        for entry in self._book.standing:
            self._fire(entry)
        for entry in self._book.candidates(said):
            if self._effort.is_over:
                break
            if not entry.only_by_entries:
                self._try(entry, self._last(self._book.depth_of(entry)))
        self._keep_one_of_each_group()
        if self._book.is_recursive:
            self._look_through_entries()
        return [*self._fired.values()], [each for each in self._left_out.values() if each.entry.content]

    def _last(self, depth: int, said: str = "") -> ReadText:
        """The last `depth` messages, followed by the text of entries (`said`); each combination is read once."""
        depth = min(depth, len(self._messages))
        if (depth, said) not in self._read:
            told = "\n".join(self._messages[-depth:] if depth else ())
            text = f"{told}\n{said}" if said else told
            self._read[depth, said] = read_text(text if self._effort.make(len(text) // A_WORD) else "")
        return self._read[depth, said]

    def _try(self, entry: Entry, read: ReadText, *, by_entry: bool = False) -> None:
        key = next((key for key in entry.keys if self._keys.fires(key, read)), None)
        if key is None:
            return
        are_secondary = self._book.conditions[entry.number].secondary_fire(lambda key: self._keys.fires(key, read))
        if self._effort.is_over:
            return  # a key that was not tried may forbid it
        if are_secondary:
            self._fire(entry, key.written, by_entry=by_entry)
        else:
            self._half[entry.number] = entry
            self._leave_out(Fired(entry, entry.content, key.written, by_entry), LeftOut.SECONDARY)

    def _fire(self, entry: Entry, because: str = "", *, by_entry: bool = False, stays: bool = False) -> None:
        if entry.number in self._fired or not entry.content:
            return
        depth = self._book.depth_of(entry)
        conditions = self._book.conditions[entry.number]
        why = conditions.refuse(self._now, lambda key: self._keys.fires(key, self._last(depth)), stays=stays)
        if why is None and conditions.asks_other_keys and self._effort.is_over and not stays:
            why = LeftOut.OTHER_KEYS  # a key that was not tried may forbid it
        if why:
            self._leave_out(Fired(entry, entry.content, because, by_entry, stays), why)
        elif text := self._told(entry):
            self._fired[entry.number] = Fired(entry, text, because, by_entry, stays)
            self._left_out.pop(entry.number, None)

    def _leave_out(self, fired: Fired, why: LeftOut) -> None:
        self._left_out[fired.entry.number] = replace(fired, why=why)

    def _keep_one_of_each_group(self) -> None:
        """Keep one entry of each group, chosen at random by weight.

        An entry that stays, or that was chosen in an earlier round, takes precedence; after it comes the highest order
        among the entries that win by order. An entry that lost in one group does not take part in the next.
        """
        groups: defaultdict[str, list[Fired]] = defaultdict(list)
        for each in self._fired.values():
            for name in each.entry.groups:
                groups[name].append(each)
        for name, those in groups.items():
            some = [each for each in those if each.entry.number in self._fired]
            if not some:
                continue
            kept = next((each for each in some if each.stays or each.entry.number in self._chosen), None)
            by_order = [each for each in some if each.entry.wins_by_order]
            if kept is None and by_order:
                kept = max(by_order, key=lambda each: each.entry.order)
            if kept is None:
                chance = Random(f"{self._now.seed} {name}")  # noqa: S311 - a story's chance, not a secret
                kept = chance.choices(some, [max(each.entry.weight, 0.001) for each in some])[0]
            self._chosen.add(kept.entry.number)
            for lost in some:
                if lost is not kept:
                    self._chosen.discard(lost.entry.number)
                    del self._fired[lost.entry.number]
                    self._leave_out(lost, LeftOut.GROUP)

    def _look_through_entries(self) -> None:
        """Recursion: scan the text of fired entries until nothing new fires."""
        looked_at: set[int] = set()
        room = MOST_LOOKED_THROUGH
        for _ in range(MOST_ROUNDS):
            new = [each for each in self._fired.values() if each.entry.number not in looked_at]
            told = [
                f"{without_notes(each.text)}\n{hidden_keys(each.entry.content)}"
                for each in new
                if each.entry.finds_entries
            ]
            text = "\n".join(told)[:room]
            if not text:
                return
            room -= len(text)
            self._effort.allow(len(text))
            looked_at |= {each.entry.number for each in new}
            self._said = f"{self._said}\n{text}"
            self._look_through(read_text(text))
            self._keep_one_of_each_group()

    def _look_through(self, read: ReadText) -> None:
        """Fire the entries found in the newly fired text. A key and its secondary keys need not both be in the new
        text: one of them may have been said before.
        """
        found = {entry.number: entry for entry in self._book.candidates(read)} | self._half
        for entry in found.values():
            if self._effort.is_over:
                return
            if entry.number in self._fired or not entry.is_found_by_entries:
                continue
            everything = self._last(self._book.depth_of(entry), self._said) if entry.secondary_keys else read
            self._try(entry, everything, by_entry=True)
