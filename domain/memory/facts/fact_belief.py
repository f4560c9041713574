"""Fact belief: decides which of the facts that a model found are kept; pure code, to be called in a thread.

Models invent. So a fact is kept only if the message it cites says the same: it must share the roots, names and numbers,
and affirm or deny as the message does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache

from domain.llm.port import Role
from domain.memory.facts.fact_denials import is_turned_round
from domain.memory.facts.fact_lines import FactLine, read_lines
from domain.memory.facts.fact_words import Said, likeness, read, share_in, word_forms
from domain.memory.facts.held_facts import HeldFact
from domain.memory.facts.known_facts import THE_SAME, Known, NewFact, is_the_same, new_fact
from domain.memory.rows import FACT_LIMIT
from domain.memory.sentences import SENTENCE

SHORTEST = 8
A_LONG_ONE = 5
"""One word in this many may differ from what was said in the cited message and the ones next to it."""
OTHER_WORDS = """
иметь владеть являться жить находиться работать служить заниматься держать состоять приходиться питомец профессия
возраст имя кличка город место дом родственник есть содержать обещать пообещать
have own keep live work serve be pet job profession age name city place home relative promise
"""
"""Words that a fact may use though the message does not: «имеет кота» for «у меня кот»."""
MOST_KEPT = 6
"""Maximum facts per chapter."""
CONFIRMATION = 3
"""A message of at most this many words may be a yes to the question before it."""
SHORT_NAME = 3
"""Maximum letters of a name that is looked for whole, since too little would be left without its last one."""
PROMISE = re.compile(
    r"\b(?:по?обеща\w*|обещан\w*|дал\w? слово|поклял\w+|клянется|клянусь|договорил\w+|уговорил\w+|условил\w+|promis\w+"
    r"|agreed|vow\w*|sw[oe]re)\b",
    re.IGNORECASE,
)
OF_THE_CHARACTER = re.compile(r"\b(?:персонаж\w*|the character)\b", re.IGNORECASE)
OF_THE_PERSON = re.compile(r"^\W*(?:у )?(?:собеседни\w+|пользовател\w+|the person|the user)\b", re.IGNORECASE)


@dataclass(frozen=True)
class NumberedMessage:
    """A message as it was given to the model that looked for facts."""

    number: int
    id: int
    role: Role
    text: str


@dataclass(frozen=True)
class Speakers:
    """The two speakers, whose names any fact may contain, and the character's card, which is known anyway."""

    character: str
    person: str
    card: str = ""


def believed_facts(
    answer: str, messages: Sequence[NumberedMessage], *, speakers: Speakers, known: Known, offered: Sequence[HeldFact]
) -> list[NewFact]:
    """The facts in a model's answer that the messages bear out, without duplicates or facts the person wants forgotten.

    A fact that only repeats one that already holds has the id of the older one as `restates_id`.
    """
    sources = {each.number: each for each in messages}
    kept: list[NewFact] = []
    for line in read_lines(answer):
        cited = sources.get(line.number)
        if cited is None or not _is_borne_out(line, cited, sources, speakers):
            continue
        fact = _fact(line, cited, offered, speakers)
        if fact.replaces_id is None and (over := known.turned_round_by(fact)):
            fact = replace(fact, replaces_id=over.id)
        is_twice = any(is_the_same(fact.key_hash, other.key_hash) for other in kept)
        if not is_twice and not known.has_taught(fact) and not known.is_to_be_forgotten(fact):
            same = known.held(fact)
            kept.append(replace(fact, restates_id=same.id) if same else fact)
        if len(kept) == MOST_KEPT:
            break
    return kept


def _fact(line: FactLine, cited: NumberedMessage, offered: Sequence[HeldFact], speakers: Speakers) -> NewFact:
    fact = new_fact(line.text, line.keys, cited.id, names=(speakers.character, speakers.person))
    if not 0 < line.instead_of <= len(offered):
        return fact
    older = offered[line.instead_of - 1]
    is_another = not is_the_same(older.key_hash, fact.key_hash)
    if is_another and not older.is_persons_own and not older.roots.isdisjoint(fact.roots):
        return replace(fact, replaces_id=older.id)
    return fact


