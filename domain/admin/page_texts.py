"""Page texts: rules, privacy and contact, as Markdown: ours from assets/pages until an admin writes others.

Nothing is overwritten: each change is a new row, and an old one comes back as the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy import Index, Text
from sqlmodel import Field, col, select

from domain.accounts.sessions import Caller, authorize_admin
from domain.clock import now
from domain.errors import Invalid, NotFound
from domain.language import LANGUAGES, N_, Texts
from domain.model.audit_entry import record_audit
from domain.model.user import User
from domain.text import clean_text
from storage.columns import choice, clamp_id
from storage.database import Database
from storage.tables import NO_ID_REUSE, Table

TEXT_LIMIT = 20_000
VERSIONS_SHOWN = 100
CONTACT = "{contact}"
"""Placeholder in a text, in whose place readers see the setting CONTACT."""
NO_CONTACT = N_("(the server's owner hasn't given an address yet)")
FOLDER = Path(__file__).parents[2] / "assets" / "pages"


class PageKind(StrEnum):
    RULES = "rules"
    PRIVACY = "privacy"
    CONTACT = "contact"


class PageText(Table, table=True):
    """A version of a page in one language; the newest is shown."""

    __tablename__ = "page_text"

    id: int = Field(default=None, primary_key=True)
    kind: PageKind = Field(sa_type=choice(PageKind))
    language: str = Field(max_length=8)
    text: str = Field(sa_type=Text)
    author_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    at: datetime = Field(default_factory=now)

    __table_args__ = (Index("ix_page_text_kind_language_id", "kind", "language", "id"), NO_ID_REUSE)


@dataclass(frozen=True)
class ShownPage:
    """A page as everybody reads it; `changed_at` is None while the text is ours."""

    text: str
    changed_at: datetime | None


@dataclass(frozen=True)
class PageVersion:
    """A version as admins see it: by whom ("" if the account is gone) and when."""

    id: int
    text: str
    author: str
    at: datetime


class PageTexts:
    """`contact` is the contact given in the settings."""

    def __init__(self, database: Database, *, contact: str) -> None:
        self._database = database
        self._contact = contact

    async def shown(self, kind: PageKind, language: str) -> ShownPage:
        """The page for everybody, with the contact filled in."""
        newest = select(PageText).where(PageText.kind == kind, PageText.language == language)
        async with self._database.read() as db:
            found = (await db.exec(newest.order_by(col(PageText.id).desc()).limit(1))).first()
        text = found.text if found else default_text(kind, language)
        contact = self._contact or Texts(language)(NO_CONTACT)
        return ShownPage(text.replace(CONTACT, contact), found.at if found else None)

    async def history(self, caller: Caller, kind: PageKind, language: str) -> list[PageVersion]:
        """Its versions, the newest first; none while the text is ours."""
        question = (
            select(PageText, User.display_name)
            .outerjoin(User, col(User.id) == col(PageText.author_id))
            .where(PageText.kind == kind, PageText.language == language)
            .order_by(col(PageText.id).desc())
            .limit(VERSIONS_SHOWN)
        )
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            found = await db.exec(question)
            return [PageVersion(each.id, each.text, name or "", each.at) for each, name in found]

    async def save(self, caller: Caller, kind: PageKind, language: str, text: str) -> None:
        """Show this text from now on, and record that in the audit log; raises `Invalid` for `text`."""
        text = clean_text(text, "text", TEXT_LIMIT)
        if not text:
            raise Invalid("Write what people should read here.", field="text")
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            if language not in LANGUAGES:
                raise NotFound("There's no such page.")
            version = PageText(kind=kind, language=language, text=text, author_id=admin.id)
            db.add(version)
            await db.flush()
            page = {"page": [None, kind], "language": [None, language]}
            record_audit(db, admin.id, "page.changed", "page", version.id, changes=page)

    async def restore(self, caller: Caller, version_id: int) -> None:
        """Show an old version again, as the newest, and record that in the audit log; raises `NotFound`."""
        async with self._database.write() as db:
            admin = await authorize_admin(db, caller)
            old = await db.get(PageText, clamp_id(version_id))
            if old is None:
                raise NotFound("There's no such version.")
            version = PageText(kind=old.kind, language=old.language, text=old.text, author_id=admin.id)
            db.add(version)
            await db.flush()
            page = {"page": [None, old.kind], "language": [None, old.language], "version": [None, old.id]}
            record_audit(db, admin.id, "page.restored", "page", version.id, changes=page)


@cache
def default_text(kind: PageKind, language: str) -> str:
    """Ours; read once."""
    return (FOLDER / Texts(language).language / f"{kind}.md").read_text("utf-8").strip()
