"""Changes that people make to a talk or to its memory reach the chapters: branches, deletion, edits, hiding."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import or_, update
from sqlmodel import col

from domain.chat.branches import Branches
from domain.memory.chapter_changes import edited, exclude_messages, forget_everything, lift_forgetting, retell
from domain.memory.chapters import story_on
from domain.memory.editing.chapters_shown import chapters_on
from domain.memory.path_ids import PathIds
from domain.memory.remembered import Story
from domain.memory.rows import DIGEST, ChapterState, MadeBy, MemoryChapter
from domain.memory.summaries.backlog import UncoveredLengths, backlog_of
from domain.model.dialog import Dialog, Message
from domain.prices import Price, Prices
from tests.domain.chat.conftest import until
from tests.domain.memory.summaries.keeper_world import SIZES, TURNS, Keeping, another_keeper, texts
from tests.llm_server import Behaviour

MANY = 40  # turns, which make six chapters, their sum and the digest


async def story(keeping: Keeping, leaf_id: int) -> Story:
    """Story of the path to this message, none of which fits verbatim."""
    async with keeping.world.database.read() as db:
        path = await PathIds().of(db, leaf_id)
        return await story_on(db, keeping.dialog_id, path, room=2_850, before=leaf_id, ends_before=leaf_id + 1)


async def test_a_branch_is_told_what_is_above_its_fork_and_nothing_of_the_other(keeping: Keeping) -> None:
    first, *_others = await keeping.chapters(turns=16)
    path = await keeping.path()
    below = await keeping.talk(1, below=first.last_id)
    assert (await story(keeping, path.ids[-1])).covered_upto > first.last_id
    assert (await story(keeping, below[-1])).covered_upto == first.last_id
    above = await keeping.talk(1, below=path.ids[2])
    assert (await story(keeping, above[-1])).covered_upto == 0, "the chapter that is half of it stays with its branch"


async def test_branches_share_their_chapters_and_each_gets_its_own_below_the_fork(keeping: Keeping) -> None:
    chapters = await keeping.chapters(turns=16)
    asked = len(keeping.script.asked)
    await keeping.talk(16, below=chapters[0].last_id)
    await keeping.a_reply_ended()
    await keeping.idle()
    rows = await keeping.rows(0)
    assert len({(row.first_id, row.last_id) for row in rows}) == len(rows)
    new = [row for row in rows if row.id not in {each.id for each in chapters}]
    assert new
    assert all(row.first_id > chapters[-1].last_id for row in new)
    assert len(keeping.script.asked) == asked + len(new), "what is above the fork is not told again"


async def test_an_edit_in_the_middle_leaves_the_digest_of_what_is_above_it(keeping: Keeping) -> None:
    await keeping.chapters(turns=MANY)
    (digest,) = await keeping.rows(DIGEST)
    below = await keeping.talk(1, below=digest.last_id)
    assert (await story(keeping, below[-1])).digest
    chapters = await keeping.rows(0)
    above = await keeping.talk(1, below=chapters[3].last_id)
    told = await story(keeping, above[-1])
    assert (told.digest, told.covered_upto, len(told.chapters)) == ("", chapters[3].last_id, 4)


async def test_what_is_deleted_while_it_is_summed_up_is_dropped_at_the_write(keeping: Keeping) -> None:
    branches = Branches(keeping.world.database, keeping.world.bus, keeping.world.reply_writer)

    async def delete() -> None:
        await branches.delete(keeping.person, (await keeping.path()).ids[5])

    await keeping.while_asked(delete)
    assert await keeping.rows() == []
    assert (await keeping.dialog()).memory_tokens > 0, "it has been paid for"


async def test_what_is_hidden_while_it_is_summed_up_is_told_anew_without_it(keeping: Keeping) -> None:
    async def hide() -> None:
        about_pies = or_(*(col(Message.text).contains(word) for word in ("пирог", "Пирог")))
        async with keeping.world.database.write() as db:
            await db.exec(update(Message).where(about_pies).values(is_hidden_from_model=True))

    await keeping.while_asked(hide)
    assert await keeping.rows() == []
    await keeping.talk(2)  # without what is hidden, too little would be left
    await keeping.a_reply_ended()
    (row,) = await keeping.made(1)
    assert "пирог" not in row.text.lower()
    assert len(keeping.script.asked) == 2, "the first answer was thrown away"


async def test_a_dialog_that_is_erased_while_it_is_summed_up_takes_everything_along(keeping: Keeping) -> None:
    async def erase() -> None:
        async with keeping.world.database.write() as db:
            dialog = await db.get(Dialog, keeping.dialog_id)
            await db.delete(dialog)

    await keeping.while_asked(erase)
    assert await keeping.rows() == []


async def change(keeping: Keeping, do: Callable[..., Awaitable[None]], *args: object) -> None:
    """Do a change of the memory's use cases, then tell the keeper and wait for it."""
    async with keeping.world.database.write() as db:
        await do(db, *args)
    keeping.keeper.break_off(keeping.dialog_id)
    keeping.keeper.look_at(keeping.dialog_id, sums_too=True)
    await keeping.idle()


