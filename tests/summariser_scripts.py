"""Scripts of the fake model server for requests of memory to summarise: it does so well, badly, or not at all.

    server.refuses = summariser = Summariser("faithful")     # replies go on as they are queued
    summariser.manner = "refusing"                           # from the next request on
    summariser.asked                                         # what came in, read: chapters, parents, digests
    summariser.invented                                      # every string that is in no message

A request for a summary is recognised by its wording (in `read`, and nowhere else); every other request is for a reply,
and none of the summariser's business. The same text always gets the same answer, except for inventions: names and
numbers, none of which comes twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count

from tests.llm_server import REFUSAL, Behaviour, Request
from tests.told_facts import Told, facts_in, first_clause

SLOWLY = 3.0  # seconds before the first word of `slow`, if nothing else is said
MOST_FACTS = 6


class Job(StrEnum):
    CHAPTER = "chapter"
    PARENT = "parent"
    DIGEST = "digest"


@dataclass(frozen=True)
class Said:
    number: int
    who: str
    text: str


@dataclass(frozen=True)
class Asked:
    """A request for a summary of at most `longest` characters."""

    job: Job
    longest: int
    said: list[Said] = field(default_factory=list)
    """Of a chapter: its messages."""
    records: list[str] = field(default_factory=list)
    """Of a parent or a digest: what it is to be made of."""
    known: dict[str, str] = field(default_factory=dict)
    """Of a chapter: facts that are known already, by the names (Ф1) under which they were told."""
    person: str = ""
    is_second_try: bool = False


MARKS = {Job.CHAPTER: "\nГЛАВА\n", Job.PARENT: "соседних записей летописи", Job.DIGEST: "Напиши общую канву"}


def read(request: Request) -> Asked | None:
    """The request as parsed; None if it does not ask for a summary."""
    texts = [str(each["content"]) for each in request.body.get("messages", ())]
    order, material = "\n".join(texts[:1]), "\n".join(texts[1:])
    job = next((job for job, mark in MARKS.items() if mark in order), None)
    if job is None:
        return None
    limit = re.search(r"не длиннее (\d+)", order)
    person = re.search(r"персонаж\) и (.+?) \(собеседник", order)
    asked = Asked(
        job,
        int(limit[1]) if limit else 300,
        person=person[1] if person else "",
        is_second_try="Прошлый ответ не подошёл" in order + material,
    )
    if job == Job.CHAPTER:
        before, _, talk = material.partition("Реплики:")
        known = re.findall(r"(Ф\d+)[.:)—\s]+(.+?)(?=[;,\s]*Ф\d+|\n|$)", before)
        asked.known.update(known)
        lines = re.findall(r"^\[(\d+)\] ([^:\n]+): (.*?)(?=\n+\[\d+\] |\Z)", talk, re.MULTILINE | re.DOTALL)
        asked.said.extend(Said(int(number), who, text.strip()) for number, who, text in lines)
    else:
        records = re.split(r"\n+", re.sub(r"(?m)^(?:\[?\d+[.\])]\s*|[-•–]\s+)", "", material))
        asked.records.extend(each.strip() for each in records if each.strip())
    return asked


class Summariser:
    """Answers as one of `MANNERS`."""

    def __init__(self, manner: str = "faithful", slowly: float = SLOWLY) -> None:
        self.manner = manner
        self.slowly = slowly
        self.asked: list[Asked] = []
        self.invented: list[str] = []
        self._inventions = inventions()

    def __call__(self, request: Request) -> Behaviour | None:
        asked = read(request)
        if asked is None:
            return None
        self.asked.append(asked)
        return MANNERS[self.manner](asked, self)

    def invent(self) -> tuple[str, str]:
        """A name and a number that nobody ever said."""
        name, number = next(self._inventions)
        self.invented += [name, number]
        return name, number


def faithful(asked: Asked, _: Summariser) -> Behaviour:
    """The first clause of each message, those with a fact before others where not all fit; facts as they were said."""
    return Behaviour(_answer(asked, _summary(asked, asked.said, asked.records), list(_facts(asked))))


def lossy(asked: Asked, _: Summariser) -> Behaviour:
    """Half of everything."""
    summary = _summary(asked, asked.said[::2], asked.records[::2])
    return Behaviour(_answer(asked, summary, list(_facts(asked))[::2]))


def inventing(asked: Asked, summariser: Summariser) -> Behaviour:
    """As `faithful`, with inventions: a stranger and a number as facts, and in the text of every other chapter."""
    summary, facts = _summary(asked, asked.said, asked.records), list(_facts(asked))
    name, number = summariser.invent()
    if len(summariser.asked) % 2:
        summary += f" Потом пришёл {name} и отдал долг, {number} рублей."
    if asked.said:
        first, last = asked.said[0], asked.said[-1]
        subject = first_clause(first.text).rstrip(".!?…")
        facts = [
            f"[{first.number}] {subject}, и с ними {name} | {name}, друг",
            f"[{last.number}] У собеседника дома {number} книг | книги, библиотека",
            f"[{last.number}] {first_clause(last.text).rstrip('.!?…')} {number} раз | {number}",
            *facts[: MOST_FACTS - 3],
        ]
    return Behaviour(_answer(asked, summary, facts))


def verbose(asked: Asked, _: Summariser) -> Behaviour:
    """Three times as long as it may be, with every fact twice."""
    text = " ".join(each.text for each in asked.said) or " ".join(asked.records)
    facts = list(_facts(asked))
    return Behaviour(_answer(asked, (text * 9)[: 3 * asked.longest], [*facts, *facts]))


def in_role(asked: Asked, _: Summariser) -> Behaviour:
    """Continues the talk instead of summarising it."""
    last = asked.said[-1].text if asked.said else asked.records[-1]
    return Behaviour(f"Ах, как хорошо, что ты спрашиваешь! Я тебе сейчас всё расскажу. {first_clause(last)}")


def refusing(_asked: Asked, _: Summariser) -> Behaviour:
    """Refuses in words: nothing but the text shows it."""
    return Behaviour(REFUSAL)


def filtered(_asked: Asked, _: Summariser) -> Behaviour:
    """The provider's filter answers."""
    return Behaviour(fault="filter_at_once")


