"""Audit log display: looks up the current names for the ids in entries; they are never stored there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import col, select

from domain.accounts.sessions import Caller, authorize_admin
from domain.model.audit_entry import AuditEntry
from domain.model.character import Character
from domain.model.user import User
from storage.database import Database


@dataclass(frozen=True)
class Names:
    """Names by id; deleted ones are missing."""

    people: dict[int, str]
    characters: dict[int, str]


class AuditNames:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, caller: Caller, entries: Collection[AuditEntry]) -> Names:
        """The names of all users and characters in these entries, by two queries."""
        people = {each.actor_id for each in entries} | {each.person_id for each in entries}
        people |= {each.target_id for each in entries if each.target_kind == "user"}
        characters = {each.target_id for each in entries if each.target_kind == "character"}
        async with self._database.read() as db:
            await authorize_admin(db, caller)
            living = col(User.id).in_(people - {None}), col(User.deleted_at).is_(None)
            there = col(Character.id).in_(characters - {None}), col(Character.deleted_at).is_(None)
            return Names(
                dict((await db.exec(select(User.id, User.display_name).where(*living))).all()),
                dict((await db.exec(select(Character.id, Character.name).where(*there))).all()),
            )
