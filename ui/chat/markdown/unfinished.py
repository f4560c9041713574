"""Unfinished Markdown: the text of a block that is still being written, with what it has opened closed.

The end of a text that grows may be half a marker, or an emphasis whose end has yet to come. What cannot be read yet is
held back, what is open is closed, so that the same function as for finished text (to_html.py) can show it.
Nothing here decides what is shown in the end: a wrong guess lasts until the next piece.
"""

from __future__ import annotations

import re

FENCE = re.compile(r"^[ \t]*(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]*)*(`{3,}(?=[^`]*$)|~{3,})")
CLOSING_FENCE = re.compile(r"^[ \t>]*(`+|~+)[ \t]*$")
ONLY_MARKS = re.compile(r"^(?:[\s>#*+\-=_~`|:]|\d{1,9}[.)]\s)*(?:\d{1,9}[.)]?)?\s*$")
"""A line that may still become anything: a list marker, a scene break, the underline of a heading."""
QUOTE = re.compile(r"(?:[ \t]*>)*[ \t]*")
BEGINS_LEAF = re.compile(QUOTE.pattern + r"(?:(?:[-+*]|\d{1,9}[.)]|#{1,6})[ \t]+)+")
LONGEST_MARK = 64
HALF_MARK = re.compile(r"\\?[*_~`]+$|!?\[$|(?:(?<=\s)|^)!$|\\$|&#?\w{0,31}$|<[^\s<>]*$")
OPENS = {"*": 3, "_": 3, "~": 2}
"""Markers of emphasis, and the longest run of each that still emphasises."""
DEEPEST = 20


def closed(block: str) -> str:
    """The block as far as it can be read yet, with nothing left open in it."""
    lines = block.split("\n")
    fence, end = _last_fence(lines[:-1])
    if fence:
        return "\n".join(lines[:-1] if CLOSING_FENCE.match(lines[-1]) else lines)
    code, lines = lines[:end], lines[end:]
    if FENCE.match(lines[-1]) or ONLY_MARKS.match(lines[-1]):
        lines[-1] = ""
    kept, leaf = _last_leaf("\n".join(_without_open_table(lines)).rstrip())
    return "\n".join([*code, kept + _with_closed_marks(leaf)])


def _last_fence(lines: list[str]) -> tuple[str, int]:
    """The fence of a block of code still open at the end, or ""; the number of lines up to the last closing fence."""
    fence, end = "", 0
    for number, line in enumerate(lines, start=1):
        if not fence:
            found = FENCE.match(line)
            fence = found[1] if found else ""
        elif (closing := CLOSING_FENCE.match(line)) and closing[1].startswith(fence):
            fence, end = "", number
    return fence, end


def _without_open_table(lines: list[str]) -> list[str]:
    """Rows that begin with a bar are held back until the line below the first shows whether they are a table."""
    first = len(lines)
    while first and lines[first - 1].lstrip().startswith("|"):
        first -= 1
    rows = lines[first:]
    if not rows and lines and not lines[-1].strip():  # the last row was incomplete and has been blanked
        first = len(lines) - 1
        while first and lines[first - 1].lstrip().startswith("|"):
            first -= 1
        rows = lines[first:-1]
    is_undecided = len(rows) == 1
    return lines[:first] if is_undecided else lines


def _last_leaf(text: str) -> tuple[str, str]:
    """The text before the last paragraph, list item, heading or cell, and that itself: marks do not reach beyond it."""
    lines = text.split("\n")
    start = len(lines) - 1
    while start and not BEGINS_LEAF.match(lines[start]) and QUOTE.sub("", lines[start - 1], count=1).strip():
        start -= 1
    if lines[-1].lstrip().startswith("|"):
        cell = lines[-1].rfind("|", 0, len(lines[-1].rstrip("| \t"))) + 1
        return "\n".join([*lines[:-1], lines[-1][:cell]]), lines[-1][cell:]
    leaf = "\n".join(lines[start:])
    mark = BEGINS_LEAF.match(leaf)
    at = mark.end() if mark else 0
    before = "\n".join(lines[:start]) + ("\n" if start else "")
    return before + leaf[:at], leaf[at:]


def _with_closed_marks(leaf: str) -> str:
    text = leaf.rstrip()
    for _mark in range(DEEPEST):
        half = HALF_MARK.search(text[-LONGEST_MARK:])
        text = text[: len(text) - len(half[0])].rstrip() if half else text
    return _Marks(text).closed()


class _Marks:
    """The emphasis, code and links of one paragraph, read from its beginning to what is open at its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[tuple[str, int]] = []  # markers of emphasis and their number, the outermost first
        self._brackets: list[int] = []
        self._left_out: set[int] = set()  # positions of signs that are not shown: brackets, and "!" before one
        self._end = len(text)  # end of the text shown: an incomplete address may follow
        self._code = ""  # backticks of inline code that is not closed

    def closed(self) -> str:
        while self._at < self._end and not self._code:
            self._step()
        for bracket in self._brackets:
            self._leave_out(bracket)
        kept = "".join(sign for at, sign in enumerate(self._text[: self._end]) if at not in self._left_out)
        return kept.rstrip() + self._code + "".join(sign * count for sign, count in reversed(self._open))

    def _step(self) -> None:
        sign = self._text[self._at]
        if sign == "`":
            self._pass_code()
        elif sign in OPENS:
            self._pass_run(sign)
        elif sign == "]" and self._brackets:
            self._pass_link()
        else:
            if sign == "[":
                self._brackets.append(self._at)
            self._at += 2 if sign == "\\" else 1

    def _run(self, sign: str) -> int:
        end = self._at
        while self._text.startswith(sign, end):
            end += 1
        return end - self._at

    def _pass_code(self) -> None:
        fence = "`" * self._run("`")
        found = re.compile(rf"(?<!`){fence}(?!`)").search(self._text, self._at + len(fence))
        if found:
            self._at = found.end()
        else:
            self._code = fence

    def _pass_run(self, sign: str) -> None:
        count = self._run(sign)
        before, after = self._text[self._at - 1 : self._at], self._text[self._at + count : self._at + count + 1]
        self._at += count
        if count > OPENS[sign] or (sign == "~" and count == 1):
            return
        if before.strip() and any(each == sign for each, _ in self._open):
            self._close(sign, count)
        elif after.strip() and not before.isalnum() and len(self._open) < DEEPEST:
            self._open.append((sign, count))

    def _close(self, sign: str, count: int) -> None:
        while count and any(each == sign for each, _ in self._open):
            while self._open[-1][0] != sign:
                self._open.pop()  # a marker opened inside turns out to be a literal sign
            _, opened = self._open.pop()
            if opened > count:
                self._open.append((sign, opened - count))
            count = max(0, count - opened)

    def _pass_link(self) -> None:
        bracket = self._brackets.pop()
        after = self._text[self._at + 1 : self._at + 2]
        end = self._text.find(")", self._at) if after == "(" else -1
        if after and (after != "(" or end >= 0):
            self._at = max(self._at, end) + 1
            return
        self._leave_out(bracket)
        self._end = self._at

    def _leave_out(self, bracket: int) -> None:
        self._left_out.add(bracket)
        if self._text[bracket - 1 : bracket] == "!":
            self._left_out.add(bracket - 1)
