"""Report history: reports about a user's characters and by that user, for judging both."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, or_, select

from domain.accounts.sessions import Caller, authorize_admin
from domain.model.character import Character
from domain.model.user import User
from domain.moderation.reports import Report
from storage.columns import clamp_id
from storage.database import Database

LISTED = 100


@dataclass(frozen=True)
class PastReport:
    """`is_about_them`: about one of the user's characters; otherwise made by the user."""

    report: Report
    character: str
    reporter: str
    is_about_them: bool


class ReportHistory:
    """For moderation: includes closed reports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_person(self, caller: Caller, user_id: int) -> list[PastReport]:
        """Reports about the user's characters and by the user, newest first."""
        user_id = clamp_id(user_id)
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            found = await db.exec(
                select(Report, Character.name, Character.owner_id, User.display_name)
                .join(Character, col(Character.id) == col(Report.character_id))
                .join(User, col(User.id) == col(Report.reporter_id))
                .where(or_(col(Character.owner_id) == user_id, col(Report.reporter_id) == user_id))
                .order_by(col(Report.id).desc())
                .limit(LISTED)
            )
            return [
                PastReport(report, character, reporter, owner_id == user_id)
                for report, character, owner_id, reporter in found
            ]

    async def of_character(self, caller: Caller, character_id: int) -> list[Report]:
        """Reports about a character and its messages, newest first."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            about = select(Report).where(Report.character_id == clamp_id(character_id))
            return list(await db.exec(about.order_by(col(Report.id).desc()).limit(LISTED)))
