"""Demo model, repertoires: the lines of a character and what each of them answers, from TOML files.

`assets/characters/<language>/<slug>.toml` holds those of a starter character, `assets/demo/<language>.toml` those of
everybody else, with what all of them understand. Read once, in the thread that needs them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).parents[3] / "assets"
LANGUAGES = ("ru", "en")
HEARD = 400
"""Characters that are looked at from each end of a message, since patterns are slow over long texts."""


SPELT = {"че": "что", "чо": "что", "шо": "что", "чево": "чего", "скока": "сколько", "скок": "сколько", "щас": "сейчас"}
CARELESS = re.compile(rf"\b({'|'.join(SPELT)}|[а-я]{{2,}}[еи]ш)\b")
"""Words typed in a hurry: «скока», «живеш»."""
STEM = 4
"""Number of leading letters by which two forms of a word count as one."""
COMMON = re.compile(
    r"(как(ой|ая|ое|ие|ую|их)?|что|это\w*|вс[ея]\w*|вы|ваш\w*|вас|вам\w*|тво\w+|теб\w+|тобой|мне|меня|мой|моя|мои|есть|ещё|еще"
    r"|рас?скаж\w+|скаж\w+|про|для|или|там|тут|очень|можно|можешь|можете|сейчас|нибудь|такой|такая|такое|так|же|ли"
    r"|the|and|you|your|are|what|how|who|tell|about|can|could|would|please|have|does|did|that|this|there|with|for|me)$"
)


@dataclass(frozen=True)
class Entry:
    """Lines for messages in which one of the patterns is found; `more` for when the person follows it up. `examples`
    are messages, in their `bare` form, that it is meant for whatever other pattern fits them.
    """

    when: tuple[re.Pattern[str], ...]
    say: tuple[str, ...]
    more: tuple[str, ...] = ()
    examples: frozenset[str] = frozenset()
    wordings: tuple[frozenset[str], ...] = ()
    """The `stems` of each example."""
    is_vague: bool = False
    """Whether the lines suit almost anybody, so that a fact of the character's own takes precedence."""

    def likeness(self, heard: frozenset[str]) -> float:
        """Share of its words that a message has in common with the nearest example, 0 to 1 (Jaccard index)."""
        return max((len(heard & each) / len(heard | each) for each in self.wordings if each), default=0)

    def is_meant(self, plain: str) -> bool:
        return any(pattern.search(plain) for pattern in self.when)

    @property
    def lines(self) -> tuple[str, ...]:
        return self.say + self.more


@dataclass(frozen=True)
class Story:
    name: str
    parts: tuple[str, ...]
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Repertoire:
    """`lines` by occasion: `hello`, `how`, `told` (for what nothing else fits), `asked` (for what it cannot answer)."""

    address: str
    questions: tuple[str, ...]
    lines: Mapping[str, tuple[str, ...]]
    stories: tuple[Story, ...] = ()
    answers: tuple[Entry, ...] = ()
    remarks: tuple[Entry, ...] = ()

    def all_lines(self) -> list[str]:
        return [
            *(part for story in self.stories for part in story.parts + story.after),
            *(line for entry in self.answers + self.remarks for line in entry.lines),
            *(line for lines in self.lines.values() for line in lines),
            *self.questions,
        ]


@dataclass(frozen=True)
class Common:
    """The patterns that every character of a language understands, and the lines of those without a repertoire.

    `topics` is in order of precedence; `patterns` recognise what is no topic of its own; `honest` is by slug.
    """

    topics: Mapping[str, re.Pattern[str]]
    patterns: Mapping[str, re.Pattern[str]]
    repertoire: Repertoire
    honest: Mapping[str, str]

    def joined(self, names: Sequence[str]) -> str:
        """«а, б и в»."""
        *others, last = names or [""]
        return f"{', '.join(others)} {self.repertoire.lines['and'][0]} {last}" if others else last


@cache
def common(language: str) -> Common:
    told = _read(ASSETS / "demo" / f"{language}.toml")
    return Common(
        topics={name: re.compile(pattern) for name, pattern in told["topics"].items()},
        patterns={name: re.compile(pattern) for name, pattern in told["patterns"].items()},
        repertoire=_repertoire(told),
        honest=told["honest"],
    )


@cache
def repertoire_of(starter: str, language: str) -> Repertoire | None:
    """Repertoire of a starter character; None for all others."""
    file = ASSETS / "characters" / language / f"{starter}.toml"
    if not re.fullmatch(r"[a-z]+", starter) or not file.exists():
        return None
    return _repertoire(_read(file))


def plain(text: str) -> str:
    """A message in the normal form that the patterns expect."""
    heard = text if len(text) <= 2 * HEARD else f"{text[:HEARD]} … {text[-HEARD:]}"
    words = " ".join(heard.lower().replace("ё", "е").replace("’", "'").split())
    return CARELESS.sub(lambda word: SPELT.get(word[0], f"{word[0]}ь"), words)


def bare(plain_text: str) -> str:
    """The words of a text, without punctuation."""
    return " ".join(re.findall(r"\w+", plain_text))


def stems(plain_text: str) -> frozenset[str]:
    """The beginnings of the words that tell what a text is about."""
    words = re.findall(r"[^\W\d_]{3,}", plain_text)
    return frozenset(word[:STEM] for word in words if not COMMON.match(word))


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def _repertoire(told: Mapping[str, Any]) -> Repertoire:
    return Repertoire(
        address=told["voice"].get("address", ""),
        questions=tuple(told["voice"]["questions"]),
        lines={occasion: tuple(lines) for occasion, lines in told["lines"].items()},
        stories=tuple(
            Story(plain(each.get("name", "")), tuple(each["parts"]), tuple(each.get("after", ())))
            for each in told.get("stories", ())
        ),
        answers=tuple(map(_entry, told.get("answers", ()))),
        remarks=tuple(map(_entry, told.get("remarks", ()))),
    )


def _entry(told: Mapping[str, Any]) -> Entry:
    patterns = tuple(re.compile(pattern.replace("’", "'")) for pattern in told["when"])
    examples = [plain(each) for each in (*told.get("asked", ()), *told.get("heard", ()))]
    return Entry(
        patterns,
        tuple(told["say"]),
        tuple(told.get("more", ())),
        frozenset(map(bare, examples)),
        tuple(map(stems, examples)),
        told.get("vague", False),
    )
