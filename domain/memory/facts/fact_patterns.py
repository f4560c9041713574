"""Fact patterns: what people say of themselves in so many words, found without a model; pure code, in a thread.

For the demo model, which summarises nothing, and for chapters of which a model gave no facts. A fact is told of «the
other person» (собеседник), in the words of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from domain.dictionary import dictionary
from domain.memory.facts.fact_pattern_table import PATTERNS, Pattern
from domain.memory.facts.known_facts import Known, NewFact, new_fact
from domain.memory.rows import FACT_LIMIT, MadeBy
from domain.text import on_one_line

SHORTEST = 8
READ = 4_000
"""Characters of a message that are looked at."""
MOST_OF_A_MESSAGE = 6
QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")
SENTENCE = re.compile(r"[^.!?…\n;]+[.!?…]*")
CLAUSE_ENDS = re.compile(
    r"\s*(?:[,;:()!?…\n]|\s[—–-]\s|\.(?:\s|$)|\b(?:а|но|потому|поэтому|когда|если|чтобы|хотя|ведь|который|которая|but"
    r"|because|when|if|though|so|since|which|who)\b|\b(?:и|and) (?:я|мы|он|она|оно|они|мне|у|не|тоже|i|we|he|she|it"
    r"|they|my|don't)\b).*$",
    re.IGNORECASE | re.DOTALL,
)
AND = re.compile(r" и (?:не )?([а-яё]+)", re.IGNORECASE)
SINCE = re.compile(r"(?:на|в|с|со|год|месяц|неделю|вчера|недавно|из|к|жить)\b", re.IGNORECASE)


def pattern_facts(messages: Iterable[tuple[int, str]], known: Known) -> list[NewFact]:
    """What these messages of the person's, each with its id, say of them; nothing that is to be forgotten."""
    facts: list[NewFact] = []
    for message_id, text in messages:
        for told, pattern in _told_in(text):
            fact = new_fact(told, pattern.keys, message_id, made_by=MadeBy.EXCERPTS)
            older = _replaced(fact, pattern, known, facts)
            if (
                known.has_taught(fact)
                or known.is_to_be_forgotten(fact)
                or any(each.key_hash == fact.key_hash for each in facts)
            ):
                continue
            same = known.held(fact)
            facts.append(replace(fact, restates_id=same.id) if same else replace(fact, replaces_id=older))
    return facts


def _told_in(text: str) -> list[tuple[str, Pattern]]:
    found: dict[str, Pattern] = {}
    for sentence in SENTENCE.findall(QUOTED.sub(" ", text[:READ].replace("’", "'"))):
        plain = on_one_line(sentence)
        if plain.endswith("?"):
            continue
        for pattern in PATTERNS:
            for match in pattern.said.finditer(plain):
                if told := _worded(match, pattern):
                    found.setdefault(told, pattern)
    return list(found.items())[:MOST_OF_A_MESSAGE]


def _worded(match: re.Match[str], pattern: Pattern) -> str:
    """The fact; "" if it cannot be worded."""
    parts = [_of_one_clause(part or "") for part in match.groups()]
    verb = _of_the_third_person(parts[0]) if pattern.verb else ""
    place = _where(parts[0]) if "{loct}" in pattern.told else ""
    if pattern.is_name and not _is_a_name(parts[-1]):
        return ""
    if (pattern.verb and not verb) or ("{loct}" in pattern.told and not place) or not any(parts):
        return ""
    if pattern.is_name:
        parts[-1] = parts[-1][:1].upper() + parts[-1][1:]
    told = pattern.told.format(*parts, verb=verb, loct=place)
    told = told[:1].upper() + told[1:]
    return told if SHORTEST <= len(told) <= FACT_LIMIT else ""


def _is_a_name(word: str) -> bool:
    """«Меня зовут домой» tells none; many write theirs without a capital."""
    return word[:1].isupper() or any("Name" in each.tag for each in dictionary().parse(word.lower()))


def _of_one_clause(part: str) -> str:
    """«в Твери и работаю в депо» → «в Твери»."""
    plain = CLAUSE_ENDS.sub("", part).rstrip(" .")
    for found in AND.finditer(plain):
        if "VERB" in dictionary().parse(found[1].lower())[0].tag:
            return plain[: found.start()]
    return plain


def _of_the_third_person(verb: str) -> str:
    """«люблю» → «любит»."""
    for reading in dictionary().parse(verb.lower()):
        if {"VERB", "1per", "sing"} <= set(reading.tag.grammemes) and (form := reading.inflect({"3per", "sing"})):
            return str(form.word)
    return ""


def _where(whither: str) -> str:
    """«в Казань» → «в Казани»; "" where that is not certain."""
    preposition, _, place = whither.partition(" ")
    word, _, rest = place.partition(" ")
    for reading in dictionary().parse(word.lower()):
        if (
            reading.tag.case == "accs"
            and "NOUN" in reading.tag
            and (form := reading.inflect({"loct", reading.tag.number}))
        ):
            found = form.word[:1].upper() + form.word[1:] if word[:1].isupper() else form.word
            return f"{preposition} {found} {'' if SINCE.match(rest) else rest}".strip()
    return ""


def _replaced(fact: NewFact, pattern: Pattern, known: Known, found: Iterable[NewFact]) -> int | None:
    """Of what can be only one thing: the newest fact that says another one."""
    if not pattern.only_one or any(each.message_id > fact.message_id for each in found):
        return None
    beginning = _beginning(fact.text, pattern)
    older = [
        each
        for each in known.counted
        if each.text.startswith(beginning) and each.key_hash != fact.key_hash and not each.is_persons_own
    ]
    return max((each.id for each in older if (each.message_id or 0) < fact.message_id), default=None)


def _beginning(told: str, pattern: Pattern) -> str:
    """«Собеседник живёт», «Собаку собеседника зовут»."""
    fixed = pattern.told.replace("{loct}", "{0}")
    if fixed.startswith("{0}"):
        subject = told.split(" ", 1)[0]
        return f"{subject} {fixed.removeprefix('{0} ').partition('{')[0]}".rstrip()
    return fixed.partition("{")[0].rstrip()
