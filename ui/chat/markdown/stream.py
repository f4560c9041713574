"""Streaming Markdown: a reply as safe HTML while it is being written, block by block.

A paragraph, list or table that has ended is shown once and never again; only the last one, which is still open, is
shown anew as it grows. Each is made by the same function as the finished reply (ui/chat/markdown/to_html.py).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import pyromark

from ui.chat.markdown.to_html import parser_options, readable, readable_to_html, to_html
from ui.chat.markdown.unfinished import closed

PART = 8
"""A long block is rendered again once it has grown by one part in `PART`, so that the work for a reply is linear in its
length, not quadratic. A block shorter than `PART` characters is rendered at every piece.
"""


@dataclass(frozen=True)
class Growth:
    """A change: the HTML of the blocks from number `first` on; the text so far has `length` code points.

    Of the first one, which was open, only the new part is sent: it goes between the first `head` and the last `tail`
    characters of what was sent of it before (UTF-16 code units, as the browser counts).
    """

    first: int
    blocks: list[str]
    length: int
    head: int = 0
    tail: int = 0


class MarkdownStream:
    """One reply, as one reader follows it."""

    def __init__(self) -> None:
        self._count = 0  # blocks that have ended
        self._start = 0  # position in the text at which the open block begins
        self._next = 0  # length at which it is rendered again
        self._told = ""  # its HTML as last sent to the reader

    def grow(self, text: str) -> Growth | None:
        """The change from the text given before, which `text` continues; None while that is too little to show."""
        if len(text) - self._start < self._next:
            return None
        first, finished = self._count, self._finish(text)
        block = text[self._start :]
        self._next = len(block) + max(1, len(block) // PART)
        opened, *others = [*finished, readable_to_html(closed(readable(block)))]
        head, new, tail = _difference(self._told, opened)
        self._told = others[-1] if others else opened
        return Growth(first, [new, *others], len(text), _units(head), _units(tail))

    def _finish(self, text: str) -> list[str]:
        """The HTML of the blocks that have ended. Only whole lines count: half of one may become anything."""
        end = text.rfind("\n", self._start) + 1
        blocks = _blocks(text[self._start : end])[:-1]
        self._start += sum(map(len, blocks))
        self._count += len(blocks)
        return [to_html(each) for each in blocks]


def _difference(old: str, new: str) -> tuple[str, str, str]:
    """The parts of `new`: the longest beginning that `old` has, too, what is new, and the longest common end."""
    head = _alike(lambda size: old[:size] == new[:size], min(len(old), len(new)))
    room = min(len(old), len(new)) - head
    tail = _alike(lambda size: old[len(old) - size :] == new[len(new) - size :], room)
    return new[:head], new[head : len(new) - tail], new[len(new) - tail :]


def _alike(is_alike: Callable[[int], bool], most: int) -> int:
    """The largest size up to `most` for which it holds; it also holds for all smaller ones."""
    return bisect_left(range(1, most + 1), True, key=lambda size: not is_alike(size))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _blocks(text: str) -> list[str]:
    """The text, split where its blocks begin."""
    source = readable(text).replace("]:", "];").encode()  # no link definitions, as in ui/chat/markdown/to_html.py
    depth, starts = 0, []
    for event, place in pyromark.events_with_range(source.decode(), options=parser_options(source.decode())):
        if event == "Rule" or (isinstance(event, dict) and "Start" in event):
            if not depth:
                starts.append(source.rfind(b"\n", 0, place["start"]) + 1)
            depth += event != "Rule"
        elif isinstance(event, dict) and "End" in event:
            depth -= 1
    places = [0, *(len(source[:start].decode()) for start in starts[1:]), len(text)]
    return [text[start:end] for start, end in pairwise(places) if starts]


def blocks_of(text: str) -> list[str]:
    """The blocks of a running reply for somebody who joins late."""
    growth = MarkdownStream().grow(text)
    return growth.blocks if growth and text else []
