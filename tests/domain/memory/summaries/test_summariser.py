"""Summariser, with a scripted model: what it believes, and which tokens it counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import pytest

from domain.llm.port import Ending, Outcome, Prompt, Sign
from domain.llm.server_load import ServerLoad
from domain.llm.token_estimates import estimated_tokens
from domain.memory.facts.held_facts import HeldFact
from domain.memory.rows import MadeBy
from domain.memory.summaries.excerpts import Line
from domain.memory.summaries.material import Material
from domain.memory.summaries.summariser import Spent, Summariser, SummaryRequest
from domain.memory.summaries.summary_prompts import Talkers

LINES = [Line("Илья", "Вчера шторм сорвал крышу со старой лодки."), Line("Марина", "Лодку жалко, но сети целы.")]
TOLD = "ГЛАВА\nШторм сорвал крышу со старой лодки, сети целы.\nФАКТЫ\nнет"
OF_A_STRANGER = "ГЛАВА\nШторм сорвал крышу со старой лодки, которую любил Олег.\nФАКТЫ\nнет"


@dataclass
class Model:
    """Says `answers` one after the other, and the last one for ever; begins but does not end them if `hangs`."""

    answers: list[str]
    hangs: bool = False
    tokens_in: int | None = None
    asked: list[Prompt] = field(default_factory=list)
    is_heard: asyncio.Event = field(default_factory=asyncio.Event)
    name: str = "model"
    is_demo: bool = False

    def room(self, model: str = "") -> int:
        return 20_000 + len(model)

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str | Sign | Ending]:
        self.asked.append(prompt)
        yield self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if self.hangs:
            self.is_heard.set()
            await asyncio.Event().wait()
        yield Ending(Outcome.DONE, tokens_in=self.tokens_in, tokens_out=5 if self.tokens_in else None)


def request(lines: Sequence[Line] = LINES) -> SummaryRequest:
    return SummaryRequest(0, Talkers("Марина", "Илья"), 300, lines=lines)


def held(text: str, made_by: MadeBy) -> HeldFact:
    return HeldFact(
        id=1,
        message_id=1,
        text=text,
        roots=frozenset(),
        key_hash="",
        replaces_id=None,
        times=1,
        pinned_at=None,
        forgotten_upto=None,
        made_by=made_by,
        said_at=None,
        role=None,
        is_hidden=False,
    )


@pytest.mark.parametrize(
    ("made_by", "summary_by"),
    [
        (MadeBy.MODEL, MadeBy.MODEL),
        (MadeBy.EXCERPTS, MadeBy.MODEL),
        (MadeBy.PERSON, MadeBy.EXCERPTS),
        (MadeBy.LOADED, MadeBy.EXCERPTS),
    ],
)
async def test_what_a_person_wrote_or_a_file_bears_out_no_name(made_by: MadeBy, summary_by: MadeBy) -> None:
    model = Model([OF_A_STRANGER])
    fact = held("Лодку любил Олег", made_by)
    known = Material(request(), (), 0, is_whole=True).with_known([fact])
    summary = await Summariser(model).summarise(known, Spent(), ServerLoad())
    assert summary.made_by == summary_by
    assert "Лодку любил Олег" in model.asked[0].messages[-1].text, "it is told of all the same"


async def test_what_is_broken_off_is_charged_by_what_the_model_told_of_its_tokens_before() -> None:
    model = Model([TOLD], tokens_in=100)
    summariser = Summariser(model)
    whole = Spent()
    await summariser.summarise(request(), whole, ServerLoad())
    assert whole.tokens_in == 100
    model.hangs, model.tokens_in = True, None
    broken_off = Spent()
    asking = asyncio.create_task(summariser.summarise(request(), broken_off, ServerLoad()))
    await model.is_heard.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert broken_off.tokens_in == 100, "the same prompt"


async def test_of_a_model_that_never_told_the_prompt_is_estimated() -> None:
    model = Model([TOLD])
    spent = Spent()
    await Summariser(model).summarise(request(), spent, ServerLoad())
    assert spent.tokens_in == estimated_tokens(model.asked[0])