async def write_by_hand(keeping: Keeping, chapter: MemoryChapter, text: str) -> None:
    async with keeping.world.database.write() as db:
        row = await db.get(MemoryChapter, chapter.id)
        assert row
        row.text, row.made_by = text, MadeBy.PERSON
        await edited(db, row)
    keeping.keeper.look_at(keeping.dialog_id, sums_too=True)
    await keeping.idle()


async def test_what_the_person_writes_is_kept_and_what_is_made_of_it_is_made_anew(keeping: Keeping) -> None:
    await keeping.chapters(turns=MANY)
    own = "Гость рассказывает: «У меня есть лодка с названием Чайка»."
    await write_by_hand(keeping, (await keeping.rows(0))[0], own)
    rows = await keeping.rows()
    assert all(row.state == ChapterState.DONE for row in rows)
    assert rows[0].text == own
    assert rows[0].made_by == MadeBy.PERSON
    assert "Чайка" in (await keeping.rows(1))[0].text
    assert "Чайка" in (await keeping.rows(DIGEST))[0].text


async def test_a_chapter_that_is_told_anew_is_told_as_it_was_until_then(keeping: Keeping) -> None:
    (chapter,) = await keeping.chapters(TURNS)
    keeping.world.llm.refuses = lambda _request: Behaviour(fault="503")
    await change(keeping, retell, chapter)
    (row,) = await keeping.rows()
    assert row.state == ChapterState.FAILED
    async with keeping.world.database.read() as db:
        (shown,) = await chapters_on(db, keeping.dialog_id, await keeping.path())
    assert (shown.is_waiting, shown.is_running) == (True, False)
    assert (await story(keeping, (await keeping.path()).ids[-1])).chapters == (chapter.text,)


async def test_what_is_to_be_forgotten_is_told_by_nothing_at_once_and_never_again(keeping: Keeping) -> None:
    await keeping.chapters(turns=MANY)
    path = await keeping.path()
    assert "шторм" in (await story(keeping, path.ids[-1])).digest.lower()
    async with keeping.world.database.write() as db:
        for message_id in path.ids[:80]:
            message = await db.get(Message, message_id)
            assert message
            if "шторм" in message.text:
                message.is_hidden_from_model = True
                await exclude_messages(db, keeping.dialog_id, [message_id])
    told = await story(keeping, path.ids[-1])
    assert "шторм" not in " ".join((told.digest, *told.chapters)).lower()
    keeping.keeper.look_at(keeping.dialog_id, sums_too=True)
    await keeping.idle()
    rows = await keeping.rows()
    assert all(row.state == ChapterState.DONE for row in rows)
    assert "шторм" not in texts(rows).lower()
    assert (await story(keeping, path.ids[-1])).digest, "the rest is told again"


async def test_everything_is_forgotten_when_that_is_asked_for(keeping: Keeping) -> None:
    await keeping.chapters(turns=16)
    async with keeping.world.database.write() as db:
        dialog = await db.get(Dialog, keeping.dialog_id)
        assert dialog
        await forget_everything(db, dialog)
    assert await keeping.rows() == []


async def test_what_was_said_before_everything_was_forgotten_is_read_again_only_if_the_person_wants_it(
    keeping: Keeping,
) -> None:
    await keeping.chapters(turns=16)
    async with keeping.world.database.write() as db:
        await forget_everything(db, await db.get_one(Dialog, keeping.dialog_id))
    await keeping.talk(1)
    await keeping.a_reply_ended()
    await keeping.idle()
    assert await keeping.rows() == []
    path = await keeping.path()
    async with keeping.world.database.read() as db:
        backlog = await backlog_of(
            db, await keeping.dialog(), path, SIZES, lengths=UncoveredLengths(), prices=Prices({}), model="m"
        )
    assert backlog.is_to_be_asked_about
    async with keeping.world.database.write() as db:
        await lift_forgetting(db, keeping.dialog_id)
    await keeping.a_reply_ended()
    await keeping.idle()
    assert await keeping.rows(0)


