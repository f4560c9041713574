"""E-mail outbox: sending each letter once, with retries and backoff."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NoReturn

import pytest
from sqlmodel import col, select

from domain.accounts.mailed_links import MailedLink, MailedLinks
from domain.accounts.sign_up import SignUp
from domain.clock import now
from domain.mail.letters import Mail
from domain.mail.outbox import CLAIM, Outbox, QueuedMail
from domain.mail.smtp import SmtpMailer
from domain.moderation.ban_evasion import BanEvasion
from storage.database import Database, DatabaseUnavailable
from tests.domain.conftest import ADDRESS
from tests.mail_server import HOST, MailServer

HALF_AN_HOUR = timedelta(minutes=30)
IRA = "ira@example.test"
SOON = 60  # seconds


def outbox_of(database: Database, server: MailServer) -> Outbox:
    mailer = SmtpMailer(HOST, server.port, "none", user="", password="", sender="beseda@example.test")
    return Outbox(database, mailer)


@asynccontextmanager
async def running(database: Database, server: MailServer) -> AsyncIterator[Outbox]:
    """An instance's outbox, from its start to its end; by then it completes the deliveries under way."""
    outbox = outbox_of(database, server)
    await outbox.start()
    try:
        yield outbox
    finally:
        await outbox.close()


async def post(database: Database, outbox: Outbox, *recipients: str, good_for: timedelta = HALF_AN_HOUR) -> None:
    async with database.write() as db:
        for to in recipients:
            outbox.enqueue(db, Mail(to, "Тема", "Текст", "<p>Текст"), good_until=now() + good_for)


async def waiting(database: Database) -> list[QueuedMail]:
    async with database.read() as db:
        return list(await db.exec(select(QueuedMail).order_by(col(QueuedMail.id))))


async def until(are_so: Callable[[list[QueuedMail]], bool], database: Database) -> None:
    async with asyncio.timeout(SOON):
        while not are_so(await waiting(database)):  # noqa: ASYNC110 - a row has nobody to wake
            await asyncio.sleep(0.01)


async def until_none_waits(database: Database) -> None:
    await until(lambda letters: not letters, database)


async def tried(database: Database, server: MailServer, tries: int) -> QueuedMail:
    """The one waiting letter, as left by an instance after so many tries in all."""
    async with running(database, server):
        await until(lambda letters: letters[0].tries == tries, database)
    [letter] = await waiting(database)
    return letter


async def let_time_pass(database: Database, passed: timedelta) -> None:
    async with database.write() as db:
        for letter in await db.exec(select(QueuedMail)):
            letter.try_at -= passed
            letter.good_until -= passed


async def test_a_posted_letter_is_sent_at_once_and_its_text_is_kept_no_longer(database: Database) -> None:
    with MailServer() as server:
        async with running(database, server) as outbox:
            await post(database, outbox, IRA)
            await until_none_waits(database)
    [letter] = server.letters
    assert (letter["To"], letter["Subject"]) == (IRA, "Тема")
    assert [part.get_content().strip() for part in letter.iter_parts()] == ["Текст", "<p>Текст"]


async def test_a_letter_of_an_action_that_failed_is_never_sent(database: Database) -> None:
    async def fail(outbox: Outbox) -> None:
        async with database.write() as db:
            outbox.enqueue(db, Mail(IRA, "Тема", "Текст"), good_until=now() + HALF_AN_HOUR)
            await db.flush()
            raise ZeroDivisionError

    with MailServer() as server:
        async with running(database, server) as outbox:
            with pytest.raises(ZeroDivisionError):
                await fail(outbox)
            await post(database, outbox, "boris@example.test")
            await until_none_waits(database)
    assert [letter["To"] for letter in server.letters] == ["boris@example.test"]


