"""Macro meanings: the text that each macro stands for. Macros from other programs' cards follow the specification of V3
cards, and SillyTavern's conventions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import cached_property
from hashlib import blake2b

from babel.dates import format_date, format_time, format_timedelta

from domain.clock import now
from domain.language import LANGUAGES
from domain.macros.context import NO_CONTEXT, MacroContext
from domain.macros.forms import Agreement
from domain.macros.template import Edge, Macro, Piece, Value, joined, pieces_of, split, values_of

NAMES = {"bot": "char", "charifnotgroup": "char", "group": "char", "char": "char", "user": "user"}
"""Maps each macro for a name to `char` or `user`. A group here is a single character."""
AGREEING = {"char", "user", "you"}
CHOOSING = {"random", "pick"}
NOTES = {"//", "comment", "hidden_key"}
"""Macros left out of the prompt: the author's remarks, and keys that only books look at."""
CLOCK = {"time", "date", "weekday", "isotime", "isodate", "idle_duration"}
SAID = {"input", "lastmessage", "lastusermessage", "lastcharmessage"}
LAYOUT = {"newline", "trim", "noop", "original"}
"""Macros of layout. `{{original}}`, a program's own prompt that the card's replaces, is empty: there is none here."""
BARE = {*NAMES, *CLOCK, *SAID, *LAYOUT}
LONGEST_SAID = 1_000
"""Maximum characters of an earlier message that a macro repeats."""
MOST_DICE = 20
_DICE = re.compile(r"(?:(\d{0,3})d)?(\d{1,6})([+-]\d{1,5})?", re.IGNORECASE)
_UTC = re.compile(r"time_utc([+-]\d{1,2})")
_COMMA = "\0"
"""Stands for an escaped comma; no text contains it."""


class Meanings:
    """`names` are those of `char` and `user`. A macro whose name is missing stays as it was written."""

    def __init__(self, names: dict[str, str], agreement: Agreement, context: MacroContext) -> None:
        self._names = names
        self._agreement = agreement
        self._context = context
        self._place = b""
        self._clock: dict[str, str] = {}

    def read(self, text: str, place: str, most: int) -> tuple[list[Piece], int]:
        """The pieces of the text and the number of macros in it, at most `most`.

        `place` tells where the text belongs, so that a choice stays the same when its wording changes.
        """
        self._place = blake2b((place or text).encode(errors="replace"), digest_size=16).digest()
        return pieces_of(text, _is_known, most)

    def meant(self, macro: Macro) -> Value:
        name, inside = macro.name, macro.inside
        if name in NOTES:
            return Edge.GONE
        if inside is None:
            return self._bare(name)
        if name in AGREEING:
            return self._agreement.choose(name, [self._text(form) for form in split(inside, "|")])
        if name in CHOOSING:
            options = _options(inside)
            return self._text(options[self._drawn(macro, len(options))])
        told = self._text(inside)
        return told[::-1] if name == "reverse" else self._rolled(macro, told)

    def _bare(self, name: str) -> Value:
        if name in NAMES:
            return self._names.get(NAMES[name])
        if name == "newline":
            return "\n"
        if name == "trim":
            return Edge.TRIM
        if name in SAID:
            return self._said(name)
        if name in LAYOUT:
            return ""
        if name not in self._clock:
            self._clock[name] = self._told_by_the_clock(name)
        return self._clock[name]

    def _text(self, pieces: Sequence[Piece]) -> str:
        return joined(values_of(pieces, self.meant)).replace(_COMMA, ",").strip()

    def _said(self, name: str) -> str:
        """The last message, of either or of one speaker, cut to `LONGEST_SAID`. It is never parsed for macros."""
        context = self._context
        if name == "lastmessage":
            return context.last_message[:LONGEST_SAID]
        return (context.last_of_character if name == "lastcharmessage" else context.last_of_person)[:LONGEST_SAID]

    def _told_by_the_clock(self, name: str) -> str:
        local, locale = self._local, self._locale
        if name == "idle_duration":
            return "" if self._context.idle is None else format_timedelta(self._context.idle, locale=locale)
        if zone := _UTC.fullmatch(name):
            local = local.astimezone(timezone(timedelta(hours=int(zone[1]))))
        match name:
            case "date":
                return format_date(local, "long", locale=locale)
            case "weekday":
                return format_date(local, "EEEE", locale=locale)
            case "isodate":
                return local.date().isoformat()
            case "isotime":
                return f"{local:%H:%M}"
        return format_time(local, "short", locale=locale)

    @cached_property
    def _local(self) -> datetime:
        return (self._context.moment or now()).astimezone(self._context.zone)

    @property
    def _locale(self) -> str:
        return self._context.language if self._context.language in LANGUAGES else LANGUAGES[0]

    def _rolled(self, macro: Macro, dice: str) -> str | None:
        found = _DICE.fullmatch(dice)
        how_many, sides, plus = (int(found[1] or 1), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)
        if not sides or not 1 <= how_many <= MOST_DICE:
            return None
        return str(plus + sum(1 + self._drawn(macro, sides, die) for die in range(how_many)))

    def _drawn(self, macro: Macro, most: int, die: int = 0) -> int:
        """A number from 0 to below `most`: the same for the same place in the same chat (`pick`) or the same reply."""
        context = self._context
        drawn = f"{macro.name} {macro.number} {die} {context.chat} {0 if macro.name == 'pick' else context.draw}"
        return int.from_bytes(blake2b(drawn.encode(), digest_size=8, key=self._place).digest()) % most


def filled(text: str, names: dict[str, str], agreement: Agreement) -> str:
    """Fill in every macro of a text of our own, or of one whose length is already limited."""
    meanings = Meanings(names, agreement, NO_CONTEXT)
    pieces, _macros = meanings.read(text, "", len(text))
    return joined(values_of(pieces, meanings.meant))


def _is_known(macro: Macro) -> bool:
    name = macro.name
    if macro.inside is None:
        return name in BARE or name == "//" or _is_of_a_zone(name)
    return name in {"//", "roll"} or (macro.has_colon and name in AGREEING | CHOOSING | NOTES | {"reverse"})


def _is_of_a_zone(name: str) -> bool:
    zone = _UTC.fullmatch(name)
    return zone is not None and abs(int(zone[1])) <= 14  # noqa: PLR2004 - no time zone is further from UTC


def _options(inside: Sequence[Piece]) -> list[list[Piece]]:
    r"""`a,b` with `\,` for a comma, or `a::b`."""
    if any(isinstance(piece, str) and "::" in piece for piece in inside):
        return split(inside, "::")
    return split([piece.replace("\\,", _COMMA) if isinstance(piece, str) else piece for piece in inside], ",")