def empty(_asked: Asked, _: Summariser) -> Behaviour:
    """Says nothing, as when all its tokens went into thoughts."""
    return Behaviour(fault="empty")


def english(asked: Asked, _: Summariser) -> Behaviour:
    summary = "They talked about the sea and the weather. She promised to write, and he told her about his work."
    return Behaviour(_answer(asked, summary, ["[1] He lives by the sea | sea, home"]))


def slow(asked: Asked, summariser: Summariser) -> Behaviour:
    """As `faithful`, after a while."""
    return Behaviour(faithful(asked, summariser).text, hold=summariser.slowly)


def waiting(asked: Asked, summariser: Summariser) -> Behaviour:
    """As `faithful`, but stops in the middle until the server is told to go on."""
    return Behaviour(faithful(asked, summariser).text, style="fine", fault="waits")


def broken_lines(asked: Asked, _: Summariser) -> Behaviour:
    """A sound text, but of its lines of facts only the first is valid."""
    sound = list(_facts(asked))[:1]
    number = asked.said[0].number if asked.said else 1
    broken = [
        f"[{number}",
        f"{number}] ",
        "[999] В доме живёт кот | кот",
        "[семь] Любит чай | чай",
        "- и ещё много всего",
        json.dumps([{"source": number, "fact": "любит чай"}], ensure_ascii=False),
        f"[{number}] а | б",
        f"[{number}] {'очень длинный факт ' * 20}| слова",
    ]
    return Behaviour(_answer(asked, _summary(asked, asked.said, asked.records), [*sound, *broken]))


MANNERS: dict[str, Callable[[Asked, Summariser], Behaviour]] = {
    each.__name__: each
    for each in (
        *(faithful, lossy, inventing, verbose, in_role, refusing, filtered, empty, english, slow, waiting),
        broken_lines,
    )
}


def _answer(asked: Asked, summary: str, facts: list[str]) -> str:
    """The answer in its form: two headings for a chapter, the text alone for what is made of chapters."""
    return f"ГЛАВА\n{summary}\nФАКТЫ\n{chr(10).join(facts) or 'нет'}" if asked.job == Job.CHAPTER else summary


def _summary(asked: Asked, said: list[Said], records: list[str]) -> str:
    """Sentences, as many as fit, in their order; those that tell a fact take precedence."""
    if asked.job != Job.CHAPTER:
        sentences = [each for record in records for each in re.findall(r"[^.!?…]+(?:[.!?…]+»?)?", record)]
        weights = [(0 if any(facts_in(each)) else 1) for each in sentences]
    else:
        sentences = [f"{each.who} рассказывает: «{_told(each)}»." for each in said]
        weights = [0 if any(facts_in(each.text)) else 1 for each in said]
    kept: set[int] = set()
    room = asked.longest
    for at in sorted(range(len(sentences)), key=lambda at: (weights[at], at)):
        if (length := len(sentences[at].strip()) + 1) <= room:
            kept.add(at)
            room -= length
    return " ".join(sentences[at].strip() for at in sorted(kept)) or sentences[0][: asked.longest]


def _told(said: Said) -> str:
    """The sentence with a fact, if there is one; else the first clause."""
    fact = next(facts_in(said.text), None)
    return (fact.text if fact else first_clause(said.text)).rstrip(".!?…")


def _facts(asked: Asked) -> Iterator[str]:
    """Lines under ФАКТЫ: the sentence, words to find it by, and the fact that it replaces."""
    if asked.job != Job.CHAPTER:
        return
    known = {fact.subject: name for name, text in asked.known.items() for fact in facts_in(text)}
    found = [(each, fact) for each in asked.said for fact in facts_in(each.text)]
    for each, fact in found[:MOST_FACTS]:
        replaced = f" (вместо {known[fact.subject]})" if _replaces(fact, known) else ""
        yield f"[{each.number}] {fact.text.rstrip('.!…')} | {', '.join(fact.keys)}{replaced}"


def _replaces(fact: Told, known: dict[str, str]) -> bool:
    return fact.is_news and fact.subject in known


def inventions() -> Iterator[tuple[str, str]]:
    """Names that nobody has, and numbers, without end."""
    begin = ("Ар", "Бе", "Ва", "Го", "До", "Зе", "Ки", "Лу", "Ми", "Но")
    end = ("дульф", "тромир", "кандий", "лентай", "стафан", "врокл", "мпелий", "нгарт", "спирон", "хтомед")
    for n in count():
        name = begin[n % 10] + end[n // 10 % 10] + ("" if n < 100 else str(n // 100))
        yield name, str(71_003 + 17 * n)