@pytest.mark.parametrize("is_asked_for", [False, True])
async def test_a_long_old_talk_is_read_only_if_the_person_wants_it(keeping: Keeping, is_asked_for: bool) -> None:
    await keeping.talk(100)
    await keeping.change(reads_backlog=is_asked_for)
    await keeping.a_reply_ended()
    await keeping.idle()
    chapters = await keeping.rows(0)
    assert bool(chapters) == is_asked_for
    if is_asked_for:
        path = await keeping.path()
        assert len(path) - path.number(chapters[-1].last_id) < 24, "all of it"
        (digest,) = [each for each in await keeping.rows(DIGEST) if each.last_id == (await keeping.rows(1))[-1].last_id]
        assert digest.text

        async def is_over() -> bool:
            return not (await keeping.dialog()).reads_backlog

        await until(is_over)


async def test_reading_a_long_old_talk_goes_on_after_a_restart_without_a_new_reply(keeping: Keeping) -> None:
    await keeping.talk(60)
    await keeping.change(reads_backlog=True)
    await keeping.a_reply_ended()
    await keeping.made(2)
    await keeping.keeper.close()
    made = len(await keeping.rows(0))
    async with another_keeper(keeping) as other:

        async def is_read() -> bool:
            return not (await keeping.dialog()).reads_backlog and other.is_idle

        await until(is_read)
    chapters = await keeping.rows(0)
    assert len(chapters) > made
    assert len({each.first_id for each in chapters}) == len(chapters), "no chapter was made twice"


async def test_the_price_of_a_long_old_talk_is_named_before_it_is_read(keeping: Keeping) -> None:
    await keeping.talk(100)
    prices = Prices({"m": Price(read=200, written=200)})
    path = await keeping.path()
    async with keeping.world.database.read() as db:
        backlog = await backlog_of(
            db, await keeping.dialog(), path, SIZES, lengths=UncoveredLengths(), prices=prices, model="m"
        )
        unknown = await backlog_of(
            db, await keeping.dialog(), path, SIZES, lengths=UncoveredLengths(), prices=prices, model="another"
        )
    assert backlog.is_to_be_asked_about
    assert 190 <= backlog.messages <= 201
    assert unknown.cost is None
    await keeping.change(reads_backlog=True)
    await keeping.a_reply_ended()
    await keeping.idle()
    paid = (await keeping.dialog()).memory_cost
    assert backlog.cost
    assert paid / 2 < backlog.cost < paid * 2
    async with keeping.world.database.read() as db:
        assert not (
            await backlog_of(
                db, await keeping.dialog(), path, SIZES, lengths=UncoveredLengths(), prices=prices, model="m"
            )
        ).is_to_be_asked_about


@pytest.mark.parametrize("manner", ["empty", "english", "in_role", "refusing"])
async def test_a_chapter_that_cannot_be_told_anew_stays_as_it_was_and_says_so(keeping: Keeping, manner: str) -> None:
    (chapter,) = await keeping.chapters(TURNS)
    keeping.script.manner = manner
    await change(keeping, retell, chapter)
    (row,) = await keeping.rows()
    assert (row.text, row.made_by, row.state) == (chapter.text, MadeBy.MODEL, ChapterState.DONE)
    assert row.fault
    assert row.reference
    keeping.script.manner = "faithful"
    await change(keeping, retell, chapter)
    (row,) = await keeping.rows()
    assert (row.text, row.fault, row.reference) == (chapter.text, "", "")


async def test_what_was_made_of_a_chapter_stays_until_that_is_told_anew(keeping: Keeping) -> None:
    await keeping.chapters(turns=MANY)
    before = {row.id: row.text for row in await keeping.rows()}
    keeping.script.manner = "refusing"
    await change(keeping, retell, (await keeping.rows(0))[0])
    assert {row.id: row.text for row in await keeping.rows()} == before


async def test_what_the_person_wrote_stays_theirs_until_a_summary_is_believed(keeping: Keeping) -> None:
    (chapter,) = await keeping.chapters(TURNS)
    await write_by_hand(keeping, chapter, "Мы говорили о лодке.")
    keeping.script.manner = "english"
    await change(keeping, retell, chapter)
    (row,) = await keeping.rows()
    assert (row.text, row.made_by) == ("Мы говорили о лодке.", MadeBy.PERSON)
    keeping.script.manner = "faithful"
    await change(keeping, retell, chapter)
    (row,) = await keeping.rows()
    assert (row.text, row.made_by, row.edited_at) == (chapter.text, MadeBy.MODEL, None)
