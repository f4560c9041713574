"""Memory of a talk of a hundred turns with needles of every kind, asked for at its end: what the model was given.

A short form of `make bench remember` (tests/bench/remember.py).
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from sqlmodel import select

from domain.memory.rows import MadeBy, MemoryFact
from domain.stemming import roots
from tests.llm_server import LlmServer
from tests.remembering.house import House, house, until
from tests.remembering.needles import Form, Kind, needles, never_said, of, one_of_each
from tests.remembering.questions import FOUND_BY_WORDS, ask_for, forget, leaks, missed, pin, quiet, remembered
from tests.remembering.talk import Planted, long_talk

TURNS = 80
UNCOVERED = 16_000  # characters at the end that no chapter need cover
SHORTEST = 3
ON_SQLITE = pytest.mark.parametrize("dialect", ["sqlite"])


@pytest.fixture(scope="module")
def llm() -> Generator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture
async def home(tmp_path: Path, database_url: str, llm: LlmServer) -> AsyncGenerator[House]:
    llm.forget()
    async with house(tmp_path, database_url, llm) as home:
        yield home


async def told(home: House, manner: str, turns: int = TURNS) -> Planted:
    """A talk with one needle of each kind, indexed and summarised."""
    home.summariser.manner = manner
    planted = await home.plant(long_talk(turns, one_of_each()))
    await pin(home, planted, [each for each in one_of_each() if each.kind == Kind.PINNED])
    await home.services.chat.memory.read_backlog(home.ilya, planted.dialog_id)
    await home.say(planted.dialog_id, "Вот и вечер.", "Вечер так вечер.")
    await until(lambda: home.words_are_indexed(planted.dialog_id))
    await until(lambda: home.is_summarised(planted.dialog_id, UNCOVERED))
    return planted


async def test_what_was_said_is_found_and_what_is_gone_is_in_no_prompt(home: House) -> None:
    planted = await told(home, "faithful")
    assert await forget(home, planted, of(Kind.FORGOTTEN)), "it was known before"
    since = len(home.llm.asked)
    answers = await ask_for(home, planted, one_of_each(), FOUND_BY_WORDS)
    assert missed(remembered(answers, Form.SAME)) == []
    assert len(missed(remembered(answers, Form.OTHER))) <= 1
    pins = [each for each in one_of_each() if each.kind == Kind.PINNED]
    assert all(needle.is_in(each.given.system) for needle in pins for each in answers)
    assert leaks(home, since=since) == []
    assert await quiet(home, planted) >= 0.8


@pytest.mark.slow
@ON_SQLITE
async def test_without_a_summariser_promises_and_names_come_back_by_their_words(home: House) -> None:
    planted = await told(home, "refusing")
    assert {each.made_by for each in await home.chapters(planted.dialog_id)} == {MadeBy.EXCERPTS}
    promised = [each for each in one_of_each() if each.kind in {Kind.PROMISE, Kind.NAME}]
    assert missed(await ask_for(home, planted, promised, FOUND_BY_WORDS)) == []


@pytest.mark.slow
@ON_SQLITE
async def test_what_a_summariser_invents_is_neither_known_nor_told(home: House) -> None:
    planted = await told(home, "inventing")
    invented = home.summariser.invented
    assert len(invented) > 10
    async with home.database.read() as db:
        facts = list(await db.exec(select(MemoryFact).where(MemoryFact.dialog_id == planted.dialog_id)))
    assert facts, "what was said is known all the same"
    kept = [each.text for each in facts] + [each.text for each in await home.chapters(planted.dialog_id)]
    assert [text for text in kept if any(one in text for one in invented)] == []
    given = await home.say(planted.dialog_id, "Что ты обо мне знаешь?")
    assert not any(one in given.text for one in invented)


@pytest.mark.slow
@ON_SQLITE
async def test_prompts_are_of_one_size(home: House) -> None:
    """After 60 turns as after 140, both with what is remembered of the turns before."""
    early, late = [await told(home, "faithful", turns) for turns in (60, 140)]
    sizes = [(await home.say(each.dialog_id, "Как ты думаешь, о чём шумит река?")).tokens for each in (early, late)]
    assert sizes[1] <= 1.1 * sizes[0]


def test_needles_are_fair() -> None:
    """The answer is in no question and in no small talk, and each form of question is what its name says."""
    small_talk = "\n".join(line.text for line in long_talk(300).lines)
    questions = [text for each in needles() for text in each.asks.values()] + [*never_said()]
    for needle in needles():
        for word in needle.evidence:
            assert any(word in said for said in needle.said)
            assert word not in small_talk
            assert not [text for text in questions if word in text]
        said = words_of(" ".join(needle.said))
        if needle.kind != Kind.PINNED:
            assert said & words_of(needle.asks[Form.SAME]), needle.asks
        if Form.OTHER in needle.asks:
            assert roots_of(said) & roots_of(words_of(needle.asks[Form.OTHER])), needle.asks


def words_of(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower().replace("ё", "е")) if len(word) >= SHORTEST}


def roots_of(words: set[str]) -> set[str]:
    return {root for word in words for root in roots(word)}
