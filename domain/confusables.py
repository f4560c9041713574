"""Homograph check (confusables): refuses addresses that look like others, whoever has them; accounts are not consulted.

The two rules are those of Unicode TR 39 that need no table of confusable letters: each character is its own
compatibility form (NFKC), and a word is written in one script. Whole words of one script that resemble those of another
(«аррӏе») are accepted: they belong to their owner and match nobody else's.
"""

from __future__ import annotations

import unicodedata

EAST_ASIAN = {"LATIN", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL"}
"""Scripts that are commonly mixed: the "highly restrictive" level of TR 39."""
DIGITS_OF = {"ARABIC-INDIC": "ARABIC", "EXTENDED": "ARABIC"}
"""Scripts whose digits have a name of their own: «EXTENDED ARABIC-INDIC DIGIT TWO»."""
ANY_SCRIPT = {"COMBINING", "MODIFIER"}

INVISIBLE_MARKS = frozenset(
    {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800"}
    | {chr(code) for start, end in ((0x180B, 0x180F), (0xFE00, 0xFE0F)) for code in range(start, end + 1)}
    | {chr(code) for code in range(0xE0100, 0xE01F0)}
)
"""Invisible letters and marks: joiners, fillers, variation selectors. Addresses contain no control characters."""


def has_no_lookalikes(text: str) -> bool:
    """Whether each character is what it shows: no full-width letters, ligatures, letter-like symbols, nothing
    invisible.

    Checked character by character, so that a separate combining accent is as good as a precomposed letter.
    """
    return text.isascii() or (is_nfkc_stable(text) and INVISIBLE_MARKS.isdisjoint(text))


def is_nfkc_stable(text: str) -> bool:
    """Whether no character of it has a different compatibility form."""
    return all(unicodedata.normalize("NFKC", sign) == sign for sign in text)


def mixes_scripts(word: str) -> bool:
    """Whether the word mixes letters or digits of scripts that nobody writes in one word."""
    scripts = {_script(sign) for sign in word if unicodedata.category(sign)[0] in "LMN"} - ANY_SCRIPT - {""}
    return len(scripts) > 1 and not scripts <= EAST_ASIAN


def _script(sign: str) -> str:
    """The script of a letter: the first word of its Unicode name; ASCII digits belong to any."""
    if sign.isascii() and sign.isdigit():
        return ""
    first = unicodedata.name(sign, "").partition(" ")[0]
    return DIGITS_OF.get(first, first)
