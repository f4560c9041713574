"""Words of texts and keys, and the roots by which one is recognised as a form of the other.

A Russian word that the dictionary has is known by its dictionary forms («мать» is not «мат»). Any other, names above
all, is known by its stem and by what the dictionary guesses. English words are known by their endings. Each word is
analysed once.
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
from domain.books.matching.name_forms import VERBS, as_a_name, forms_of_name, is_name
from domain.books.matching.verbs import infinitives_of
from domain.dictionary import LIKELY, dictionary
from domain.stemming import stem
from storage.text_search import fold

if TYPE_CHECKING:
    from pymorphy3.analyzer import Parse

PART = re.compile(r"[^\W_]+")
SENTENCE_END = re.compile(r"[.!?…\n]")
OPENING = re.compile(r"[:«»“”„\"*()\[\]—–]| -+ ")
"""Signs after which speech, a remark or an action may begin, with a capital: «Он ответил: «Да, конечно»»."""
EXCLAMATIONS = frozenset(("ну", "да", "нет", "ах", "ох", "эх", "ой", "а", "о"))
"""Words after which, and a comma, the next word may be as capitalised as they are: «Ну, Да»."""
LONGEST_ABBREVIATION = 3
"""Maximum letters before a full stop that does not end a sentence: «св. Пётр», «Dr. House»."""
UNSEEN = {ord(sign): None for sign in "\u0300\u0301\u00ad\u200b\u2060\ufe0e\ufe0f\ufeff"} | {0x450: "е", 0x45D: "и"}
"""Stress marks, soft hyphens and the like, which are not part of any word."""
PREPOSITIONS = frozenset(
    (
        *("без", "в", "во", "для", "до", "за", "из", "изо", "к", "ко", "между", "на", "над", "о", "об", "обо", "от"),
        *("ото", "перед", "по", "под", "при", "про", "ради", "с", "со", "среди", "у", "через", "около", "возле"),
    )
)
FUNCTION_WORDS = ("PREP", "CONJ", "PRCL")
LONGEST_LIKE_A_NAME = 3
"""Maximum letters of a function word that is also a name of people."""
NEVER_FIRST = frozenset(("ли", "ль", "же", "бы", "бо", "ка", "ди", "ла", "ле", "ван", "бин"))
"""Function words that never begin a sentence, unless as a name («Ван Гог»)."""
AS_GOOD_AS_SURE = 0.5
AS_LIKELY = 3
"""Factor by which a name may be less likely than a common word; beyond it, it must be written as a name to be meant."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, folded, and its roots. A word of a key is looked up in a text by its roots. `is_first` means
    that it begins a sentence: no phrase runs into it from the sentence before.
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
    """`text` without the signs that are not part of any word."""
    folded: str
    words: list[Word]
    at_root: dict[str, list[int]] = field(repr=False)
    """Indexes in `words` of each root and each folded word."""

    @cached_property
    def forms(self) -> str:
        """Its distinct words, one per line."""
        return "\n".join(dict.fromkeys(word.folded for word in self.words))

    @cached_property
    def written_forms(self) -> str:
        return "\n".join(dict.fromkeys(word.written for word in self.words))


def read_text(text: str) -> ReadText:
    """Slow for words not seen before, since the dictionary is consulted: call it in a thread."""
    clean = without_unseen(text)
    words = list(words_of(clean, _roots_in_text))
    at_root: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words):
        for root in {*word.roots, word.folded}:
            at_root[root].append(place)
    return ReadText(text, clean, fold(clean), words, dict(at_root))


def words_of_key(text: str, *, is_exact: bool = False) -> tuple[Word, ...]:
    """The words of a key. An exact key is looked for in this form only. A single capitalised word may be a name; in a
    phrase, the capital of the first word says nothing.
    """
    if is_exact:
        return tuple(words_of(text, lambda folded, *_told: (folded,)))
    is_title = is_capitalised_word(text)
    return tuple(words_of(text, lambda folded, *_told: key_words(folded, is_title=is_title)))


def is_capitalised_word(text: str) -> bool:
    return PART.fullmatch(text) is not None and text.istitle()


