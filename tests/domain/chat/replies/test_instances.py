"""Two instances over one PostgreSQL: what one writes is followed in the other, stopped from there and paid for once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace

import psycopg
import pytest
from sqlmodel import col, select, update

from domain.accounts.sessions import Caller
from domain.accounts.trial_takeover import take_over
from domain.admin.announcements import AnnouncementFields, Announcements, AnnouncementsChanged, Level
from domain.chat.ask import PendingReply, ReplyRequests
from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.list_updates import DialogListRelay
from domain.chat.replies.distant_replies import DistantReplies
from domain.chat.replies.reply_end import WITHDRAWN
from domain.chat.replies.reply_writer import ReplyWriter
from domain.chat.replies.retries import RetryPolicy
from domain.chat.tree.events import DialogListChanged, MessageSent, ReplyChunk, ReplyEnded, ReplyTakenBack
from domain.crossing import Crossing
from domain.llm.client.chat_model import ChatModel
from domain.model.dialog import Message, State
from domain.model.user import User
from domain.moderation.effects import PendingEffects, apply_aftermath
from domain.rate_limits import InMemory, RateLimiter
from domain.usage.usage import Usage
from storage.bus import EVERYBODY, Bus, Event, Missed
from storage.database import Database
from storage.wire import reconnecting
from storage.wire.select import wire_for
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import PATIENCE, ChatWorld, until

pytestmark = pytest.mark.parametrize("dialect", ["postgresql"])
LONG = "Море сегодня тихое, и маяк горит ровно. " * 400


@dataclass
class Instances:
    """Two instances: `a` writes, and somebody looks at `b`."""

    a: ChatWorld
    b: ChatWorld
    url: str

    async def begun(self, person: Caller, words: str = "Расскажи") -> tuple[int, int]:
        """A dialog whose reply is being written by `a`, some of it there already; returns its id and the reply's."""
        dialog_id = await self.a.dialog(person)
        has_begun = asyncio.Event()
        forget = self.a.bus.subscribe(ReplyChunk, dialog_id, lambda _fact: has_begun.set())
        await self.a.chat.send(person, dialog_id, words, "1")
        async with asyncio.timeout(PATIENCE):
            await has_begun.wait()
        forget()
        return dialog_id, (await self.a.messages(person, dialog_id))[-1].id

    def cut_the_bus(self) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'beseda bus' AND datname = current_database()"
            )


class Page:
    """Page of a dialog in one of the instances, and what it receives."""

    def __init__(self, world: ChatWorld, dialog_id: int) -> None:
        self.texts: list[str] = []
        self.heard: list[Event] = []
        self._has_news = asyncio.Event()
        for kind in (MessageSent, ReplyChunk, ReplyTakenBack, ReplyEnded):
            world.bus.subscribe(kind, dialog_id, self._hear)

    def _hear(self, fact: Event) -> None:
        self.heard.append(fact)
        if isinstance(fact, ReplyChunk):
            self.texts.append(fact.so_far)
        self._has_news.set()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                self._has_news.clear()
                await self._has_news.wait()

    async def until_ended(self) -> None:
        await self.until(lambda: any(isinstance(each, ReplyEnded) for each in self.heard))

    async def until_it_shows(self, length: int = 1) -> None:
        await self.until(lambda: bool(self.texts) and len(self.texts[-1]) >= length)

    @property
    def only_grew(self) -> bool:
        return all(later.startswith(text) for text, later in zip(self.texts, self.texts[1:], strict=False))


@pytest.fixture
async def instances(world: ChatWorld, database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Instances]:
    monkeypatch.setattr(
        reconnecting, "SILENCE", PATIENCE
    )  # a machine that stands still for some seconds is no dead connection
    running: list[ReplyWriter | DialogListRelay | DistantReplies] = []
    worlds = []
    for name in ("a", "b"):
        bus = Bus(wire_for(database_url, "", instance=name, secret="the same"), Crossing())
        limits = RateLimiter(InMemory(), UNLIMITED)
        model = ChatModel(base_url=world.llm.url, api_key="key", folder_id="folder", model="m", max_retries=0)
        writer = ReplyWriter(world.database, bus, model, limits, places=2, patience=RetryPolicy(pause=0.01, longest=2))
        relay, distant = DialogListRelay(world.database, bus), DistantReplies(world.database, bus, writer.is_writing)
        await relay.start()
        await distant.start()
        await bus.wire.start()
        running += [writer, relay, distant]
        chat, branches = Chat(world.database, bus, writer), Branches(world.database, bus, writer)
        worlds.append(replace(world, bus=bus, reply_writer=writer, chat=chat, branches=branches))

    async def are_up() -> bool:
        return all(each.bus.wire.is_up for each in worlds)

    await until(are_up)
    a, b = worlds
    yield Instances(a, b, database_url)
    for each in running:
        await each.close()
    for one in worlds:
        await one.bus.wire.close()


