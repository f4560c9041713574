"""Names: which words are names, and forms of short names that the dictionary lacks or gets wrong: «Ия» in «к Ие».

A form that is also a common word counts only where it is written as a name: «Гор» matches «о Горе», but not «о горе».
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.dictionary import dictionary
from storage.text_search import fold

if TYPE_CHECKING:
    from pymorphy3.analyzer import Parse

NAMES = ("Name", "Surn", "Patr", "Geox")
VERBS = ("VERB", "INFN", "GRND", "PRTF", "PRTS")
NOT = "не"
LONGEST = 4
"""Maximum letters of a name whose forms are made here; for longer ones the dictionary guesses them."""
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


def is_name(parse: Parse) -> bool:
    return any(kind in parse.tag for kind in NAMES)


@lru_cache(maxsize=5_000)
def is_known_name(word: str) -> bool:
    """Whether the dictionary has the folded word as a name in its dictionary form: «Света», but not «Светы»."""
    parses: list[Parse] = dictionary().parse(word)
    return any(parse.is_known and is_name(parse) and fold(parse.normal_form) == word for parse in parses)


@lru_cache(maxsize=20_000)
def is_likelier_another(word: str, name: str, before: str = "") -> bool:
    """Whether a folded word that a text writes in small letters is likelier to be another word than the name, which may
    be spelled alike: «света» is of «свет», and «ной» after «не» is a verb. A common word with the same dictionary form
    («роза») is not another word, since the key may mean it.
    """
    meant = 0.0
    others: defaultdict[str, float] = defaultdict(float)
    for parse in dictionary().parse(word):
        lemma = fold(parse.normal_form)
        if before == NOT and parse.tag.POS in VERBS:
            return True
        if lemma == name:
            meant += parse.score
        elif parse.is_known and not is_name(parse):
            others[lemma] += parse.score
    return max(others.values(), default=0.0) > meant
