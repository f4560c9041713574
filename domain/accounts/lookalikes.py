"""Addresses that can be taken for others by eye. They are refused whoever has them: the rule asks nothing of accounts.

The two rules are those of Unicode TR 39 that need no table of confusable letters: each sign is its own compatibility
form (NFKC), and a word is written in one script. Whole words of one script that look like those of another («аррӏе»)
stay: they are somebody's own, and match nobody else's.
"""

from __future__ import annotations

import unicodedata

EAST_ASIAN = {"LATIN", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL"}
"""What is written side by side every day: TR 39 calls it highly restrictive."""
DIGITS_OF = {"ARABIC-INDIC": "ARABIC", "EXTENDED": "ARABIC"}
"""Scripts whose digits have a name of their own: «EXTENDED ARABIC-INDIC DIGIT TWO»."""
ANY_SCRIPT = {"COMBINING", "MODIFIER"}

INVISIBLE_MARKS = frozenset(
    {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800"}
    | {chr(code) for start, end in ((0x180B, 0x180F), (0xFE00, 0xFE0F)) for code in range(start, end + 1)}
    | {chr(code) for code in range(0xE0100, 0xE01F0)}
)
"""Letters and marks that show nothing: joiners, fillers, variation selectors. Controls are no part of any address."""


def is_plain(text: str) -> bool:
    """Whether each sign is what it shows: no full-width letters, ligatures, letter-like symbols, nothing invisible.

    Sign by sign, so that a letter with a separate accent is as good as one that has it inside.
    """
    return text.isascii() or (stands_for_nothing_else(text) and INVISIBLE_MARKS.isdisjoint(text))


def stands_for_nothing_else(text: str) -> bool:
    """Whether no sign of it has another compatibility form."""
    return all(unicodedata.normalize("NFKC", sign) == sign for sign in text)


def mixes_scripts(word: str) -> bool:
    """Whether letters or digits of the word are of scripts that nobody writes in one word."""
    scripts = {_script(sign) for sign in word if unicodedata.category(sign)[0] in "LMN"} - ANY_SCRIPT - {""}
    return len(scripts) > 1 and not scripts <= EAST_ASIAN


def _script(sign: str) -> str:
    """The first word of the sign's name, which for letters says the script; ASCII digits are of any."""
    if sign.isascii() and sign.isdigit():
        return ""
    first = unicodedata.name(sign, "").partition(" ")[0]
    return DIGITS_OF.get(first, first)
