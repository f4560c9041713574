"""Visibility: the rule for public lists is written three times (index, query, Python): they agree."""

from __future__ import annotations

from itertools import product

from sqlalchemy import text
from sqlmodel import col, select, update

from domain.accounts.sessions import Caller
from domain.characters.visibility import has_closed_marks, has_public_flags, is_listed, is_open
from domain.clock import now
from domain.model.character import OPEN, Character, Gender
from domain.model.user import User
from storage.database import Database


async def test_index_query_and_python_mean_the_same_characters(database: Database, ira: Caller) -> None:
    async with database.write() as db:
        for is_public, is_blocked, is_hidden, is_deleted in product((True, False), repeat=4):
            deleted_at = now() if is_deleted else None
            marina = Character(owner_id=ira.user_id, name="Марина", gender=Gender.FEMALE, is_public=is_public)
            marina.is_blocked, marina.is_hidden, marina.deleted_at = is_blocked, is_hidden, deleted_at
            db.add(marina)
    async with database.read() as db:
        everybody = list(await db.exec(select(Character)))
        listed = {each.id for each in everybody if is_listed(each)}
        assert len(everybody) == 16
        assert len(listed) == 1
        assert set(await db.exec(select(Character.id).where(text(OPEN)))) == listed
        assert set(await db.exec(select(Character.id).where(has_public_flags()))) == listed
        assert set(await db.exec(select(Character.id).where(is_open()))) == listed
        closed = set(await db.exec(select(Character.id).where(has_closed_marks())))
        assert closed == {each.id for each in everybody} - listed


async def test_the_query_leaves_out_those_of_an_author_who_is_held_back(database: Database, ira: Caller) -> None:
    async with database.write() as db:
        db.add(Character(owner_id=ira.user_id, name="Марина", gender=Gender.FEMALE))
    for column in ("is_blocked", "is_hidden"):
        async with database.write() as db:
            await db.exec(update(User).where(col(User.id) == ira.user_id).values({column: True}))
        async with database.read() as db:
            assert (await db.exec(select(Character.id).where(is_open()))).all() == []
        async with database.write() as db:
            await db.exec(update(User).where(col(User.id) == ira.user_id).values({column: False}))
    async with database.read() as db:
        assert len((await db.exec(select(Character.id).where(is_open()))).all()) == 1