def _is_borne_out(
    line: FactLine, cited: NumberedMessage, sources: dict[int, NumberedMessage], speakers: Speakers
) -> bool:
    if not SHORTEST <= len(line.text) <= FACT_LIMIT or "?" in line.text:
        return False
    fact = read(line.text)
    names = _allowed(speakers)
    words = [each for each in fact.words if not each & names]
    around = (line.number - 1, line.number, line.number + 1)
    source = "\n".join(sources[number].text for number in around if number in sources)
    return (
        _are_there(words, source)
        and _says_it(words, cited, sources)
        and _has_all_names(fact, source, names)
        and fact.numbers <= read(source).numbers
        and not is_turned_round(line.text, _stated(source))
        and _is_of_the_speaker(line.text, cited, speakers)
        and not _is_in_the_card(fact, cited, speakers.card)
    )


def _are_there(words: Collection[frozenset[str]], source: str) -> bool:
    """Whether the source contains the fact's words: all of them if the fact is short, nearly all if it is long.

    Half would not do: «работает врачом» would pass for «работаю электриком».
    """
    telling = [each for each in words if not each & _other_roots()]
    there = read(source).roots
    missing = sum(1 for each in telling if not each & there)
    return bool(telling) and missing <= len(telling) // A_LONG_ONE


@cache
def _other_roots() -> frozenset[str]:
    return frozenset().union(*(roots for _word, roots in word_forms(OTHER_WORDS)))


def _says_it(words: Collection[frozenset[str]], cited: NumberedMessage, sources: dict[int, NumberedMessage]) -> bool:
    """Whether the cited message itself states part of the fact (questions do not count), or says yes to the message
    before it.
    """
    if any(each & read(_stated(cited.text)).roots for each in words):
        return True
    before = sources.get(cited.number - 1)
    is_brief = len(re.findall(r"\w+", cited.text)) <= CONFIRMATION and "?" not in cited.text
    return is_brief and before is not None and before.role != cited.role and not _denies(cited.text)


def _stated(text: str) -> str:
    return " ".join(each for each in SENTENCE.findall(text) if not each.rstrip('»”") ').endswith("?"))


def _denies(text: str) -> bool:
    return bool(re.search(r"\b(?:нет|не|неа|no|not|nope|never)\b", text, re.IGNORECASE))


def _has_all_names(fact: Said, source: str, allowed: frozenset[str]) -> bool:
    there = frozenset().union(*(roots for _, roots in word_forms(source)), allowed)
    return all(roots & there or _has_form(word, source) for word, roots in fact.names)


def _has_form(name: str, source: str) -> bool:
    """Whether the source has the name in some case: names missing from the dictionary decline too («Жуля», «Жулю»)."""
    stem = name[:-1] if len(name) > SHORT_NAME else name
    return any(word.startswith(stem) and len(word) - len(stem) <= 2 for word, _ in word_forms(source))  # noqa: PLR2004 - an ending has two letters


def _is_of_the_speaker(text: str, cited: NumberedMessage, speakers: Speakers) -> bool:
    """Any fact may come from the person's messages, but only promises and facts about the character from its own."""
    if cited.role == Role.USER:
        return True
    first = next(iter(word_forms(text)), ("", frozenset()))[1]
    if OF_THE_PERSON.search(text) or first & _name_roots(speakers.person):
        return False
    mentions_itself = any(roots & _name_roots(speakers.character) for _, roots in word_forms(text))
    return bool(PROMISE.search(text) or OF_THE_CHARACTER.search(text) or mentions_itself)


def _is_in_the_card(fact: Said, cited: NumberedMessage, card: str) -> bool:
    """Whether the card says it already. A fact from the character's words is dropped if the card contains it, one from
    the person's only if the card says the same.
    """
    for sentence in SENTENCE.findall(card):
        heard = read(sentence)
        if likeness(fact, heard) >= THE_SAME:
            return True
        if cited.role == Role.ASSISTANT and len(fact.words) > 1 and share_in(fact.words, heard.roots) >= THE_SAME:
            return True
    return False


def _allowed(speakers: Speakers) -> frozenset[str]:
    return _name_roots(speakers.character) | _name_roots(speakers.person)


def _name_roots(name: str) -> frozenset[str]:
    return frozenset().union(*(roots for _, roots in word_forms(name)))
