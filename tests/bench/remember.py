"""Benchmark of dialog memory: whether what was said long ago is in the prompt when it matters, and what that costs.

The talks are made up (tests/remembering), the summariser is scripted, and nobody judges: either a word of the old
message is in the last prompt at the model's server, or it is not. All but the last twenty turns of each talk are
inserted as rows, and the product indexes and summarises them itself; the rest is said.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import fmean
from tempfile import TemporaryDirectory

from sqlmodel import select

from domain.memory.rows import MemoryFact
from domain.model.dialog import Dialog
from tests.bench.remember_databases import Databases, databases
from tests.bench.remember_turns import turns_with_memory
from tests.bench.rows import Seat
from tests.bench.table import Line
from tests.bench.upstream import Upstream
from tests.llm_server import LlmServer
from tests.remembering.filler import Filler
from tests.remembering.house import House, house, until
from tests.remembering.needles import Form, Kind, Needle, divided, needles, of
from tests.remembering.questions import (
    FOUND_BY_WORDS,
    Answer,
    ask_for,
    forget,
    found,
    known,
    leaks,
    missed,
    pin,
    quiet,
    remembered,
    share,
)
from tests.remembering.talk import Planted, long_talk

SHORT, MIDDLE, LONG = 60, 510, 5_000
SHORT_TALKS = 5
"""Among which the needles are divided."""
EARLY = 50
SAID = 20
"""Of these the last so many turns are said, and their prompts counted."""
UNCOVERED = 16_000  # characters at the end of a talk that no chapter need cover
INVENTIONS, INVENTED_IN = 200, 800
PROMISED = of(Kind.PROMISE, Kind.NAME)


@dataclass(frozen=True)
class Rehearsal:
    """A talk, and the answers when everything in it was asked for. `tokens` and `reply_tokens` are means of the twenty
    turns before that.
    """

    planted: Planted
    tokens: float
    reply_tokens: float
    answers: list[Answer]
    leaks: list[str]


async def remember(_upstream: Upstream) -> list[Line]:
    with databases() as places:
        async with _empty_house(places) as home:
            talks = [await _rehearse(home, SHORT, some=some) for some in divided(SHORT_TALKS)]
            early = fmean(each.tokens for each in talks)
            lines = [*_about("60 turns", talks), await _quiet("60 turns", home, talks[0])]
            middle = await _rehearse(home, MIDDLE)
            lines += [*_about("510 turns", [middle]), await _quiet("510 turns", home, middle)]
            lines += [await _share_of_memory(home, middle), _flat("491–510", middle, early)]
        async with _empty_house(places) as home:
            lines += [await _by_recall_alone(home), *await _inventions(home)]
        return lines + await _late(places, early)


async def _late(places: Databases, early_tokens: float) -> list[Line]:
    """Measure a long talk, and what a turn of it costs in a server of its own."""
    with TemporaryDirectory() as folder:
        url = await asyncio.to_thread(places.new, Path(folder))
        async with _house_at(Path(folder), url) as home:
            late, lines = await _long(home, early_tokens)
            early = await home.plant(long_talk(EARLY, seed=EARLY))
            await _read_all(home, early)
            off = await _planted(home, LONG)
            await home.services.chat.memory.switch(home.ilya, off.dialog_id, on=False)
            seats = [Seat(home.cookie, home.ilya.user_id, each.dialog_id) for each in (early, late, off)]
        return lines + await turns_with_memory(places, url, *seats)


async def _long(home: House, early_tokens: float) -> tuple[Planted, list[Line]]:
    """5,000 turns: first what their words alone bring back, then with the summaries and facts made of them as well."""
    begun = time.monotonic()
    planted = await _planted(home, LONG)
    indexed = time.monotonic() - begun
    words_alone = await ask_for(home, planted, needles(), FOUND_BY_WORDS)
    begun = time.monotonic()
    await _read_all(home, planted)
    told = time.monotonic() - begun
    long = await _asked(home, planted)
    return planted, [
        Line("5,000 turns: planted and indexed in", indexed, "s"),
        _found("5,000 turns: by recall alone", remembered(words_alone, *FOUND_BY_WORDS), least=0.95),
        Line("5,000 turns: summarised in", told, "s", note=f"{len(home.summariser.asked)} requests"),
        *_about("5,000 turns", [long]),
        await _quiet("5,000 turns", home, long),
        await _share_of_memory(home, long),
        _flat("4,981–5,000", long, early_tokens),
    ]


def _flat(turns: str, talk: Rehearsal, early_tokens: float) -> Line:
    return Line(f"estimated tokens, turns {turns}", talk.tokens, "", most=1.1, reference=("turns 41–60", early_tokens))


async def _quiet(name: str, home: House, talk: Rehearsal) -> Line:
    return Line(f"{name}: nothing of what never was", await quiet(home, talk.planted), "", least=0.8)


@asynccontextmanager
async def _empty_house(places: Databases) -> AsyncGenerator[House]:
    with TemporaryDirectory() as folder:
        url = await asyncio.to_thread(places.new, Path(folder))
        async with _house_at(Path(folder), url) as home:
            yield home


@asynccontextmanager
async def _house_at(folder: Path, url: str) -> AsyncGenerator[House]:
    with LlmServer() as llm:
        async with house(folder, url, llm) as home:
            yield home


async def _rehearse(home: House, turns: int, some: Sequence[Needle] = needles()) -> Rehearsal:
    planted = await _planted(home, turns, some)
    await _read_all(home, planted)
    return await _asked(home, planted, some)


async def _planted(home: House, turns: int, some: Sequence[Needle] = needles()) -> Planted:
    planted = await home.plant(long_talk(turns - SAID, some, seed=turns))
    await pin(home, planted, (each for each in some if each.kind == Kind.PINNED))
    await home.services.chat.chat.open(home.ilya, planted.dialog_id)
    await until(lambda: home.words_are_indexed(planted.dialog_id))
    return planted


async def _read_all(home: House, planted: Planted) -> None:
    """Summarise the talk at the person's request, however long it is."""
    await home.services.chat.memory.read_backlog(home.ilya, planted.dialog_id)
    await until(lambda: home.is_summarised(planted.dialog_id, UNCOVERED))