async def until_there_are(events: list[Event], many: int) -> None:
    async def are_so_many() -> bool:
        return len(events) == many

    await until(are_so_many)


async def spent(database: Database) -> tuple[int, int]:
    """Number of replies counted, and of tokens written."""
    async with database.read() as db:
        rows = list(await db.exec(select(Usage)))
    return sum(each.replies for each in rows), sum(each.tokens_out for each in rows)


async def test_a_page_elsewhere_follows_a_reply_to_the_last_letter(instances: Instances) -> None:
    ira = await instances.a.somebody()
    dialog_id = await instances.a.dialog(ira)
    page = Page(instances.b, dialog_id)
    instances.a.llm.answer("Море сегодня тихое. 🌊 А маяк горит. " * 6, style="fine", fault="waits")
    await instances.a.chat.send(ira, dialog_id, "Расскажи", "1")
    await page.until_it_shows()
    instances.a.llm.go_on(20)
    await page.until_it_shows(40)
    instances.a.llm.go_on()
    await page.until_ended()
    reply = (await instances.b.messages(ira, dialog_id))[-1]
    assert reply.state == State.DONE
    assert isinstance(page.heard[0], MessageSent)
    assert len(page.texts) > 1, "while it was being written"
    assert page.only_grew
    assert reply.text.startswith(page.texts[-1])


async def test_the_first_words_cross_without_waiting_for_the_next_save(instances: Instances) -> None:
    ira = await instances.a.somebody()
    dialog_id = await instances.a.dialog(ira)
    page = Page(instances.b, dialog_id)
    instances.a.llm.answer("Море. Тихое.", fault="stall")
    await instances.a.chat.send(ira, dialog_id, "Расскажи", "1")
    await page.until_it_shows()
    row = (await instances.b.messages(ira, dialog_id))[-1]
    assert row.state == State.RUNNING
    assert row.text.startswith(page.texts[0]), "what is shown elsewhere is kept already"
    await instances.a.chat.stop(ira, dialog_id)


async def test_who_looks_in_the_middle_of_a_reply_sees_all_of_it(instances: Instances) -> None:
    ira = await instances.a.somebody()
    instances.a.llm.answer(fault="endless", style="fine", pause=0.01)
    dialog_id, _reply_id = await instances.begun(ira)
    first = Page(instances.b, dialog_id)
    await first.until_it_shows(40)
    late = Page(instances.b, dialog_id)
    await late.until_it_shows(60)
    assert late.texts[-1].startswith(first.texts[0])
    assert late.only_grew
    await instances.a.chat.stop(ira, dialog_id)
    await late.until_ended()


async def test_a_piece_too_long_for_the_bus_is_found_in_the_row(instances: Instances) -> None:
    ira = await instances.a.somebody()
    dialog_id = await instances.a.dialog(ira)
    page = Page(instances.b, dialog_id)
    instances.a.llm.answer(LONG, style="fine", pause=0.0005)
    await instances.a.chat.send(ira, dialog_id, "Расскажи", "1")
    await page.until_it_shows(5_000)
    await instances.a.chat.stop(ira, dialog_id)
    await page.until_ended()
    assert page.only_grew
    assert LONG.startswith(page.texts[-1])


async def test_a_page_does_not_wait_for_ever_for_an_instance_that_is_not_heard(instances: Instances) -> None:
    ira = await instances.a.somebody()
    instances.a.llm.answer(fault="endless", style="fine", pause=0.01)
    dialog_id, _reply_id = await instances.begun(ira)
    deaf = Bus(wire_for(instances.url, "", instance="deaf", secret="of another bus"), Crossing())
    page = Page(replace(instances.b, bus=deaf), dialog_id)
    looks = DistantReplies(instances.b.database, deaf, lambda _reply_id: False)

    async def it_shows() -> bool:
        await looks.look()  # at the text saved so far
        await asyncio.sleep(0)
        return bool(page.texts)

    await until(it_shows)
    await instances.a.chat.stop(ira, dialog_id)
    await instances.a.ended(ira, dialog_id)
    await looks.look()
    await page.until_ended()


