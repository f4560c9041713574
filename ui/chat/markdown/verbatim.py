"""Verbatim text: formulas and web addresses, which are not Markdown, hidden from its parser sign by sign.

Each sign that could mean something is replaced by a stand-in, one of Unicode's noncharacters, which no text holds; so
places in the text stay what they were, and in code, where nothing has a meaning, what is put back is what was there.
"""

from __future__ import annotations

import re

NONCHARACTERS = range(0xFDD0, 0xFDF0)
_SIGNS = "\\`*_~[]<>&|#+-=.!:(){}"
_FIRST = NONCHARACTERS.start + 1  # ui/chat/markdown/to_html.py uses the one before
_HIDE = {ord(sign): _FIRST + at for at, sign in enumerate(_SIGNS)}
_SHOW = {stand_in: sign for sign, stand_in in _HIDE.items()}
_NOT_OURS = dict.fromkeys(NONCHARACTERS, "\ufffd")

_IN_FORMULA = r"(?:(?!{end})(?!\n[ \t]*\n|\n[ \t>]*~~~)[^`])*+"
_FORMULA = "|".join(
    (
        r"(?<!\\)\\\(" + _IN_FORMULA.format(end=r"\\\)") + r"(?:\\\))?",  # \( … \), or as much of it as there is so far
        r"(?<!\\)\\\[" + _IN_FORMULA.format(end=r"\\\]") + r"(?:\\\])?",
        r"(?<!\\)\\[)\]]",  # the end of a formula that fills a paragraph of its own
        r"\$\$" + _IN_FORMULA.format(end=r"\$\$") + r"\$\$",
        r"(?<![\\$\w])\$(?![\s$])(?=[^$\n]*[\\^_])[^$\n]*(?<!\s)\$(?![\w$])",  # but not «$5 here and $6 there»
    )
)
_UNSEEN = r"\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
"""Characters that are invisible, or change the direction of others: an address would not be what it looks like."""
ADDRESS = re.compile(rf"(?<![\w<])(?<!\]\()(?i:https?)://(?=\w)(?:(?!\]\()[^\s<>\"`\\|«»“”„‘’…—{_UNSEEN}])+")
_VERBATIM = re.compile(f"{ADDRESS.pattern}|{_FORMULA}")
_BEHIND = "?!.,:;*_~'"
"""Characters that end a sentence or an emphasis, but never an address."""
_BRACKETS = {")": "(", "]": "["}


def hide(text: str) -> str:
    """The text with its formulas and addresses hidden; its length stays the same."""
    return _VERBATIM.sub(_hidden, text.translate(_NOT_OURS))


def show(text: str) -> str:
    return text.translate(_SHOW)


def address_in(found: str) -> str:
    """The part of a match that belongs to the address: no full stop after it, no bracket that was opened before it."""
    unopened = {closing: found.count(closing) - found.count(opening) for closing, opening in _BRACKETS.items()}
    end = len(found)
    while found[end - 1] in _BEHIND or unopened.get(found[end - 1], 0) > 0:
        end -= 1
        if found[end] in unopened:
            unopened[found[end]] -= 1
    return found[:end]


def _hidden(found: re.Match[str]) -> str:
    text = found[0]
    kept = address_in(text) if ADDRESS.match(text) else text
    return kept.translate(_HIDE) + text[len(kept) :]
