"""Announcements: who reads them, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.admin.announcements import AnnouncementFields, Announcements, AnnouncementsChanged, AnnouncementView, Level
from domain.audit.journal import AuditLog
from domain.clock import now
from domain.errors import InvalidForm, NotFound
from storage.bus import Bus
from storage.database import Database
from tests.clock import Clock
from tests.domain.admin.crowd import an_admin

HOUR = timedelta(hours=1)


async def test_everybody_reads_what_is_announced_in_their_language_while_it_lasts(database: Database) -> None:
    admin, bus = await an_admin(database), Bus()
    announcements = Announcements(database, bus)
    told: list[AnnouncementsChanged] = []
    bus.subscribe_to_all(AnnouncementsChanged, told.append)
    assert await announcements.now("ru") == []
    info = await announcements.create(admin, AnnouncementFields(Level.INFO, " Новые персонажи! ", "New characters!"))
    works = await announcements.create(
        admin, AnnouncementFields(Level.MAINTENANCE, "Ночью работы", until=now() + HOUR, is_dismissible=False)
    )
    await announcements.create(admin, AnnouncementFields(Level.WARNING, "Завтра", since=now() + HOUR))
    assert await announcements.now("ru") == [
        AnnouncementView(works, Level.MAINTENANCE, "Ночью работы", is_dismissible=False),
        AnnouncementView(info, Level.INFO, "Новые персонажи!", is_dismissible=True),
    ]
    assert [each.text for each in await announcements.now("en")] == ["Ночью работы", "New characters!"]
    await announcements.change(admin, works, AnnouncementFields(Level.WARNING, "", "Works tonight", until=now() + HOUR))
    await announcements.end(admin, info)
    assert [(each.level, each.text) for each in await announcements.now("ru")] == [(Level.WARNING, "Works tonight")]
    assert len(told) == 5
    assert [each.id for each in await announcements.page(admin)] == [3, works, info]
    actions = [entry.action for entry in await AuditLog(database).page(admin)]
    assert actions == ["announcement.ended", "announcement.changed", *["announcement.made"] * 3]


async def test_an_announcement_is_read_from_its_beginning_until_its_end_and_no_moment_longer(
    database: Database, clock: Clock
) -> None:
    admin, announcements = await an_admin(database), Announcements(database, Bus())
    since, until = clock.time + HOUR, clock.time + 2 * HOUR
    await announcements.create(admin, AnnouncementFields(Level.WARNING, "Работы", since=since, until=until))
    moment = timedelta(microseconds=1)
    for at, is_read, next_change in (
        (since - moment, False, since),
        (since, True, until),
        (until - moment, True, until),
        (until, False, None),
    ):
        clock.set(at)
        assert [each.text for each in await announcements.now("ru")] == ["Работы"] * is_read
        assert announcements.next_change() == next_change


async def test_an_announcement_without_words_or_with_an_end_that_is_over_is_refused(database: Database) -> None:
    admin, announcements = await an_admin(database), Announcements(database, Bus())
    for filled, field in (
        (AnnouncementFields(Level.INFO, " \x00 "), "text_ru"),
        (AnnouncementFields(Level.INFO, "я" * 501), "text_ru"),
        (AnnouncementFields(Level.INFO, "Вчера", until=now() - HOUR), "until"),
        (AnnouncementFields(Level.INFO, "Наоборот", since=now() + 2 * HOUR, until=now() + HOUR), "until"),
    ):
        with pytest.raises(InvalidForm) as refused:
            await announcements.create(admin, filled)
        assert [error.field for error in refused.value.errors] == [field]
    with pytest.raises(NotFound):
        await announcements.end(admin, 10**12)
    assert await announcements.page(admin) == []