async def test_after_a_gap_a_page_has_everything_again(instances: Instances) -> None:
    ira = await instances.a.somebody()
    instances.a.llm.answer(fault="endless", style="fine", pause=0.01)
    dialog_id, _reply_id = await instances.begun(ira)
    page, gaps = Page(instances.b, dialog_id), list[Missed]()
    instances.b.bus.subscribe(Missed, 0, gaps.append)
    await page.until_it_shows()
    instances.cut_the_bus()

    async def is_told_of_a_gap() -> bool:
        return bool(gaps)

    await until(is_told_of_a_gap)  # whoever shows something looks again
    await page.until_it_shows(len(page.texts[-1]) + 40)
    assert page.only_grew
    await instances.b.chat.stop(ira, dialog_id)
    await page.until_ended()


async def test_thoughts_that_were_taken_for_the_reply_go_elsewhere_too(instances: Instances) -> None:
    ira = await instances.a.somebody()
    dialog_id = await instances.a.dialog(ira)
    page = Page(instances.b, dialog_id)
    instances.a.llm.answer("Думаю о море. " * 4 + "</think>" + "Оно тихое. " * 8, style="fine", fault="waits")
    await instances.a.chat.send(ira, dialog_id, "Расскажи", "1")
    await page.until_it_shows()
    instances.a.llm.go_on()
    await page.until_ended()
    assert any(isinstance(each, ReplyTakenBack) for each in page.heard)
    reply = (await instances.b.messages(ira, dialog_id))[-1]
    assert reply.text.startswith("Оно тихое.")
    assert reply.text.startswith(page.texts[-1].lstrip()), "as far as it was saved when the page heard of it last"


async def test_stop_works_wherever_it_is_pressed_and_is_paid_for(instances: Instances) -> None:
    ira = await instances.a.somebody()
    instances.a.llm.answer(fault="endless", style="fine", pause=0.01)
    dialog_id, reply_id = await instances.begun(ira)
    page = Page(instances.b, dialog_id)
    await instances.b.chat.stop(ira, dialog_id)
    await page.until_ended()
    reply = (await instances.b.messages(ira, dialog_id))[-1]
    assert (reply.id, reply.state) == (reply_id, State.STOPPED)
    assert reply.text, "what had arrived is kept"
    assert reply.tokens_out
    assert await spent(instances.a.database) == (1, reply.tokens_out)
    instances.a.llm.answer("Дальше. И ещё.", pause=0.3)
    await instances.a.branches.continue_reply(ira, reply_id)
    assert (await instances.a.ended(ira, dialog_id)).state == State.DONE, "the next one is not asked to stop"


async def test_a_block_stops_replies_wherever_they_are_written(instances: Instances) -> None:
    ira = await instances.a.somebody()
    instances.a.llm.answer(fault="endless", style="fine", pause=0.01)
    dialog_id, reply_id = await instances.begun(ira)
    page = Page(instances.b, dialog_id)
    blocked = PendingEffects(silenced_people={ira.user_id})
    await apply_aftermath(blocked, instances.b.database, instances.b.bus, instances.b.reply_writer)
    await page.until_ended()
    async with instances.b.database.read() as db:
        broken_off = await db.get_one(Message, reply_id)
    assert (broken_off.state, broken_off.fault) == (State.INTERRUPTED, WITHDRAWN)
    assert broken_off.text, "what had arrived is kept"
    assert (await spent(instances.a.database))[0] == 1


async def test_a_reply_that_another_instance_took_for_dead_is_paid_for_all_the_same(instances: Instances) -> None:
    ira = await instances.a.somebody()
    instances.a.llm.answer(fault="endless", style="fine", pause=0.01)
    dialog_id, reply_id = await instances.begun(ira)
    async with instances.b.database.write() as db:
        taken = {"state": State.INTERRUPTED, "lease_until": None}  # in one statement, since its writer renews the lease
        await db.exec(update(Message).where(col(Message.id) == reply_id).values(taken))

    async def is_counted() -> bool:
        return (await spent(instances.a.database))[0] == 1

    await until(is_counted)
    reply = (await instances.b.messages(ira, dialog_id))[-1]
    assert reply.state == State.INTERRUPTED
    assert await spent(instances.a.database) == (1, reply.tokens_out)


