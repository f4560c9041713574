"""Repertoires: the files of the starter characters, and that each of their entries is the one that answers."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from domain.characters.starter_characters import SLUGS
from domain.llm.demo.repertoire import ASSETS, LANGUAGES, common
from domain.llm.demo.sentences import Said
from domain.llm.port import Persona
from tests.demo_transcripts import starters
from tests.domain.llm.demo.talking import Talk

FILES = sorted((ASSETS / "characters").glob("*/*.toml"))
STARTERS = {(each.language, each.starter): each for each in starters()}
LEAST = {
    "hello": 4,
    "how": 3,
    "doing": 3,
    "who": 3,
    "joke": 5,
    "advice": 6,
    "worry": 6,
    "crisis": 2,
    "glad": 4,
    "thanks": 3,
    "farewell": 4,
    "praise": 4,
    "insult": 3,
    "yes": 6,
    "no": 6,
    "short": 6,
    "opinion": 4,
    "told": 24,
    "asked": 18,
    "named": 3,
    "surprise": 3,
    "recalled": 3,
    "forgot": 2,
}
PARTS = 5
PLACES = "person|name|about_noun|noun_accs|age|job|year|dear|dear_name|question|told"
FORM = re.compile(r"{{(?:you:[^{}|]*\|[^{}|]*|(?:user|char):[^{}|]*\|[^{}|]*(?:\|[^{}|]*)?)}}")


@cache
def told_in(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def lines_of(told: dict[str, Any]) -> list[str]:
    """All lines of a repertoire that are said."""
    return [
        *told["voice"]["questions"],
        *(line for lines in told["lines"].values() for line in lines),
        *(part for story in told.get("stories", []) for part in (*story["parts"], *story.get("after", []))),
        *(
            line
            for entry in (*told.get("answers", []), *told.get("remarks", []))
            for line in (*entry["say"], *entry.get("more", []))
        ),
    ]


def name_of(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def persona_of(file: Path) -> Persona:
    return STARTERS[file.parent.name, file.stem]


def test_each_starter_character_has_a_file_in_each_language() -> None:
    assert {name_of(file) for file in FILES} == {f"{language}/{slug}" for language in LANGUAGES for slug in SLUGS}


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_repertoire_is_large_enough(file: Path) -> None:
    told = told_in(file)
    few = {occasion: least for occasion, least in LEAST.items() if len(told["lines"][occasion]) < least}
    assert not few
    assert len(told["answers"]) >= 40
    assert len(told["remarks"]) >= 15
    assert len(told["voice"]["questions"]) >= 8
    assert all(each.rstrip("*»”").endswith("?") for each in told["voice"]["questions"])
    assert told["stories"]
    assert all(len(story["parts"]) == PARTS for story in told["stories"])


@pytest.mark.parametrize("file", [*FILES, *(ASSETS / "demo").glob("*.toml")], ids=name_of)
def test_its_forms_are_whole_and_its_language_pure(file: Path) -> None:
    language = file.stem if file.stem in LANGUAGES else file.parent.name
    foreign = re.compile("[a-z]|[A-Z](?=[а-яё])|(?<=[а-яё])[A-Z]" if language == "ru" else "[А-Яа-яЁё]")
    for line in lines_of(told_in(file)):
        rest = FORM.sub("", line)
        assert "{{" not in rest, line
        assert not re.search(
            r"{(?!(person|name|about_noun|noun_accs|age|job|year|dear|dear_name|question|told)})", rest
        ), line
        assert not foreign.search(re.sub(r"{\w+}|README", "", rest)), line


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_pattern_tries_a_text_again_and_again(file: Path) -> None:
    told = told_in(file)
    patterns = [each for entry in (*told["answers"], *told["remarks"]) for each in entry["when"]]
    again = re.compile(r"[.][*+](\([^()]*\)[?*])?[.][*+]|\([^()]*[*+]\)[*+]|([.][*+].*){4}")
    assert [each for each in patterns if again.search(each)] == []


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_each_example_is_answered_by_its_own_entry(file: Path) -> None:
    told, lines = told_in(file), dict[str, list[str]]()
    for entry in (*told["answers"], *told["remarks"]):
        for example in (*entry.get("asked", ()), *entry.get("heard", ())):
            lines.setdefault(example.lower(), []).extend(entry["say"])
    strayed = [
        example
        for example, said in lines.items()
        if not any(map(Said([Talk(persona_of(file)).say(example)]).has_of, said))
    ]
    assert not strayed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_goes_on_to_its_end_when_one_asks_for_it(language: str) -> None:
    for slug in SLUGS:
        talk = Talk(STARTERS[language, slug])
        first = Said([talk.say("Расскажи историю" if language == "ru" else "Tell me a story")])
        stories = told_in(ASSETS / "characters" / language / f"{slug}.toml")["stories"]
        story = next((story for story in stories if first.has_of(story["parts"][0])), None)
        if story is None:
            continue  # it answers the wish in its own way
        follow_ups = ("А что было дальше?", "и?", "дальше", "А что потом?")
        if language == "en":
            follow_ups = ("And what happened next?", "And then?", "go on", "What then?")
        for part, asked in zip(story["parts"][1:], follow_ups, strict=True):
            assert Said([talk.say(asked)]).has_of(part), (slug, asked)
        assert any(map(Said([talk.say(follow_ups[0])]).has_of, story["after"]))


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_what_is_said_to_everybody_gets_its_own_line(file: Path) -> None:
    said = {"joke": "Пошути", "farewell": "Пока!", "thanks": "спасибо", "praise": "Ты классный", "hello": "Привет"}
    if file.parent.name == "en":
        said = {
            "joke": "Tell me a joke",
            "farewell": "bye",
            "thanks": "thanks",
            "praise": "You are great",
            "hello": "Hi",
        }
    for topic, words in said.items():
        answer = Said([Talk(persona_of(file)).say(words)])
        assert any(map(answer.has_of, told_in(file)["lines"][topic])), words


def test_what_all_understand_is_the_same_in_both_languages() -> None:
    russian, english = (common(language) for language in ("ru", "en"))
    assert russian.topics.keys() == english.topics.keys()
    assert russian.patterns.keys() == english.patterns.keys()
    assert russian.repertoire.lines.keys() == english.repertoire.lines.keys()
    assert set(russian.honest) == set(english.honest) == set(SLUGS)


@pytest.mark.parametrize(
    ("slug", "asked", "told"),
    [
        ("shorokh", "А про валенок?", "Проснулся по первому снегу валенок"),
        ("shorokh", "расскажите сказку про облако которое боялось высоты", "облако"),
        ("tikhon", "сколько ступенек на маяке", "Двести восемь"),
        ("tikhon", "а телевизор у тебя есть?", "Рация"),
        ("lukian", "Как делают чернила", "Дубовые орешки"),
        ("lukian", "Что такое киноварь?", "камень красный"),
        ("lukian", "что было на Готланде", "Висби"),
        ("varka", "Что такое дыморезка", "ломтики"),
        ("varka", "почему дым розовый", "свекольный"),
        ("timur", "почему небо в горах темнее", "рассеивать некому"),
        ("timur", "что взять с собой в поход новичку", "ледоруб"),
        ("zhuk", "тебе нравится твоя работа", "Девятнадцать лет"),
        ("zhuk", "почему вас так назвали", "Журнал"),
        ("vera", "кто подозреваемые", "трое"),
    ],
)
def test_a_question_gets_the_answer_of_its_own(slug: str, asked: str, told: str) -> None:
    assert told in Talk(STARTERS["ru", slug]).say(asked)
