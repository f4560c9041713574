"""Forms of short names that the dictionary lacks or gets wrong: «Ия» in «к Ие», «Эд» in «с Эдом».

A form that is also a common word counts only where it is written as a name: «Гор» matches «о Горе», but not «о горе».
"""

from __future__ import annotations

import re

from domain.dictionary import dictionary

LONGEST = 4
"""Letters; for longer names the dictionary guesses the forms."""
VOWEL = re.compile(r"[аеиоуыэюя]")
HISSING = "жшчщ"
SOFT_I = f"гкх{HISSING}"


def as_a_name(word: str) -> str:
    """The root of a word that a text writes as a name."""
    return f"^{word}"


def forms_of_name(word: str, *, is_known: bool) -> tuple[str, ...]:
    """The forms of a folded word of a key that the dictionary lacks. It has every form of the words it knows, except
    the one in «-ие» of names in «-ия» with two syllables.
    """
    if word.endswith("ия") and len(VOWEL.findall(word)) == len("ия"):
        forms = [f"{word[:-1]}е"] if is_known else _feminine(word)
    elif is_known or len(word) > LONGEST or not VOWEL.search(word):
        forms = []
    else:
        forms = _masculine(word) or _feminine(word)
    return tuple(as_a_name(form) if dictionary().word_is_known(form) else form for form in forms)


def _masculine(word: str) -> list[str]:
    if word.endswith("й"):
        return [word[:-1] + ending for ending in ("я", "ю", "ем", "е")]
    if word[-1] in "ьъ" or VOWEL.match(word[-1]):
        return []
    return [word + ending for ending in ("а", "у", "ем" if word[-1] in f"{HISSING}ц" else "ом", "е")]


def _feminine(word: str) -> list[str]:
    stem = word[:-1]
    if word.endswith("я"):
        return [stem + ending for ending in ("и", "е", "ю", "ей", "ею")]
    if word.endswith("а"):
        instrumental = ("ей", "ею") if word[-2] in f"{HISSING}ц" else ("ой", "ою")
        return [stem + ending for ending in ("и" if word[-2] in SOFT_I else "ы", "е", "у", *instrumental)]
    return []