async def test_a_list_of_dialogs_is_told_once_however_many_instances_there_are(instances: Instances) -> None:
    ira = await instances.a.somebody()
    dialog_id = await instances.a.dialog(ira)
    told: dict[str, list[Event]] = {"a": [], "b": []}
    for name, world in (("a", instances.a), ("b", instances.b)):
        world.bus.subscribe(DialogListChanged, ira.user_id, told[name].append)
    page = Page(instances.b, dialog_id)
    instances.a.llm.answer("Море тихое сегодня.", style="fine", fault="waits")
    await instances.a.chat.send(ira, dialog_id, "Как море?", "1")
    await until_there_are(told["b"], 1)  # before the end, since equal events may arrive as one if sent together
    instances.a.llm.go_on()
    await until_there_are(told["a"], 2)  # for the message, and for the end of the reply
    await page.until_ended()
    heard_last = asyncio.Event()
    instances.a.bus.subscribe(AnnouncementsChanged, EVERYBODY, lambda _fact: heard_last.set())
    instances.b.bus.publish(AnnouncementsChanged())  # reaches `a` after everything that `b` has published
    async with asyncio.timeout(PATIENCE):
        await heard_last.wait()
    assert len(told["a"]) == 2, "and b, which has heard of both, tells nobody anew"
    await until_there_are(told["b"], 2)


async def test_whose_a_dialog_is_is_asked_anew_once_another_instance_has_moved_it(instances: Instances) -> None:
    guest, ira = await instances.a.somebody(), await instances.a.somebody()
    dialog_id = await instances.a.dialog(guest)
    told: list[Event] = []
    for person in (guest, ira):
        instances.b.bus.subscribe(DialogListChanged, person.user_id, told.append)

    async def talk(person: Caller, words: str) -> None:
        before = len(told)
        instances.a.llm.answer("Море тихое сегодня.", style="fine", fault="waits")
        await instances.a.chat.send(person, dialog_id, words, words)
        await until_there_are(told, before + 1)
        instances.a.llm.go_on()
        await until_there_are(told, before + 2)

    await talk(guest, "Как море?")
    async with instances.b.database.write() as db:
        await db.exec(update(User).where(col(User.id) == guest.user_id).values(is_trial=True))
        facts = await take_over(db, guest.user_id, await db.get_one(User, ira.user_id))
    for fact in facts:
        instances.b.bus.publish(fact)
    heard_last = asyncio.Event()
    instances.a.bus.subscribe(AnnouncementsChanged, EVERYBODY, lambda _fact: heard_last.set())
    instances.b.bus.publish(AnnouncementsChanged())  # reaches `a` after the takeover
    async with asyncio.timeout(PATIENCE):
        await heard_last.wait()
    await talk(ira, "А теперь?")
    assert [each.about for each in told] == [guest.user_id] * 2 + [ira.user_id] * 2


async def test_each_word_of_a_reply_is_told_here_as_often_as_ever(instances: Instances) -> None:
    """No event comes back by the wire to the instance that published it."""
    ira = await instances.a.somebody()
    dialog_id = await instances.a.dialog(ira)
    page = Page(instances.a, dialog_id)
    far = Page(instances.b, dialog_id)
    instances.a.llm.answer("Тихо.")
    await instances.a.chat.send(ira, dialog_id, "Как море?", "1")
    await page.until_ended()
    await far.until_ended()
    assert [type(each) for each in page.heard] == [MessageSent, ReplyChunk, ReplyEnded]


async def test_a_program_may_wait_in_another_instance_than_the_one_that_writes(instances: Instances) -> None:
    ira = await instances.a.somebody()
    instances.a.llm.answer("Тихо. И ясно.", pause=0.3)
    dialog_id, reply_id = await instances.begun(ira)
    requests = ReplyRequests(instances.b.database, instances.b.bus, instances.b.reply_writer, instances.b.chat)
    reply = await requests.wait_until_ended(ira, PendingReply(dialog_id, reply_id), within=PATIENCE)
    assert (reply.state, reply.text) == (State.DONE, "Тихо. И ясно.")


async def test_an_announcement_stands_at_once_above_the_pages_of_all_instances(instances: Instances) -> None:
    admin = await instances.a.somebody()
    async with instances.a.database.write() as db:
        await db.exec(update(User).where(col(User.id) == admin.user_id).values(is_admin=True))
    here, there = (Announcements(each.database, each.bus) for each in (instances.a, instances.b))
    assert await there.now("ru") == [], "and it remembers that for a while"
    told = asyncio.Event()
    instances.b.bus.subscribe(AnnouncementsChanged, EVERYBODY, lambda _fact: told.set())
    await here.create(admin, AnnouncementFields(Level.INFO, "Завтра ночью перерыв."))
    async with asyncio.timeout(PATIENCE):
        await told.wait()
    assert [each.text for each in await there.now("ru")] == ["Завтра ночью перерыв."]
