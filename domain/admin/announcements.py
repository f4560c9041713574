"""Announcements: a banner above every page for a limited time, set by the admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Text
from sqlmodel import Field, col, or_, select

from domain.accounts.sessions import Caller, authorize_admin
from domain.clock import now
from domain.errors import Invalid, InvalidForm, NotFound
from domain.model.audit_entry import record_audit
from domain.paging import PAGE, newest_first
from domain.text import cleaned, without_unstorable
from storage.bus import EVERYBODY, Bus, Missed
from storage.columns import choice, clamp_id
from storage.database import LOCK_FOR_UPDATE, Database
from storage.tables import NO_ID_REUSE, Table

TEXT_LIMIT = 500
READ_EVERY = timedelta(seconds=10)
"""Cache lifetime, as every page asks. While the wire is down, another instance's changes show with this delay."""


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"
    MAINTENANCE = "maintenance"


class Announcement(Table, table=True):
    id: int = Field(default=None, primary_key=True)
    level: Level = Field(default=Level.INFO, sa_type=choice(Level))
    text_ru: str = Field(default="", sa_type=Text)
    text_en: str = Field(default="", sa_type=Text)
    """Either of the two may be empty: then the other is shown."""
    since: datetime = Field(default_factory=now)
    until: datetime | None = None
    """None: until an admin ends it."""
    is_dismissible: bool = True
    created_at: datetime = Field(default_factory=now)

    __table_args__ = NO_ID_REUSE

    def text(self, language: str) -> str:
        own, other = (self.text_ru, self.text_en) if language == "ru" else (self.text_en, self.text_ru)
        return own or other


@dataclass(frozen=True)
class AnnouncementFields:
    """The form of an announcement. `since` None: from now on; `until` None: open-ended, until an admin ends it."""

    level: Level
    text_ru: str = ""
    text_en: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_dismissible: bool = True


@dataclass(frozen=True)
class AnnouncementView:
    """An announcement as shown, in the reader's language if there is a text in it."""

    id: int
    level: Level
    text: str
    is_dismissible: bool


@dataclass(frozen=True)
class AnnouncementsChanged:
    """Event: an announcement was made, changed or ended; open pages call `now` again."""

    about: int = EVERYBODY


class Announcements:
    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._known: list[Announcement] = []
        self._read_at: datetime | None = None
        bus.subscribe_to_all(AnnouncementsChanged, lambda _fact: self._forget())
        bus.subscribe_to_all(Missed, lambda _fact: self._forget())

    async def now(self, language: str) -> list[AnnouncementView]:
        """The announcements to show now, the most severe first, then the newest. Cheap: called by every page."""
        moment = now()
        if self._read_at is None or self._read_at <= moment - READ_EVERY:
            self._known = await self._living()
            self._read_at = moment
        return self.known(language)

    def known(self, language: str) -> list[AnnouncementView]:
        """As `now`, from the cache, which may be seconds old: shown by a page until it has called `now`."""
        moment = now()
        shown = [each for each in self._known if each.since <= moment and (each.until is None or moment < each.until)]
        gravity = list(Level)
        shown.sort(key=lambda each: (gravity.index(each.level), each.since, each.id), reverse=True)
        return [AnnouncementView(each.id, each.level, each.text(language), each.is_dismissible) for each in shown]

    def next_change(self) -> datetime | None:
        """The next time the result of `now` changes because one begins or ends; None if nothing is scheduled."""
        ahead = [moment for each in self._known for moment in (each.since, each.until) if moment and moment > now()]
        return min(ahead, default=None)

    async def page(self, caller: Caller, before: int | None = None, limit: int = PAGE) -> list[Announcement]:
        """All announcements ever made, newest first; keyset pagination: `before` is the last id of the previous
        page.
        """
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            return list(await db.exec(newest_first(select(Announcement), col(Announcement.id), before, limit)))

    async def create(self, caller: Caller, filled: AnnouncementFields) -> int:
        """Create an announcement, record it in the audit log and return its id; raises `InvalidForm` for `text_ru` and
        `until`.
        """
        filled = _checked(filled)
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            announcement = Announcement(level=filled.level)
            _fill(announcement, filled)
            db.add(announcement)
            await db.flush()
            record_audit(db, admin.id, "announcement.made", "announcement", announcement.id)
        self._bus.publish(AnnouncementsChanged())
        return announcement.id

    async def change(self, caller: Caller, announcement_id: int, filled: AnnouncementFields) -> None:
        """Change an announcement and record it in the audit log. Raises what `create` raises, and `NotFound`."""
        filled = _checked(filled)
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            announcement = _known(
                await db.get(Announcement, clamp_id(announcement_id), with_for_update=LOCK_FOR_UPDATE)
            )
            before = _plain(announcement)
            _fill(announcement, filled)
            changes = {name: [before[name], new] for name, new in _plain(announcement).items() if new != before[name]}
            record_audit(db, admin.id, "announcement.changed", "announcement", announcement.id, changes=changes)
        self._bus.publish(AnnouncementsChanged())

    async def end(self, caller: Caller, announcement_id: int) -> None:
        """End an announcement now; one that is over stays as it was. Raises `NotFound`."""
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            announcement = _known(
                await db.get(Announcement, clamp_id(announcement_id), with_for_update=LOCK_FOR_UPDATE)
            )
            if announcement.until is not None and announcement.until <= now():
                return
            announcement.until = now()
            record_audit(db, admin.id, "announcement.ended", "announcement", announcement.id)
        self._bus.publish(AnnouncementsChanged())

    async def _living(self) -> list[Announcement]:
        """Those that are not over, including scheduled ones."""
        is_over = or_(col(Announcement.until).is_(None), col(Announcement.until) > now())
        async with self._database.read() as db:
            return list(await db.exec(select(Announcement).where(is_over)))

    def _forget(self) -> None:
        self._read_at = None


def _checked(filled: AnnouncementFields) -> AnnouncementFields:
    ru, en = (cleaned(text, TEXT_LIMIT, _storable) for text in (filled.text_ru, filled.text_en))
    errors = [
        Invalid("At most {limit} characters.", field=field, limit=TEXT_LIMIT)
        for field, text in (("text_ru", ru), ("text_en", en))
        if len(text) > TEXT_LIMIT
    ]
    if not ru and not en:
        errors.append(Invalid("Write the announcement in at least one language.", field="text_ru"))
    since = filled.since or now()
    if filled.until is not None and filled.until <= max(since, now()):
        errors.append(Invalid("The end must be in the future and after the start.", field="until"))
    if errors:
        raise InvalidForm(errors)
    return AnnouncementFields(filled.level, ru, en, since, filled.until, filled.is_dismissible)


def _storable(text: str) -> str:
    return without_unstorable(text).strip()


def _fill(announcement: Announcement, filled: AnnouncementFields) -> None:
    announcement.level = filled.level
    announcement.text_ru = filled.text_ru
    announcement.text_en = filled.text_en
    announcement.since = filled.since or now()
    announcement.until = filled.until
    announcement.is_dismissible = filled.is_dismissible


def _plain(announcement: Announcement) -> dict[str, object]:
    """Plain values for the audit log."""
    return {
        "level": announcement.level.value,
        "text_ru": announcement.text_ru,
        "text_en": announcement.text_en,
        "since": announcement.since.isoformat(),
        "until": announcement.until.isoformat() if announcement.until else None,
        "is_dismissible": announcement.is_dismissible,
    }


def _known(announcement: Announcement | None) -> Announcement:
    if announcement is None:
        raise NotFound("No such announcement.")
    return announcement