async def test_letters_are_sent_again_once_a_database_that_was_away_is_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_failed = asyncio.Event()

    def away(*_: object, **__: object) -> NoReturn:
        has_failed.set()
        raise DatabaseUnavailable("the connection was closed")

    with MailServer() as server:
        with monkeypatch.context() as patch:
            patch.setattr(database, "read", away)
            outbox = outbox_of(database, server)
            await outbox.start()
            await has_failed.wait()
            await asyncio.sleep(0)
        await post(database, outbox, IRA)
        await until_none_waits(database)
        await outbox.close()
        assert [letter["To"] for letter in server.letters] == [IRA]


async def test_asking_for_a_letter_does_not_wait_for_a_dead_mail_server(
    database: Database, links: MailedLinks, ban_evasion: BanEvasion
) -> None:
    server = MailServer()
    async with running(database, server) as outbox:
        await SignUp(database, links, outbox, ban_evasion, address=ADDRESS).request(IRA, "ru")
        async with database.read() as db:
            assert (await db.exec(select(MailedLink))).one().email == IRA
        [letter] = await waiting(database)
        assert "/sign-up/" in letter.text


async def test_a_dead_server_loses_no_letter_and_it_is_sent_once_when_the_server_is_back(database: Database) -> None:
    server = MailServer()
    await post(database, outbox_of(database, server), IRA)
    letter = await tried(database, server, 1)
    assert timedelta(seconds=20) < letter.try_at - now() <= timedelta(seconds=30)
    await let_time_pass(database, timedelta(seconds=31))
    with server:
        async with running(database, server):
            await until_none_waits(database)
        assert [letter["To"] for letter in server.letters] == [IRA]


async def test_pauses_grow_and_end_with_the_letters_links(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    server = MailServer()
    await post(database, outbox_of(database, server), IRA, good_for=timedelta(minutes=6))
    for tries, pause in enumerate((30, 60, 120), start=1):
        letter = await tried(database, server, tries)
        assert pause - 10 < (letter.try_at - now()).total_seconds() <= pause
        await let_time_pass(database, timedelta(seconds=pause))
    letter = await tried(database, server, 4)
    assert letter.try_at == letter.good_until
    await let_time_pass(database, timedelta(minutes=3))
    async with running(database, server):
        await until_none_waits(database)
    assert "dropped after 4 tries" in caplog.text
    assert IRA not in caplog.text
    assert "Текст" not in caplog.text


async def test_a_recipient_the_server_refuses_for_good_is_not_asked_for_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with MailServer() as server:
        server.answers[IRA] = "550 no such user"
        async with running(database, server) as outbox:
            await post(database, outbox, IRA, "boris@example.test")
            await until_none_waits(database)
    assert [letter["To"] for letter in server.letters] == ["boris@example.test"]
    assert "refused for good" in caplog.text
    assert IRA not in caplog.text


async def test_a_recipient_the_server_puts_off_is_tried_again(database: Database) -> None:
    with MailServer() as server:
        await post(database, outbox_of(database, server), IRA)
        server.answers[IRA] = "451 greylisted, come again"
        await tried(database, server, 1)
        server.answers.clear()
        await let_time_pass(database, timedelta(seconds=31))
        async with running(database, server):
            await until_none_waits(database)
        assert len(server.letters) == 1


async def test_two_instances_over_one_database_send_each_letter_once(database: Database) -> None:
    people = [f"person{number}@example.test" for number in range(20)]
    with MailServer() as server:
        await post(database, outbox_of(database, server), *people)
        async with running(database, server), running(database, server):
            await until_none_waits(database)
        assert sorted(letter["To"] for letter in server.letters) == sorted(people)


async def test_a_letter_an_instance_died_with_is_sent_by_another_after_a_while(database: Database) -> None:
    with MailServer() as server:
        await post(database, outbox_of(database, server), IRA, "boris@example.test")
        async with database.write() as db:
            [mine, _] = await db.exec(select(QueuedMail).order_by(col(QueuedMail.id)))
            mine.try_at = now() + CLAIM  # claimed for delivery by an instance that was killed on the way
        async with running(database, server):
            await until(lambda letters: len(letters) == 1, database)
        await let_time_pass(database, CLAIM)
        async with running(database, server):
            await until_none_waits(database)
        assert [letter["To"] for letter in server.letters] == ["boris@example.test", IRA]