def without_unseen(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(UNSEEN)


def words_of(text: str, roots_of: Callable[[str, str, str, bool], tuple[str, ...]]) -> Iterator[Word]:
    """Split a text into words. A hyphenated word becomes its parts, so that «Нью-Йорк» is found in «Нью Йорке» as well.
    `roots_of` takes the word folded, the word as written, the folded word before it in the sentence, and whether it
    opens a sentence or speech, where any word is capitalised.
    """
    end, before = 0, ""
    for found in PART.finditer(text):
        gap = text[end : found.start()]
        folded = fold(found[0])
        is_first, opens = (False, False) if gap == " " else _beginning(gap, before)
        before = "" if is_first else before
        yield Word(found[0], folded, roots_of(folded, found[0], before, opens or not before), is_first)
        end, before = found.end(), folded


def _beginning(gap: str, before: str) -> tuple[bool, bool]:
    """Whether the gap between two words ends a sentence, and whether a sentence or speech begins after it."""
    if gap == ", ":
        return False, before in EXCLAMATIONS
    is_abbreviation = gap.strip() == "." and before.isalpha() and len(before) <= LONGEST_ABBREVIATION
    is_first = SENTENCE_END.search(gap) is not None and not is_abbreviation
    return is_first, is_first or OPENING.search(gap) is not None


def _roots_in_text(word: str, written: str, before: str, opens: bool) -> tuple[str, ...]:
    if "ё" in written:  # ё is more specific: «Семёна» is not a form of «семя»
        word = written.lower()
    if before in PREPOSITIONS:
        return (*noun_roots(word), as_a_name(word)) if written.istitle() else noun_roots(word)
    if not written.istitle() or (opens and not _is_nothing_but_a_name(word)):
        return text_roots(word)
    return (*text_roots(word), *names_in(word), as_a_name(word))


@lru_cache(maxsize=20_000)
def text_roots(word: str) -> tuple[str, ...]:
    """The roots of a word in a text: everything that it may well be a form of."""
    if not is_russian(word):
        return _non_russian_roots(word)
    parses = _parses(word)
    likely = _likely(parses)
    return _known(parses, lambda parse: _meaning_of(parse) in likely) or _guessed(word, parses)


@lru_cache(maxsize=5_000)
def noun_roots(word: str) -> tuple[str, ...]:
    """The roots of a word after a preposition, which cannot be a verb: «из стали»."""
    if not is_russian(word):
        return _non_russian_roots(word)
    nominal = [parse for parse in _parses(word) if parse.tag.POS not in VERBS]
    return _known(nominal, lambda parse: "NOUN" in parse.tag or parse.score >= LIKELY) or text_roots(word)


@lru_cache(maxsize=5_000)
def names_in(word: str) -> tuple[str, ...]:
    """The names that a capitalised word may be a form of, however rare («Семена»)."""
    if not is_russian(word):
        return ()
    return _known(_parses(word), lambda parse: "sing" in parse.tag and is_name(parse))


@lru_cache(maxsize=5_000)
def _is_nothing_but_a_name(word: str) -> bool:
    """Whether a capitalised word at the beginning of a sentence, where any word is capitalised, can only be a name."""
    if not is_russian(word):
        return False
    known = [parse for parse in _parses(word) if parse.is_known]
    return word in NEVER_FIRST or all(is_name(parse) for parse in known)


@lru_cache(maxsize=20_000)
def key_roots(word: str) -> tuple[str, ...]:
    """The roots of a word in a key. If it can be a dictionary form or a nominative, it is read as one: «рот» is not
    «рота».
    """
    if not is_russian(word):
        return _non_russian_roots(word)
    parses = _parses(word)
    as_written = [parse for parse in parses if fold(parse.normal_form) == word or "nomn" in parse.tag]
    if any(parse.tag.POS == "INFN" and parse.score > AS_GOOD_AS_SURE for parse in as_written):
        as_written = [parse for parse in as_written if fold(parse.normal_form) == word]  # «вести» is not «весть»
    return _known(as_written, lambda _parse: True) or text_roots(word)


@lru_cache(maxsize=5_000)
def key_words(word: str, *, is_title: bool = False) -> tuple[str, ...]:
    """The lookup terms of a key's word in a text: itself, its forms if it is a short name, and its roots.

    A capitalised word that would otherwise be a function word is a name («Ли»), and must be written as one in the text.
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
    """The likely meanings of a word. The scores of a common word's cases are added up («ежи» is «ёж» in three); of a
    name's, the highest counts.
    """
    scores: defaultdict[tuple[str, bool], float] = defaultdict(float)
    for parse in parses:
        meant = _meaning_of(parse)
        scores[meant] = max(scores[meant], parse.score) if is_name(parse) else scores[meant] + parse.score
    common = max((score for (_lemma, is_name), score in scores.items() if not is_name), default=0)
    return {
        (lemma, is_name)
        for (lemma, is_name), score in scores.items()
        if score >= (max(LIKELY, common / AS_LIKELY) if is_name else LIKELY)
    }


def _meaning_of(parse: Parse) -> tuple[str, bool]:
    """A name and a common word spelled alike are two meanings; a rare name must be written as one («Семена»)."""
    return parse.normal_form, is_name(parse)


def is_russian(word: str) -> bool:
    return any("а" <= sign <= "я" for sign in word)


@lru_cache(maxsize=500)
def _parses(word: str) -> list[Parse]:
    """Cached, since the parses of a word in a key are needed twice."""
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
    """The roots of a word that the dictionary does not have."""
    guesses = dict.fromkeys(fold(parse.normal_form) for parse in parses if parse.score >= LIKELY)
    return (f"~{stem(fold(word), 'russian')}", *(f"?{guess}" for guess in guesses))


def _non_russian_roots(word: str) -> tuple[str, ...]:
    return tuple(f"={base}" for base in bases_of(word)) if word.isascii() and word.isalpha() else (f"={word}",)
