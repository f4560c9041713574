"""Words of texts and of keys, and by what one is told to be a form of the other.

Russian: what the dictionary has is known by its dictionary forms («мать» is not «мат»); of the rest, names above all,
the stem tells, and what the dictionary guesses. English: by endings. Each word is worked out once.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from domain.books.matching.english_forms import bases_of
from domain.books.matching.name_forms import as_a_name, forms_of_name
from domain.books.matching.verbs import infinitives_of
from domain.dictionary import LIKELY, dictionary
from domain.stemming import stem
from storage.text_search import fold

if TYPE_CHECKING:
    from pymorphy3.analyzer import Parse

PART = re.compile(r"[^\W_]+")
SENTENCE_END = re.compile(r"[.!?…\n]")
LONGEST_ABBREVIATION = 3
"""A full stop after so few letters ends no sentence: «св. Пётр», «Dr. House»."""
UNSEEN = {ord(sign): None for sign in "\u0300\u0301\u00ad\u200b\u2060\ufe0e\ufe0f\ufeff"} | {0x450: "е", 0x45D: "и"}
"""Stress marks, soft hyphens and the like, which are part of no word."""
PREPOSITIONS = frozenset(
    (
        *("без", "в", "во", "для", "до", "за", "из", "изо", "к", "ко", "между", "на", "над", "о", "об", "обо", "от"),
        *("ото", "перед", "по", "под", "при", "про", "ради", "с", "со", "среди", "у", "через", "около", "возле"),
    )
)
NAMES = ("Name", "Surn", "Patr", "Geox")
FUNCTION_WORDS = ("PREP", "CONJ", "PRCL")
LONGEST_LIKE_A_NAME = 3
"""Letters of a function word that people are called by."""
NEVER_FIRST = frozenset(("ли", "ль", "же", "бы"))
"""Particles with which no sentence begins."""
AS_GOOD_AS_SURE = 0.5
AS_LIKELY = 3
"""A name that is less likely than a common word by this is not meant, unless it is written as a name."""
VERBS = ("VERB", "INFN", "GRND", "PRTF", "PRTS")


@dataclass(frozen=True, slots=True)
class Word:
    """A word: as written, folded, and its roots; those of a key's word are what it is looked for under in a text.
    `is_first` in a sentence, of which no phrase runs on into it.
    """

    written: str
    folded: str
    roots: tuple[str, ...]
    is_first: bool = False


@dataclass(frozen=True, eq=False)
class ReadText:
    """A text read once for any number of keys."""

    text: str
    clean: str
    """Without what is part of no word."""
    folded: str
    words: list[Word]
    at_root: dict[str, list[int]] = field(repr=False)
    """Where in `words` each root and each folded word stands."""

    @cached_property
    def forms(self) -> str:
        """Its words, each once and on a line of its own."""
        return "\n".join(dict.fromkeys(word.folded for word in self.words))

    @cached_property
    def written_forms(self) -> str:
        return "\n".join(dict.fromkeys(word.written for word in self.words))


def read_text(text: str) -> ReadText:
    """Slow with words that were not met before (a dictionary is asked): in a thread."""
    clean = without_unseen(text)
    words = list(words_of(clean, _roots_in_text))
    at_root: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words):
        for root in {*word.roots, word.folded}:
            at_root[root].append(place)
    return ReadText(text, clean, fold(clean), words, dict(at_root))


def words_of_key(text: str, *, is_exact: bool = False) -> tuple[Word, ...]:
    """An exact one is looked for as it is and in no other form. A word alone with a capital letter may be a name; the
    first one of a phrase has it in any case.
    """
    if is_exact:
        return tuple(words_of(text, lambda folded, *_told: (folded,)))
    is_alone = PART.fullmatch(text) is not None and text.istitle()
    return tuple(words_of(text, lambda folded, *_told: key_words(folded, is_title=is_alone)))


def without_unseen(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(UNSEEN)


def words_of(text: str, roots_of: Callable[[str, str, str], tuple[str, ...]]) -> Iterator[Word]:
    """A word with a hyphen is its parts, so that «Нью-Йорк» is in «Нью Йорке» as well. `roots_of` is given the word
    folded and as written, and the one before it in the sentence.
    """
    end, before = 0, ""
    for found in PART.finditer(text):
        gap = text[end : found.start()]
        ended = SENTENCE_END.search(gap)
        is_first = ended is not None and not (gap.strip() == "." and len(before) <= LONGEST_ABBREVIATION)
        folded = fold(found[0])
        yield Word(found[0], folded, roots_of(folded, found[0], "" if is_first else before), is_first)
        end, before = found.end(), folded


def _roots_in_text(word: str, written: str, before: str) -> tuple[str, ...]:
    if "ё" in written:  # whoever writes it says more: «Семёна» is of no «семя»
        word = written.lower()
    if before in PREPOSITIONS:
        return (*noun_roots(word), as_a_name(word)) if written.istitle() else noun_roots(word)
    if not written.istitle() or not (before or _is_nothing_but_a_name(word)):
        return text_roots(word)
    return (*text_roots(word), *names_in(word), as_a_name(word))


@lru_cache(maxsize=20_000)
def text_roots(word: str) -> tuple[str, ...]:
    """Of a word in a text: all that it may well be a form of."""
    if not is_russian(word):
        return _roots_elsewhere(word)
    parses = _parses(word)
    likely = _likely(parses)
    return _known(parses, lambda parse: _meaning_of(parse) in likely) or _guessed(word, parses)


@lru_cache(maxsize=5_000)
def noun_roots(word: str) -> tuple[str, ...]:
    """Of a word behind a preposition, which is no verb: «из стали»."""
    if not is_russian(word):
        return _roots_elsewhere(word)
    nominal = [parse for parse in _parses(word) if parse.tag.POS not in VERBS]
    return _known(nominal, lambda parse: "NOUN" in parse.tag or parse.score >= LIKELY) or text_roots(word)


@lru_cache(maxsize=5_000)
def names_in(word: str) -> tuple[str, ...]:
    """Of a word with a capital letter: of which name it may be a form, however rare that is («Семена»)."""
    if not is_russian(word):
        return ()
    return _known(_parses(word), lambda parse: "sing" in parse.tag and _is_name(parse))


@lru_cache(maxsize=5_000)
def _is_nothing_but_a_name(word: str) -> bool:
    """Of a word with a capital letter at the beginning of a sentence, where any other has one, too."""
    if not is_russian(word):
        return False
    known = [parse for parse in _parses(word) if parse.is_known]
    return word in NEVER_FIRST or all(_is_name(parse) for parse in known)


@lru_cache(maxsize=20_000)
def key_roots(word: str) -> tuple[str, ...]:
    """Of a word in a key. If it may be a dictionary form or in the nominative, it is: «рот» is not of «рота»."""
    if not is_russian(word):
        return _roots_elsewhere(word)
    parses = _parses(word)
    as_written = [parse for parse in parses if fold(parse.normal_form) == word or "nomn" in parse.tag]
    if any(parse.tag.POS == "INFN" and parse.score > AS_GOOD_AS_SURE for parse in as_written):
        as_written = [parse for parse in as_written if fold(parse.normal_form) == word]  # «вести» is no «весть»
    return _known(as_written, lambda _parse: True) or text_roots(word)


@lru_cache(maxsize=5_000)
def key_words(word: str, *, is_title: bool = False) -> tuple[str, ...]:
    """Under what the word of a key is looked for in a text: as it is, and by its roots. One with a capital letter that
    is otherwise but a particle or the like is a name («Ли»), and so written in a text.
    """
    if not is_russian(word):
        return word, *key_roots(word)
    known = [parse for parse in _parses(word) if parse.is_known]
    is_function_word = bool(known) and known[0].tag.POS in FUNCTION_WORDS
    if is_title and is_function_word and len(word) <= LONGEST_LIKE_A_NAME:
        return (as_a_name(word),)
    is_a_lemma = any(fold(parse.normal_form) == word for parse in known)
    return word, *forms_of_name(word, is_known=is_a_lemma), *key_roots(word)


def _likely(parses: list[Parse]) -> set[tuple[str, bool]]:
    """What a word may well mean: the cases of one are taken together, as «ежи» is «ёж» in three of them."""
    scores: defaultdict[tuple[str, bool], float] = defaultdict(float)
    for parse in parses:
        meant = _meaning_of(parse)
        scores[meant] = max(scores[meant], parse.score) if _is_name(parse) else scores[meant] + parse.score
    common = max((score for (_lemma, is_name), score in scores.items() if not is_name), default=0)
    return {
        (lemma, is_name)
        for (lemma, is_name), score in scores.items()
        if score >= (max(LIKELY, common / AS_LIKELY) if is_name else LIKELY)
    }


def _meaning_of(parse: Parse) -> tuple[str, bool]:
    """A name and what is called alike are two; a rare name has to be written as one («Семена»)."""
    return parse.normal_form, _is_name(parse)


def _is_name(parse: Parse) -> bool:
    return any(kind in parse.tag for kind in NAMES)


def is_russian(word: str) -> bool:
    return any("а" <= sign <= "я" for sign in word)


@lru_cache(maxsize=500)
def _parses(word: str) -> list[Parse]:
    """Of a key's word it is asked twice."""
    parses: list[Parse] = dictionary().parse(word)
    return parses


def _known(parses: list[Parse], is_meant: Callable[[Parse], bool]) -> tuple[str, ...]:
    lemmas: dict[str, None] = {}
    for parse in parses:
        if parse.is_known and is_meant(parse):
            lemma = fold(parse.normal_form)
            lemmas[lemma] = None
            if parse.tag.POS in VERBS:
                lemmas |= dict.fromkeys(infinitives_of(lemma, parse))
    return tuple(f"={lemma}" for lemma in lemmas)


def _guessed(word: str, parses: list[Parse]) -> tuple[str, ...]:
    """Of a word that no dictionary has."""
    guesses = dict.fromkeys(fold(parse.normal_form) for parse in parses if parse.score >= LIKELY)
    return (f"~{stem(fold(word), 'russian')}", *(f"?{guess}" for guess in guesses))


def _roots_elsewhere(word: str) -> tuple[str, ...]:
    return tuple(f"={base}" for base in bases_of(word)) if word.isascii() and word.isalpha() else (f"={word}",)
