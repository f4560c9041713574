"""Turn labels: models that have read plays put a name and a colon before a turn, and go on with the other's turn.

The character's own name before its first word is removed; the first line that begins with the person's name ends the
reply.
"""

from __future__ import annotations

import re

HUMAN_ROLES = ("user", "human", "пользователь", "собеседник", "{{user}}")
MOST_LINES = 10  # empty lines held back before a line that may begin with a label
MARKS = '*_[](){}«»"#'
"""Characters that may set off a label: `**Name:**`, `[Name]:`."""
_MARK = f"[{re.escape(MARKS)}]"
_LABEL_ENDED = re.compile(rf"[^:\n]*:{_MARK}*\s*[^\s{re.escape(MARKS)}]")


class TurnLabels:
    """`name` is the name of the character, `person` that of the person it talks with; either may be ""."""

    def __init__(self, name: str, person: str) -> None:
        self.is_over = False
        self._held = ""
        self._has_spoken = False
        self._own = [name.lower()] if name else []
        self._others = [each for each in (person.lower(), *HUMAN_ROLES) if each and each not in self._own]
        self._own_label = re.compile(rf"\s*{_label(self._own)}\s*", re.IGNORECASE) if name else None
        self._other_label = re.compile(rf"\n[ \t]*{_label(self._others)}", re.IGNORECASE)

    def feed(self, piece: str) -> str:
        self._held += piece
        return self._take(at_end=False)

    def close(self) -> str:
        return self._take(at_end=True)

    def forget(self) -> None:
        """The reply begins anew."""
        self._held, self._has_spoken = "", False

    def _take(self, *, at_end: bool) -> str:
        if self.is_over:
            return ""
        if not self._has_spoken:
            if not at_end and _may_become_label(self._held, self._own):
                return ""
            self._leave_out_own_label()
        if turn := self._other_label.search(self._held):
            spoken, self._held, self.is_over = self._held[: turn.start()].rstrip(), "", True
        else:
            clear = len(self._held) if at_end else self._clear_of_labels()
            spoken, self._held = self._held[:clear], self._held[clear:]
        self._has_spoken = self._has_spoken or bool(spoken.strip())
        return spoken

    def _leave_out_own_label(self) -> None:
        if self._own_label and (label := self._own_label.match(self._held)):
            self._held = self._held[label.end() :]

    def _clear_of_labels(self) -> int:
        """Number of leading characters that cannot belong to the beginning of a line with a label."""
        line = self._held.rfind("\n")
        if line < 0 or not _may_become_label(self._held[line + 1 :], self._others):
            return len(self._held)
        begun = len(self._held[:line].rstrip("\n"))
        return begun if line - begun < MOST_LINES else line


def _label(names: list[str]) -> str:
    """A pattern for a label, bare as `Name:`, or set off as `**Name:**` and `[Name]:`."""
    alternatives = "|".join(map(re.escape, names))
    return rf"(?:(?:{alternatives})\s?:|{_MARK}{{1,4}}(?:{alternatives}){_MARK}{{0,4}}\s?:{_MARK}{{0,4}})"


def _may_become_label(line: str, names: list[str]) -> bool:
    """Whether more text is needed to tell if the line begins with one of the names and a colon, and where that ends."""
    begun = line.lstrip(MARKS + " \t\n").lower()
    if not begun:
        return bool(names)
    for name in names:
        if name.startswith(begun):
            return True
        rest = begun.removeprefix(name)
        if len(rest) < len(begun) and not rest.lstrip(MARKS + " "):
            return True
        if len(rest) < len(begun) and rest.lstrip(MARKS + " ").startswith(":"):
            return not _LABEL_ENDED.match(line.lstrip())
    return False
