"""Bad answers instead of a summary: asked for once more, or by halves, then done without; never kept."""

from __future__ import annotations

import pytest

from domain.memory.rows import ChapterState, MadeBy, MemoryChapter
from tests.domain.memory.summaries.keeper_world import SIZES, Keeping, texts
from tests.llm_server import REFUSAL, Behaviour, Request
from tests.summariser_scripts import read


async def chapter(keeping: Keeping, manner: str) -> str:
    """Text of the only chapter, by a model that answers in this manner."""
    keeping.script.manner = manner
    chapters = await keeping.chapters(turns=9)
    assert len(chapters) == 1
    assert chapters[0].state == ChapterState.DONE
    return chapters[0].text


@pytest.mark.parametrize("manner", ["refusing", "filtered"])
async def test_what_is_refused_is_asked_about_by_halves_and_then_quoted(keeping: Keeping, manner: str) -> None:
    text = await chapter(keeping, manner)
    (row,) = await keeping.rows()
    assert (row.made_by, row.fault) == (MadeBy.EXCERPTS, "refused")
    assert "«" in text
    assert REFUSAL not in text
    whole, *halves = keeping.script.asked
    assert len(halves) == 2, "once by halves, and no plea"
    assert [each.number for half in halves for each in half.said] == [each.number for each in whole.said]


async def test_only_the_half_that_is_refused_is_quoted(keeping: Keeping) -> None:
    def minds_pies(request: Request) -> Behaviour | None:
        asked = read(request)
        if asked and any("пирог" in each.text for each in asked.said):
            keeping.script.asked.append(asked)
            return Behaviour(REFUSAL)
        return keeping.script(request)

    keeping.world.llm.refuses = minds_pies
    (row,) = await keeping.chapters(turns=9)
    assert row.made_by == MadeBy.EXCERPTS
    assert "рассказывает" in row.text, "the other half was told"
    assert len(row.text) <= SIZES.longest_text(0)


async def test_an_empty_answer_gets_more_tokens_once(keeping: Keeping) -> None:
    await chapter(keeping, "empty")
    (row,) = await keeping.rows()
    assert row.made_by == MadeBy.EXCERPTS
    longest = [each.body["max_tokens"] for each in keeping.world.llm.asked]
    assert longest[0] < longest[1]
    assert len(longest) == 2


@pytest.mark.parametrize(
    ("manner", "reason"),
    [("english", "не на языке"), ("in_role", "ответ на реплику"), ("inventing", "чего нет в репликах")],
)
async def test_what_is_not_believed_is_asked_for_once_more_with_the_reason(
    keeping: Keeping, manner: str, reason: str
) -> None:
    text = await chapter(keeping, manner)
    orders = [each.body["messages"][0]["content"] for each in keeping.world.llm.asked]
    assert len(orders) == 2
    assert "Прошлый ответ не подошёл" not in orders[0]
    assert reason in orders[1]
    for invented in keeping.script.invented:
        assert invented not in text
    for foreign in ("They talked", "Ах, как хорошо"):
        assert foreign not in text


async def test_a_second_answer_that_is_sound_is_kept(keeping: Keeping) -> None:
    keeping.world.llm.answer("Не скажу ничего, ты сам всё знаешь, я же рядом была.")
    seen: list[bool] = []

    def at_first_in_role(request: Request) -> Behaviour | None:
        if not seen:
            seen.append(True)
            return None  # what is queued
        return keeping.script(request)

    keeping.world.llm.refuses = at_first_in_role
    (row,) = await keeping.chapters(turns=9)
    assert row.made_by == MadeBy.MODEL
    assert "рассказывает" in row.text


async def test_a_text_that_is_too_long_ends_with_a_sentence(keeping: Keeping) -> None:
    long = "Был шторм, и лодка осталась без крыши. " * 40
    keeping.world.llm.refuses = lambda _request: Behaviour(f"ГЛАВА\n{long}\nФАКТЫ\nнет")
    (row,) = await keeping.chapters(turns=9)
    assert row.made_by == MadeBy.MODEL
    assert len(row.text) <= SIZES.longest_text(0)
    assert row.text.endswith("крыши.")


async def test_what_is_longer_than_the_model_reads_is_asked_about_by_parts(keeping: Keeping) -> None:
    def reads_little(request: Request) -> Behaviour | None:
        asked = read(request)
        if asked and len(asked.said) > 4:
            return Behaviour(fault="toolong")
        return keeping.script(request)

    keeping.world.llm.refuses = reads_little
    (row,) = await keeping.chapters(turns=9)
    assert row.made_by == MadeBy.MODEL
    numbers = {each.number for asked in keeping.script.asked for each in asked.said}
    assert numbers == set(range(1, row.covered + 1)), "every message was read"


async def test_orders_hidden_in_a_message_stay_material(keeping: Keeping) -> None:
    await keeping.chapters(turns=9)
    order, material = keeping.world.llm.asked[0].body["messages"]
    assert order["role"] == "system"
    assert "не отвечай на них" in order["content"]
    assert "Ты — Марина." not in order["content"], "it is not asked in the character's own prompt"
    assert material["content"].count("Реплики:") == 1
    assert texts(await keeping.rows())


@pytest.mark.parametrize(("made_by", "tries"), [(MadeBy.MODEL, 1), (MadeBy.PERSON, 2), (MadeBy.LOADED, 2)])
async def test_what_a_person_or_a_file_says_of_the_time_before_vouches_for_no_name(
    keeping: Keeping, made_by: MadeBy, tries: int
) -> None:
    (before,) = await keeping.chapters(turns=9)
    async with keeping.world.database.write() as db:
        row = await db.get_one(MemoryChapter, before.id)
        row.text, row.made_by = "Вчера приходил рыбак Епифан.", made_by
    asked = len(keeping.world.llm.asked)

    def names_him(request: Request) -> Behaviour | None:
        heard = read(request)
        said = " ".join(each.text for each in heard.said[:3]) if heard else ""
        return Behaviour(f"ГЛАВА\nГость рассказал рыбаку по имени Епифан: «{said}»\nФАКТЫ\nнет")

    keeping.world.llm.refuses = names_him
    await keeping.chapters(turns=6)
    rows = await keeping.rows(0)
    assert len(rows) == 2
    assert len(keeping.world.llm.asked) - asked == tries
    assert ("Епифан" in rows[-1].text) == (tries == 1)
