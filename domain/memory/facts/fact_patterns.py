"""Fact patterns: find what people say about themselves in so many words, without a model; pure code, to be called in a
thread.

Used with the demo model, which cannot summarise, and for chapters that a model failed to summarise. Facts are worded
about «the other person» (собеседник), in the words of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from domain.dictionary import dictionary
from domain.memory.facts.fact_pattern_table import PATTERNS, Pattern
from domain.memory.facts.known_facts import Known, NewFact, new_fact, turns_round
from domain.memory.rows import FACT_LIMIT, MadeBy
from domain.text import on_one_line

SHORTEST = 8
READ = 4_000
"""Maximum characters of a message that are searched."""
MOST_OF_A_MESSAGE = 6
QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")
JOKE = re.compile(r"\b(?:шучу|шутка|прикалываюсь|just kidding|i'm kidding|i'm joking)\b", re.IGNORECASE)
NOT_OF_ONESELF = re.compile(
    r"\b(?:представь(?:те)?|представим|вообрази(?:те)?|допустим|предположим|как будто|будто|imagine|suppose|pretend"
    r"|let's say|as if)\b"
    r"|\b(?:сказал|говорил|ответил|написал|спросил|крикнул|прошептал|заявил)[аи]?(?: \w+){0,2}\s*(?::|,? [—–-])"
    r"|\b(?:говорит|отвечает|пишет|спрашивает|кричит|шепчет|said|says|told me|wrote)(?: \w+){0,2}\s*(?::|,? [—–-])"
    r"|[,—–-] (?:сказал|говорил|ответил|спросил|крикнул|прошептал|заявил)[аи]?\b|, (?:he|she|they) said\b",
    re.IGNORECASE,
)
"""Signs that a sentence is about something imagined, or quotes somebody else."""
DENIED = ("не ", "not ")
DENIED_ALONE = re.compile(r"(Собеседник) не (\w+)")
OLDEST = 120
WHEN = re.compile(
    r"\s(?:(?:last|this|next) (?:week|month|year|spring|summer|autumn|winter|fall|night)|yesterday|today|recently"
    r"|(?:\w+ )?(?:days?|weeks?|months?|years?) ago)\b.*$",
    re.IGNORECASE,
)
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
    """The facts that the person's messages, given as (id, text), state about them, without those to be forgotten."""
    facts: list[NewFact] = []
    for message_id, text in messages:
        for said, pattern in _wordings_in(text):
            wording = _completed(said, known)
            fact = new_fact(wording, pattern.keys, message_id, made_by=MadeBy.EXCERPTS)
            older = _replaced(fact, pattern, known, facts)
            if pattern.is_end and older is None:
                facts = [each for each in facts if not turns_round(fact.key_hash, each.key_hash)]
                continue
            if (
                known.has_taught(fact)
                or known.is_to_be_forgotten(fact)
                or any(each.key_hash == fact.key_hash for each in facts)
            ):
                continue
            same = known.held(fact)
            facts.append(replace(fact, restates_id=same.id) if same else replace(fact, replaces_id=older))
    return facts


def _wordings_in(text: str) -> list[tuple[str, Pattern]]:
    found: dict[str, Pattern] = {}
    if JOKE.search(text[:READ].replace("’", "'")):
        return []
    for sentence in SENTENCE.findall(QUOTED.sub(" ", text[:READ].replace("’", "'"))):
        plain = on_one_line(sentence)
        if plain.endswith("?") or NOT_OF_ONESELF.search(plain):
            continue
        for pattern in PATTERNS:
            for match in pattern.said.finditer(plain):
                if wording := _worded(match, pattern):
                    found.setdefault(wording, pattern)
    return list(found.items())[:MOST_OF_A_MESSAGE]


def _worded(match: re.Match[str], pattern: Pattern) -> str:
    """The text of the fact; "" if it cannot be put into words."""
    parts = [_of_one_clause(part or "") for part in match.groups()]
    verb = _of_the_third_person(parts[0]) if pattern.verb else ""
    place = _where(parts[0]) if "{loct}" in pattern.wording else ""
    if any(part.startswith(DENIED) for part in parts) or _is_no_age(parts[0], pattern):
        return ""
    if pattern.is_name and not _is_a_name(parts[-1]):
        return ""
    if (pattern.verb and not verb) or ("{loct}" in pattern.wording and not place) or not any(parts):
        return ""
    if pattern.is_name:
        parts[-1] = parts[-1][:1].upper() + parts[-1][1:]
    wording = pattern.wording.format(*parts, verb=verb, loct=place)
    wording = wording[:1].upper() + wording[1:]
    return wording if SHORTEST <= len(wording) <= FACT_LIMIT else ""


def _completed(wording: str, known: Known) -> str:
    """Add the missing object: «больше не боюсь» refers to what was feared, if that is exactly one thing."""
    denied = DENIED_ALONE.fullmatch(wording)
    if denied is None:
        return wording
    verb = f"{denied[1]} {denied[2]} "
    feared = [each.text.removeprefix(verb) for each in known.counted if each.text.startswith(verb)]
    return f"{wording} {feared[0]}" if len(feared) == 1 else wording


def _is_no_age(number: str, pattern: Pattern) -> bool:
    return pattern.keys in {"возраст", "age"} and number.isdecimal() and int(number) > OLDEST


def _is_a_name(word: str) -> bool:
    """Whether the word is a name, capitalised or not, unlike «домой» in «меня зовут домой»."""
    return word[:1].isupper() or any("Name" in each.tag for each in dictionary().parse(word.lower()))


def _of_one_clause(part: str) -> str:
    """«в Твери и работаю в депо» → «в Твери»."""
    plain = WHEN.sub("", CLAUSE_ENDS.sub("", part)).rstrip(" .")
    for found in AND.finditer(plain):
        if "VERB" in dictionary().parse(found[1].lower())[0].tag:
            return plain[: found.start()]
    return plain


def _of_the_third_person(verb: str) -> str:
    """«люблю», «любить» → «любит»."""
    for reading in dictionary().parse(verb.lower()):
        is_of_oneself = {"VERB", "1per", "sing"} <= set(reading.tag.grammemes) or "INFN" in reading.tag
        if is_of_oneself and (form := reading.inflect({"3per", "sing"})):
            return str(form.word)
    return ""


def _where(whither: str) -> str:
    """«в Казань» → «в Казани»; "" if the form is not certain."""
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
    """The id of the fact that this one ends: one that says the opposite or, for an `only_one` pattern, the newest other
    fact of its kind.
    """
    if any(each.message_id > fact.message_id for each in found):
        return None
    if over := known.turned_round_by(fact):
        return over.id
    if not pattern.only_one:
        return None
    kind = _kind_of(fact.text, pattern)
    older = [
        each
        for each in known.counted
        if kind.fullmatch(each.text) and each.key_hash != fact.key_hash and not each.is_persons_own
    ]
    return max((each.id for each in older if (each.message_id or 0) < fact.message_id), default=None)


def _kind_of(wording: str, pattern: Pattern) -> re.Pattern[str]:
    """An expression for the facts about the same thing: «Собеседник живёт …», or «Собака собеседника зовут …» for the
    dog and nobody else.
    """
    if pattern.kind:
        return re.compile(pattern.kind)
    *before, last = re.split(r"\{\w+\}", pattern.wording)
    if len(before) > 1:  # the subject, whose name it is, is part of the kind
        subject = wording[len(before[0]) :].partition(before[1])[0]
        return re.compile(re.escape(f"{before[0]}{subject}{before[1]}") + ".+" + re.escape(last))
    return re.compile(re.escape(before[0]) + ".+" + re.escape(last))