async def _asked(home: House, planted: Planted, some: Sequence[Needle] = needles()) -> Rehearsal:
    home.go_on(planted.dialog_id)
    filler = Filler(Random(planted.talk.turns))
    said = [(filler.question(), filler.reply()) for _ in range(SAID)]
    prompts = [await home.say(planted.dialog_id, *turn) for turn in said]
    await forget(home, planted, of(Kind.FORGOTTEN))  # by now none of it is still verbatim
    since = len(home.llm.asked)
    answers = await ask_for(home, planted, some)
    reply_tokens = fmean(len(reply) for _, reply in said) / 3
    tokens = fmean(each.tokens for each in prompts)
    return Rehearsal(planted, tokens, reply_tokens, answers, leaks(home, since=since))


async def _by_recall_alone(home: House) -> Line:
    """Measure with a summariser that refuses everything: only recall by words is left."""
    home.summariser.manner = "refusing"
    planted = await _planted(home, MIDDLE)
    await _read_all(home, planted)
    return _found("all refused: promises and names", await ask_for(home, planted, PROMISED, FOUND_BY_WORDS), least=0.9)


async def _inventions(home: House) -> list[Line]:
    """Measure with a summariser that invents strangers and numbers."""
    home.summariser.manner = "inventing"
    planted = await _planted(home, INVENTED_IN)
    await _read_all(home, planted)
    async with home.database.read() as db:
        facts = list(await db.exec(select(MemoryFact).where(MemoryFact.dialog_id == planted.dialog_id)))
    invented = home.summariser.invented
    assert len(invented) >= INVENTIONS, f"only {len(invented)} inventions"
    kept = [each.text for each in facts if any(one in f"{each.text} {each.keys}" for one in invented)]
    told = [each.text for each in await home.chapters(planted.dialog_id) if any(one in each.text for one in invented)]
    note = f"of {len(invented)} names and numbers; {len(facts)} facts in all; {kept[:2]}"
    return [
        Line("inventions kept as facts", len(kept), "", most=0, note=note),
        Line("inventions told by chapters", len(told), "", most=0, note="; ".join(told[:2])),
    ]


def _about(name: str, talks: Sequence[Rehearsal]) -> list[Line]:
    answers = [each for talk in talks for each in talk.answers]
    promised = remembered(answers, *FOUND_BY_WORDS, kinds=(Kind.PROMISE, Kind.NAME))
    leaked = [each for talk in talks for each in talk.leaks]
    return [
        _found(f"{name}: asked in the same form", remembered(answers, Form.SAME), least=0.95),
        _found(f"{name}: in another form", remembered(answers, Form.OTHER), least=0.95),
        _found(f"{name}: by a synonym", remembered(answers, Form.SYNONYM)),
        _found(f"{name}: by inference", remembered(answers, Form.INFERENCE)),
        _found(f"{name}: promises and names", promised, least=0.9),
        Line(f"{name}:   known without a search", known(promised), "", least=0),
        Line(f"{name}: pinned", share(each for talk in talks for each in _pinned(talk)), "", least=1),
        Line(f"{name}: leaks", len(leaked), "", most=0, note=", ".join(leaked)),
    ]


def _pinned(talk: Rehearsal) -> list[bool]:
    """Whether each pinned needle is in each of the prompts."""
    pins = {each.needle for each in talk.answers if each.needle.kind == Kind.PINNED}
    return [needle.is_in(each.given.text) for needle in pins for each in talk.answers]


def _found(name: str, answers: Sequence[Answer], least: float = 0) -> Line:
    """Share of the answers found, noting the shares by depth and what was missed."""
    depths = sorted(each.depth for each in answers)
    third = max(1, len(depths) // 3)
    bounds = [*depths[::third][:3], depths[-1] + 1] if depths else []
    parts = [[each for each in answers if low <= each.depth < high] for low, high in pairwise(bounds)]
    by_depth = ", ".join(f"{len(part)} at {low}+: {found(part):.2f}" for low, part in zip(bounds, parts, strict=False))
    return Line(name, found(answers), "", least=least, note=" · ".join([by_depth, *missed(answers)[:4]]))


async def _share_of_memory(home: House, talk: Rehearsal) -> Line:
    """Tokens that memory took per turn, as a percentage of what the turns themselves took, apart from our questions."""
    async with home.database.read() as db:
        dialog = await db.get_one(Dialog, talk.planted.dialog_id)
    turns = talk.planted.talk.turns + SAID
    per_turn = dialog.memory_tokens / turns
    note = f"{per_turn:.0f} tokens a turn beside {talk.tokens + talk.reply_tokens:.0f}"
    return Line(
        f"{turns} turns: memory's tokens", 100 * per_turn / (talk.tokens + talk.reply_tokens), "%", most=10, note=note
    )
