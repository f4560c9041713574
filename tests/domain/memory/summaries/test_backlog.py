"""Backlog of a long old talk: which part of it is read, and when; its length is added up only once."""

from __future__ import annotations

from sqlalchemy import delete, event
from sqlmodel import col

from domain.memory.chapter_changes import forget_everything, read_all
from domain.memory.chapter_plan import NEWEST
from domain.memory.chapters import story_on
from domain.memory.path_ids import Path, PathIds
from domain.memory.remembered import Story
from domain.memory.rows import MemoryChapter
from domain.memory.summaries.backlog import Backlog, UncoveredLengths, backlog_of
from domain.model.dialog import Dialog
from domain.prices import Prices
from tests.domain.chat.conftest import until
from tests.domain.memory.summaries.keeper_world import SIZES, SUBJECTS, Keeping


async def length(keeping: Keeping, lengths: UncoveredLengths, path: Path, after: int = 0) -> tuple[int, int]:
    """Uncovered length in characters, and the number of messages that the database was asked about."""
    asked: list[int] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "sum(length" in statement:
            asked.append(len(parameters))  # type: ignore[arg-type]  # a sequence or a mapping

    engine = keeping.world.database._reader.sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    async with keeping.world.database.read() as db:
        found = await lengths.between(db, keeping.dialog_id, path, after, path.ids[-1])
    event.remove(engine, "before_cursor_execute", hear)
    return found, sum(each - 1 for each in asked)  # one stands for "nothing"


def said(turns: int) -> int:
    return sum(len(text) for n in range(turns) for text in SUBJECTS[n % len(SUBJECTS)])


async def test_only_what_was_said_since_is_added_up(keeping: Keeping) -> None:
    lengths = UncoveredLengths()
    begun = len((await keeping.path()).ids)
    first = await keeping.talk(40)
    path = await keeping.path()
    opening, _asked = await length(keeping, UncoveredLengths(), Path(path.ids[:begun]))
    assert await length(keeping, lengths, path) == (opening + said(40), begun + 80)
    assert await length(keeping, lengths, path) == (opening + said(40), NEWEST)
    await keeping.talk(1)
    longer = await keeping.path()
    assert await length(keeping, lengths, longer) == (opening + said(40) + said(1), NEWEST + 2)
    assert (await length(keeping, lengths, longer, after=first[1]))[0] == said(40), "the first turn is told"
    async with keeping.world.database.read() as db:
        branch = await PathIds().of(db, (await keeping.talk(1, below=first[3]))[-1])
    assert (await length(keeping, lengths, branch))[0] == opening + said(2) + said(1)


async def reads_everything(keeping: Keeping) -> None:
    async with keeping.world.database.write() as db:
        await read_all(db, await db.get_one(Dialog, keeping.dialog_id))
    await keeping.a_reply_ended()

    async def is_over() -> bool:
        return not (await keeping.dialog()).reads_backlog and keeping.keeper.is_idle

    await until(is_over)


async def are_whole(keeping: Keeping) -> bool:
    """Whether the chapters cover the path from its beginning to near its end, without gaps or overlaps."""
    path, chapters = await keeping.path(), await keeping.rows(0)
    ends = [0, *(path.number(each.last_id) for each in chapters)]
    begins = [path.number(each.first_id) - 1 for each in chapters]
    return begins == ends[:-1] and len(path) - ends[-1] < 24


async def asked_about(keeping: Keeping) -> Backlog:
    dialog, path = await keeping.dialog(), await keeping.path()
    async with keeping.world.database.read() as db:
        return await backlog_of(db, dialog, path, SIZES, lengths=UncoveredLengths(), prices=Prices({}), model="m")


async def told_of(keeping: Keeping) -> Story:
    path = await keeping.path()
    async with keeping.world.database.read() as db:
        leaf = path.ids[-1]
        return await story_on(db, keeping.dialog_id, path, room=2_850, before=leaf, ends_before=leaf + 1)


async def test_who_never_answers_about_a_long_old_talk_gets_chapters_of_what_is_said_from_then_on(
    keeping: Keeping,
) -> None:
    old = await keeping.talk(100)
    await keeping.a_reply_ended()
    await keeping.idle()
    assert await keeping.rows() == []
    assert (await asked_about(keeping)).messages > 180
    await keeping.chapters(turns=30)
    (first, *_others) = chapters = await keeping.rows(0)
    assert old[-24] < first.first_id <= old[-1] + 1, "what is left of it is about what stays verbatim"
    told = await told_of(keeping)
    assert told.covered_upto == chapters[-1].last_id
    asked = await asked_about(keeping)
    assert asked.messages == asked.left_out == (await keeping.path()).number(first.first_id) - 1
    await reads_everything(keeping)
    assert await are_whole(keeping)
    assert not (await asked_about(keeping)).is_to_be_asked_about
    path = await keeping.path()
    (first_sum, *_sums) = await keeping.rows(1)
    assert first_sum.first_id == path.ids[0], "sums are counted from the beginning"


async def test_after_everything_was_forgotten_what_is_said_from_then_on_is_told_by_itself(keeping: Keeping) -> None:
    await keeping.chapters(turns=16)
    async with keeping.world.database.write() as db:
        await forget_everything(db, await db.get_one(Dialog, keeping.dialog_id))
    forgotten = (await keeping.path()).ids[-1]
    chapters = await keeping.chapters(turns=20)
    assert chapters[0].first_id > forgotten
    assert (await told_of(keeping)).covered_upto == chapters[-1].last_id
    assert (await asked_about(keeping)).is_to_be_asked_about, "about what was there before"
    await reads_everything(keeping)
    assert await are_whole(keeping)


async def test_a_chapter_that_is_gone_from_among_others_is_made_again_and_none_overlaps_it(keeping: Keeping) -> None:
    chapters = await keeping.chapters(turns=30)
    async with keeping.world.database.write() as db:
        await db.exec(delete(MemoryChapter).where(col(MemoryChapter.level) > 0))
        await db.exec(delete(MemoryChapter).where(col(MemoryChapter.id) == chapters[1].id))
    await keeping.a_reply_ended()
    await keeping.idle()
    assert await are_whole(keeping)
    assert len(await keeping.rows(0)) >= len(chapters)
