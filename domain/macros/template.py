"""Macro template: a text with `{{…}}` in it, parsed once and filled in once; pure.

The text is parsed before anything is filled in, and what is filled in is never parsed. So a name, somebody's words or
the result of another macro cannot act as a macro. Macros may be nested, as in `{{random:{{char}},nobody}}`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

DEEPEST = 8
"""Maximum depth of nested macros; beyond it, the outermost are plain text."""
_SIGN = re.compile(r"{{(?!{)|}}|<(?:user|bot|char|group|charifnotgroup)>", re.IGNORECASE)
_HEAD = re.compile(r"\s*(//|\w[\w+-]*)\s*(::?)?")
_BREAKS = "\r\n"


class Edge(Enum):
    """Effect on the text around it of a macro that stands for no text of its own."""

    TRIM = "trim"
    """The line breaks before and after it are removed."""
    GONE = "gone"
    """Its line is removed if nothing else is on it."""


@dataclass(frozen=True)
class Macro:
    """`name` is in lower case, and `number` is its index among the macros of the text. `inside` is what follows the
    name; None if nothing does. `has_colon` tells `{{roll:6}}` from `{{roll 6}}`.
    """

    name: str
    written: str
    number: int
    inside: tuple[Piece, ...] | None = None
    has_colon: bool = False


Piece = str | Macro
Value = str | Edge | None
"""None: the macro means nothing here and stays as written."""


def pieces_of(text: str, known: Callable[[Macro], bool], most: int) -> tuple[list[Piece], int]:
    """The pieces of the text and the number of `known` macros in it, at most `most`. All else in braces is text."""
    root: list[Piece] = []
    opened: deque[tuple[int, list[Piece]]] = deque()
    at = number = 0
    for sign in _SIGN.finditer(text):
        if number == most:
            break
        inner = opened[-1][1] if opened else root
        inner.append(text[at : sign.start()])
        at = sign.end()
        if sign[0] == "{{":
            if len(opened) == DEEPEST:
                _start, outermost = opened.popleft()
                root += ["{{", *outermost]
            opened.append((sign.start(), []))
        elif sign[0] != "}}":
            inner.append(Macro(sign[0][1:-1].lower(), sign[0], number))
            number += 1
        elif opened:
            start, inside = opened.pop()
            macro = _macro(text[start:at], inside, number)
            outer = opened[-1][1] if opened else root
            if macro and known(macro):
                outer.append(macro)
                number += 1
            else:
                outer += ["{{", *inside, "}}"]
        else:
            inner.append(sign[0])
    for _start, inside in opened:
        root += ["{{", *inside]
    return [*root, text[at:]], number


def _macro(written: str, inside: list[Piece], number: int) -> Macro | None:
    first = inside[0]
    head = _HEAD.match(first) if isinstance(first, str) else None
    if not head:
        return None
    rest = first[head.end() :] if isinstance(first, str) else ""
    is_bare = not head[2] and len(inside) == 1 and not rest.strip()
    return Macro(head[1].lower(), written, number, None if is_bare else (rest, *inside[1:]), bool(head[2]))


def split(pieces: Iterable[Piece], separator: str) -> list[list[Piece]]:
    """The parts between the separators that the author wrote. A separator inside a macro's value does not count."""
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        first, *more = piece.split(separator) if isinstance(piece, str) else [piece]
        parts[-1].append(first)
        parts += ([each] for each in more)
    return parts


def joined(values: Iterable[str | Edge]) -> str:
    """The values joined, with the effect of each edge on its neighbours."""
    out: list[str] = []
    trims = drops = False
    for value in values:
        if isinstance(value, Edge):
            if value is Edge.TRIM:
                _strip_end(out)
                trims = True
            else:
                drops = not out or out[-1].endswith("\n")
            continue
        if trims:
            value = value.lstrip(_BREAKS)  # noqa: PLW2901 - what is left of it
        elif drops:
            value = value.removeprefix("\r").removeprefix("\n")  # noqa: PLW2901 - what is left of it
        if value:
            out.append(value)
            trims = drops = False
    return "".join(out)


def _strip_end(out: list[str]) -> None:
    while out:
        out[-1] = out[-1].rstrip(_BREAKS)
        if out[-1]:
            return
        out.pop()


def values_of(pieces: Iterable[Piece], meant: Callable[[Macro], Value]) -> Iterator[str | Edge]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        else:
            value = meant(piece)
            yield piece.written if value is None else value
