"""Words of facts: the roots, names and numbers by which two texts can be compared; pure code.

It uses the dictionary, which is slow to load: call it in a thread.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from domain.dictionary import dictionary
from domain.memory.number_words import NUMBERS
from domain.memory.recall.telling_words import telling_roots
from domain.stemming import roots
from storage.full_text import LONGEST_TOKEN
from storage.text_search import fold

WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
OF_ANY_FACT = """
собеседник собеседница персонаж звать называть имя person character name named names called
"""
SILENT = frozenset(OF_ANY_FACT.split())
"""Dictionary forms that do not distinguish one fact from another."""
SAID_IN_FACTS = {word: value for word, value in NUMBERS.items() if 1 < value <= 100}  # noqa: PLR2004 - «один» and «тысяча» count nothing in a fact
A_TEN = range(20, 100, 10)
CERTAIN = 0.3
"""Minimum probability, by the dictionary, at which a word at the beginning of a sentence counts as a name."""
OPENING_MARKS, ENDING_MARKS = ' *_«"„“(—–-', ".!?…:\n"
NAMES = ("Name", "Surn", "Patr", "Geox")
COMMON_BEGINNINGS = """
the a an he she they his her their it is was has had does did will would can lives works likes loves hates dislikes
enjoys prefers wants needs plans promised promises agreed studies speaks plays drinks eats smokes born married
divorced single afraid fears allergic moved used keeps owns grew person person's character old two three four five
six seven eight nine ten one my i someone nobody never always often every each on in at during after before once
"""
ENGLISH_BEGINNINGS = frozenset(COMMON_BEGINNINGS.split())
SKETCHED, SKETCH_WIDTH = 16, 4
"""Maximum number of hashes in a fingerprint, and the hexadecimal digits of each."""
DENYING = frozenset({"не", "нет", "никогда", "not", "never", "cannot"})
DENIES = "0" * SKETCH_WIDTH
"""Prefix of a denial's fingerprint: «не боится высоты» has the same words as «боится высоты» but is another fact."""


@dataclass(frozen=True)
class Said:
    """The telling words, names and numbers of a text."""

    words: tuple[frozenset[str], ...]
    """The roots of each telling word, one per dictionary form that it may belong to."""
    names: tuple[tuple[str, frozenset[str]], ...]
    numbers: frozenset[int]

    @property
    def roots(self) -> frozenset[str]:
        return frozenset().union(*self.words)


@lru_cache(maxsize=512)
def read(text: str) -> Said:
    found = list(tokens(text))
    return Said(
        words=tuple(dict.fromkeys(telling for word in found if (telling := roots_of_word(word)))),
        names=tuple(_names(text)),
        numbers=frozenset(_numbers(found)),
    )


@lru_cache(maxsize=20_000)
def roots_of_word(word: str) -> frozenset[str]:
    """The roots of a folded word that distinguish facts. Numbers have none, since they are compared separately."""
    if word.isdigit() or word in SILENT or word.endswith("n't"):
        return frozenset()
    if any("а" <= sign <= "я" for sign in word) and fold(dictionary().parse(word)[0].normal_form) in SILENT:
        return frozenset()
    return frozenset(telling_roots(word))


def share_in(words: Collection[frozenset[str]], other: frozenset[str]) -> float:
    """The share of `words` that have a root in `other`, 0 to 1."""
    return sum(1 for each in words if each & other) / len(words) if words else 0.0


def likeness(one: Said, other: Said) -> float:
    """The share of their words that two texts have in common, 0 to 1 (Jaccard index)."""
    longer, shorter = sorted((one, other), key=lambda each: len(each.words), reverse=True)
    shared = sum(1 for each in shorter.words if each & longer.roots)
    together = len(longer.words) + len(shorter.words) - shared
    return shared / together if together else 0.0


