"""Decides whether a model's summary is believed: it must be a record, and must add nothing of its own; pure code.

Models refuse, continue the talk instead of summarising it, answer in another language, and invent. If a summary is not
believed, the model is asked once more and told the reason; after that, the summary is done without.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, partial

from domain.dictionary import dictionary
from domain.memory.number_words import IN_WORDS
from domain.memory.sentences import Word, numbers_of, words_of
from domain.memory.summaries.excerpts import Roots

LONGEST = 1.5
"""Factor by which a text may exceed its limit, to be cut at the end of a sentence; a longer one is asked for again."""
LEAST_IN_SOURCE = 0.25
"""Minimum share of a summary's longer words that must occur in its source."""
LEAST_OF_ALPHABET = 0.5
SHORTEST_WORD = 4
FEWEST_WORDS = 4
"""Minimum words for their share in the source to mean anything."""
NUMERALS = {str(value): words.split()[0] for value, words in IN_WORDS.items()}
"""The word for each number in digits, since what was said in words may be written in digits."""

_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|„[^“”]*[“”]|\"[^\"]*\"")
_IN_ROLE = {
    "cyrillic": re.compile(
        r"\b(я|меня|мне|мной|мы|нас|нам|нами|мо[йяеёи]|моего|моей|моему|моих|моим|мою|наш\w{0,3}|"
        r"ты|тебя|тебе|тобой|тво[йяеёи]|твоего|твоей|твоих|твою|вы|вас|вам|вами|ваш\w{0,3})\b",
        re.IGNORECASE,
    ),
    "latin": re.compile(r"\b(i|i'm|me|my|we|us|our|you|your)\b", re.IGNORECASE),
}
"""Words of the first and second person, which a record has only inside quotes."""
_REFUSAL = re.compile(
    r"\bне (могу|смогу|буду|вправе) (\w+ )?(обсужд|помо|выполн|пересказ|ответ|продолж|созда|напис|обработ)|"
    r"\bдавайте поговорим о\b|\bкак (языковая модель|ии\b|искусственный)|\bя (—|-|–)? ?(нейросет|языковая модель)|"
    r"\bi (can't|cannot|can not|am unable|won't)\b|\bas an ai\b|\bi'm sorry\b",
    re.IGNORECASE,
)


class Doubt(Enum):
    EMPTY = "ничего не сказано"
    REFUSAL = "это отказ, а не запись"
    OTHER_LANGUAGE = "он не на языке реплик"
    IN_ROLE = "это ответ на реплику, а не запись в третьем лице"
    UNRELATED = "он не о том, что сказано в репликах"
    INVENTED = "в нём есть «{what}», чего нет в репликах"
    TOO_LONG = "он длиннее, чем просили"


@dataclass(frozen=True)
class Refused:
    """Reason that a text is not believed; `reason` is its wording for the model."""

    doubt: Doubt
    what: str = ""

    @property
    def reason(self) -> str:
        return self.doubt.value.format(what=self.what)


@dataclass(frozen=True)
class Source:
    """Basis of a summary: `texts` are what it sums up; `known` are the card, names, the previous chapter and facts."""

    texts: Sequence[str]
    roots: Roots
    known: Sequence[str] = field(default=())

    @cached_property
    def of_texts(self) -> set[str]:
        return self._roots_of(self.texts)

    @cached_property
    def of_all(self) -> set[str]:
        return self.of_texts | self._roots_of(self.known)

    @cached_property
    def numbers(self) -> set[str]:
        digits = {number for text in (*self.texts, *self.known) for number in numbers_of(text)}
        said = {number for number, word in NUMERALS.items() if not self.of_all.isdisjoint(self.roots(word))}
        return digits | said

    def has(self, word: Word) -> bool:
        return not self.of_all.isdisjoint(self.roots(word.folded))

    def _roots_of(self, texts: Iterable[str]) -> set[str]:
        return {root for text in texts for word in words_of(text) for root in self.roots(word.folded)}


def refuse(text: str, source: Source, limit: int) -> Refused | None:
    """Reason that the text is not believed; None if it is."""
    doubts = (_doubt_of_kind, _doubt_of_content, partial(_doubt_of_length, limit=limit))
    return next((found for doubt in doubts if (found := doubt(text, source))), None)


def _doubt_of_kind(text: str, source: Source) -> Refused | None:
    """Reason that the text is no record at all; None if it is one."""
    unquoted = _QUOTED.sub(" ", text)
    if not text.strip():
        return Refused(Doubt.EMPTY)
    if _REFUSAL.search(unquoted):
        return Refused(Doubt.REFUSAL)
    if _is_in_another_alphabet(text, source):
        return Refused(Doubt.OTHER_LANGUAGE)
    in_role = _IN_ROLE.get(_common_alphabet(text))
    return Refused(Doubt.IN_ROLE) if in_role and in_role.search(unquoted) else None


def _doubt_of_content(text: str, source: Source) -> Refused | None:
    if invented := _invention(text, source):
        return Refused(Doubt.INVENTED, invented)
    return Refused(Doubt.UNRELATED) if _is_unrelated(text, source) else None


def _doubt_of_length(text: str, _source: Source, limit: int) -> Refused | None:
    return Refused(Doubt.TOO_LONG) if len(text) > LONGEST * limit else None


def _is_in_another_alphabet(text: str, source: Source) -> bool:
    own, common = _letters(text), _common_alphabet(" ".join(source.texts))
    return bool(common) and own[common] < LEAST_OF_ALPHABET * own.total()


def _common_alphabet(text: str) -> str:
    letters = _letters(text)
    return letters.most_common(1)[0][0] if letters else ""


def _letters(text: str) -> Counter[str]:
    """The number of Cyrillic, Latin and other letters."""
    kinds = (
        "cyrillic" if "Ѐ" <= sign <= "ӿ" else "latin" if sign < "ɐ" else "other" for sign in text if sign.isalpha()
    )
    return Counter(kinds)


def _is_unrelated(text: str, source: Source) -> bool:
    words = [word for word in words_of(text) if len(word.text) >= SHORTEST_WORD]
    if len(words) < FEWEST_WORDS:
        return False
    in_source = sum(not source.of_texts.isdisjoint(source.roots(word.folded)) for word in words)
    return in_source < LEAST_IN_SOURCE * len(words)


def _invention(text: str, source: Source) -> str:
    """A number or name that is not in the source; "" if there is none."""
    if numbers := numbers_of(text) - source.numbers:
        return min(numbers)
    names = (word for word in words_of(text) if word.is_capitalised and len(word.text) > 1)
    return next((word.text for word in names if not source.has(word) and (word.is_inside or _is_name(word))), "")


def _is_name(word: Word) -> bool:
    """Whether a word that begins a sentence, where every word is capitalised, can only be a name."""
    if not "Ѐ" <= word.text[0] <= "ӿ":
        return False
    known = [each for each in dictionary().parse(word.folded) if each.is_known]
    return not known or any(kind in known[0].tag for kind in ("Name", "Surn", "Patr", "Geox"))
