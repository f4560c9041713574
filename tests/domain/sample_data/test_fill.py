"""Sample data: a filled database is one that the product could have produced by itself."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from domain.accounts.sessions import Caller, LoginSession
from domain.admin.people import AdminUsers, UserRow
from domain.characters.gallery import Gallery
from domain.characters.gallery_query import GalleryQuery
from domain.characters.interests import Interests
from domain.characters.votes import Vote, score_of
from domain.chat.chat import Chat
from domain.chat.replies.reply_writer import ReplyWriter
from domain.clock import now
from domain.llm.demo.model import DemoModel
from domain.llm.port import Role
from domain.model.character import AgeMark, Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.rate_limits import InMemory, RateLimiter
from domain.sample_data.fill import Added, fill, people_for
from domain.statistics.overview import Overview
from domain.statistics.period_stats import Period
from domain.statistics.roll_up import RollUp
from domain.usage.budget import TokenBudgets
from domain.usage.usage import Usage, hour_of
from storage.bus import Bus
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.admin.crowd import an_admin


def nobody_listens(_added: int) -> None:
    pass


async def test_what_was_asked_for_is_there_and_told_along_the_way(database: Database) -> None:
    told: list[int] = []
    added = await fill(database, 1_100, 260, told.append)
    assert (added.people, added.characters, added.dialogs) == (people_for(1_100, 260), 1_100, 260)
    assert sum(told) == added.people + added.characters + added.dialogs
    assert len(told) > 3
    assert await counted(database) == added


async def test_made_up_characters_are_found_in_the_gallery(database: Database, gallery: Gallery) -> None:
    await fill(database, 60, 0, nobody_listens)
    async with database.read() as db:
        is_shown = (col(Character.is_public), Character.age_mark != AgeMark.ADULT)  # to strangers
        open_ones = (await db.exec(select(Character).where(*is_shown))).all()
    assert (await gallery.page(None, GalleryQuery())).count == len(open_ones)
    somebody = open_ones[0]
    found = await gallery.page(None, GalleryQuery(words=f"{somebody.name} {somebody.interests[0]}"))
    assert somebody.id in {each.character.id for each in found.cards}
    interest = somebody.interests[0]
    having = await gallery.page(None, GalleryQuery(having=(interest,)))
    known = {each.word: each.characters for each in await Interests(database).suggested(interest)}
    assert having.count == known[interest] == sum(interest in each.interests for each in open_ones)


async def test_a_made_up_conversation_opens_like_any_other(database: Database) -> None:
    await fill(database, 5, 80, nobody_listens)
    async with database.read() as db:
        failed = (await db.exec(select(Message).where(Message.state == State.FAILED))).first()
    assert failed, "in so many replies some fail"
    person, dialog = await enter(database, failed.dialog_id)
    limits = RateLimiter(InMemory(), UNLIMITED)
    chat = Chat(database, bus := Bus(), ReplyWriter(database, bus, DemoModel(), limits, places=1))
    shown = await chat.open(person, failed.dialog_id)
    assert shown.messages[-1].id == dialog.leaf_id
    assert shown.messages[-1].created_at == dialog.spoken_at
    assert shown.may_go_on
    assert [each.created_at for each in shown.messages] == sorted(each.created_at for each in shown.messages)
    assert dialog.started_at <= shown.messages[0].created_at <= dialog.spoken_at <= now()
    greeting, *rest = shown.messages
    assert greeting.text == shown.character.greeting
    assert [each.role for each in rest] == [Role.USER, Role.ASSISTANT] * (len(rest) // 2)
    again = [each for each in rest if failed.id in (each.id, shown.siblings[each.id].before)]
    assert again, "whoever got no reply asked again, or left it at that"


async def test_what_characters_count_of_themselves_is_so(database: Database) -> None:
    await fill(database, 10, 120, nobody_listens)
    async with database.read() as db:
        characters = (await db.exec(select(Character))).all()
        talks = dict(
            (await db.exec(select(Dialog.character_id, func.count()).group_by(col(Dialog.character_id)))).all()
        )
        votes = (await db.exec(select(Vote))).all()
        talked = set((await db.exec(select(Dialog.user_id, Dialog.character_id))).all())
    assert votes
    assert {(each.user_id, each.character_id) for each in votes} <= talked
    for each in characters:
        values = [vote.value for vote in votes if vote.character_id == each.id]
        assert (each.talks, each.votes_count, each.votes_sum) == (talks.get(each.id, 0), len(values), sum(values))
        assert each.score == score_of(each.votes_sum, each.votes_count)
        assert each.talkers <= each.talks
    assert any(each.talkers for each in characters), "somebody talked within the last week"


async def test_what_replies_used_is_counted_as_the_messages_tell_it(database: Database) -> None:
    await fill(database, 10, 120, nobody_listens)
    told: dict[tuple[int, int, int, str], Counter[str]] = {}
    dialogs: dict[int, Counter[str]] = {}
    async with database.read() as db:
        said = (await db.exec(select(Message, Dialog).join(Dialog, col(Dialog.id) == col(Message.dialog_id)))).all()
        usage = {(row.hour, row.user_id, row.character_id, row.model): row for row in await db.exec(select(Usage))}
    for message, dialog in said:
        counts = dialogs.setdefault(dialog.id, Counter())
        counts["messages"] += message.role == Role.USER
        if not message.model:
            continue
        failed, filtered = message.state in {State.FAILED, State.INTERRUPTED}, message.state == State.FILTERED
        read, written, cost = message.tokens_in or 0, message.tokens_out or 0, message.cost or 0
        counts.update(tokens=read + written, cost=cost, faults=failed + filtered)
        key = (hour_of(message.created_at), dialog.user_id, dialog.character_id, message.model)
        told.setdefault(key, Counter()).update(
            replies=1, tokens_in=read, tokens_out=written, cost=cost, failed=failed, filtered=filtered
        )
    assert {key: {name: getattr(row, name) for name in told[key]} for key, row in usage.items()} == told
    for _message, dialog in said:
        assert {name: getattr(dialog, name) for name in dialogs[dialog.id]} == dialogs[dialog.id]
    replies = [message for message, _dialog in said if message.tokens_out]
    assert all(message.cost for message in replies)
    waits = sorted(message.first_text_ms or 0 for message in replies)
    assert 300 <= waits[0] < waits[len(waits) // 2] < 1_000 < waits[-1] < 30_000


@pytest.mark.slow
async def test_the_admins_numbers_tell_of_the_filling_even_where_hours_were_summed_up_before(
    database: Database,
) -> None:
    admin, summing = await an_admin(database), RollUp(database)
    await summing.hours()
    added = await fill(database, 10, 120, nobody_listens)
    await summing.hours()
    figures = await Overview(database).of(admin, Period(now() - timedelta(days=100), now()), UTC)
    async with database.read() as db:
        asked = (await db.exec(select(func.count()).where(Message.role == Role.USER))).one()
        spent = (await db.exec(select(func.sum(Dialog.cost)))).one()
    assert (figures.messages.value, figures.cost.value, figures.new_dialogs.value) == (asked, spent, 120)
    assert figures.top_people
    assert figures.top_characters
    page = await everybody(database, admin)
    assert len(page) == added.people + 1, "the list of people waits for nothing"
    assert sum(row.messages for row in page) == asked


async def test_more_can_be_added_and_nobody_can_log_in_or_get_a_letter(database: Database) -> None:
    for _ in range(2):
        await fill(database, 8, 8, nobody_listens)
    async with database.read() as db:
        people = (await db.exec(select(User))).all()
    assert len({each.email_key for each in people}) == 2 * people_for(8, 8)
    assert all(each.email and each.email.endswith("@example.invalid") for each in people)
    assert not any(each.password_hash or each.is_admin for each in people)


async def test_dialogs_need_a_character_that_everybody_may_talk_with(database: Database) -> None:
    assert (await fill(database, 0, 5, nobody_listens)).dialogs == 0
    assert await fill(database, 0, 0, nobody_listens) == Added(0, 0, 0, 0)


async def test_one_seed_adds_the_same_again(migrated_file: Path, tmp_path: Path) -> None:
    texts, moment = [], now()
    for name, seed in (("one", 7), ("other", 7), ("third", 8)):
        shutil.copy(migrated_file, tmp_path / name)
        database = Database(f"sqlite:///{tmp_path / name}")
        await fill(database, 20, 20, nobody_listens, seed=seed, until=moment)
        async with database.read() as db:
            cards = await db.exec(select(Character.name, Character.bio, Character.talks).order_by(col(Character.id)))
            lines = await db.exec(select(Message.text, Message.state).order_by(col(Message.id)))
            texts.append([*cards, *lines])
        await database.close()
    assert texts[0] == texts[1] != texts[2]


async def everybody(database: Database, admin: Caller) -> list[UserRow]:
    return (await AdminUsers(database, TokenBudgets()).page(admin, limit=1_000)).rows


async def counted(database: Database) -> Added:
    async with database.read() as db:
        counts = [
            (await db.exec(select(func.count(col(noun.id))))).one() for noun in (User, Character, Dialog, Message)
        ]
    return Added(*counts)


async def enter(database: Database, dialog_id: int) -> tuple[Caller, Dialog]:
    """Log in the person of this dialog by other means than a password."""
    async with database.write() as db:
        dialog = await db.get_one(Dialog, dialog_id)
        session = LoginSession(
            user_id=dialog.user_id, token_hash="hash", entered_at=now(), expires_at=now() + timedelta(days=1)
        )
        db.add(session)
        await db.flush()
        return Caller(session.id, dialog.user_id), dialog