def fingerprint(text: str, names: Iterable[str] = ()) -> str:
    """Hashes of the words of a text without these names, four hexadecimal digits each, whatever their order and form.

    Two fingerprints show how alike their texts were even after a text is gone. That of a long text keeps only the
    smallest hashes, a sample that is the same for the same words (MinHash).
    """
    left_out = {_main_root(word) for name in names for word in tokens(name)}
    main_roots = {_main_root(word) for word in tokens(text) if roots_of_word(word)} - left_out
    found = {f"{crc32(root.encode()) & 0xFFFF:04x}" for root in main_roots}
    found |= {f"{crc32(str(number).encode()) & 0xFFFF:04x}" for number in read(text).numbers}
    sketch = "".join(sorted(found)[:SKETCHED])
    return DENIES + sketch if sketch and _denies(text) else sketch


def likeness_of_fingerprints(one: str, other: str) -> float:
    """`likeness` estimated from two fingerprints, 0 to 1; 0 if only one of the texts is a denial."""
    return 0.0 if _is_denial(one) != _is_denial(other) else _shared_by(one, other)


def likeness_but_for_denial(one: str, other: str) -> float:
    """The likeness of two fingerprints of which exactly one is a denial, 0 to 1; otherwise 0."""
    return _shared_by(one, other) if _is_denial(one) != _is_denial(other) else 0.0


def _shared_by(one: str, other: str) -> float:
    mine, theirs = (_sketch(each.removeprefix(DENIES)) for each in (one, other))
    shared = mine & theirs
    if not shared:
        return 0.0
    smallest = sorted(mine | theirs)[:SKETCHED]
    return sum(each in shared for each in smallest) / len(smallest)


def _is_denial(fingerprint: str) -> bool:
    return fingerprint.startswith(DENIES)


def _denies(text: str) -> bool:
    return any(word in DENYING or word.endswith("n't") for word in tokens(text))


@lru_cache(maxsize=20_000)
def _sketch(fingerprint: str) -> frozenset[str]:
    return frozenset(fingerprint[at : at + SKETCH_WIDTH] for at in range(0, len(fingerprint), SKETCH_WIDTH))


def word_forms(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Every word of the text with its roots, including the words that tell nothing."""
    return tuple((word, frozenset(roots(word))) for word in tokens(text))


def tokens(text: str) -> list[str]:
    """The folded words of a text."""
    plain = fold(unicodedata.normalize("NFKC", text).replace("’", "'"))
    return [word[:LONGEST_TOKEN] for word in WORD.findall(plain)]


@lru_cache(maxsize=20_000)
def _main_root(word: str) -> str:
    """The one root that all forms of a word share."""
    if not any("а" <= sign <= "я" for sign in word):
        return roots(word)[0]
    return roots(fold(dictionary().parse(word)[0].normal_form))[0]


def _names(text: str) -> Iterable[tuple[str, frozenset[str]]]:
    """Capitalised words inside a sentence, and names at its beginning."""
    plain = unicodedata.normalize("NFKC", text)
    for found in WORD.finditer(plain):
        written = found[0]
        if not written[:1].isupper() or (len(written) == 1 and written in "ЯI"):
            continue
        word = fold(written.replace("’", "'"))
        before = plain[: found.start()].rstrip(OPENING_MARKS)
        begins = not before or before[-1] in ENDING_MARKS
        if not begins or _is_a_name(word):
            yield word.removesuffix("'s"), frozenset(roots(word.removesuffix("'s")))


def _is_a_name(word: str) -> bool:
    """Whether a word that begins a sentence, where every word is capitalised, is a name."""
    if not any("а" <= sign <= "я" for sign in word):
        return word not in ENGLISH_BEGINNINGS and not word.isdigit()
    parses = dictionary().parse(word)
    if not parses[0].is_known:
        return True
    return any(each.score >= CERTAIN and any(tag in each.tag for tag in NAMES) for each in parses)


def _numbers(words: Iterable[str]) -> Iterable[int]:
    """The numbers said in digits or in words: «34», «тридцать четыре»."""
    tens = 0
    for word in words:
        value = int(word) if word.isdecimal() and len(word) <= 9 else SAID_IN_FACTS.get(word)  # noqa: PLR2004 - a number, no code
        if value is None:
            digits = re.match(r"\d{1,9}", word)
            value = int(digits[0]) if digits else None
        if value is None:
            tens = 0
            continue
        if tens and value < 10:  # noqa: PLR2004 - a unit after a ten
            yield tens + value
        yield value
        tens = value if value in A_TEN and not word.isdecimal() else 0
