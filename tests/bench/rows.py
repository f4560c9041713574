"""Test data, inserted before the product starts: logged-in people, each in a dialog of some length."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import LoginSession, hash_of, new_token
from domain.clock import now
from domain.llm.port import Role
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from storage.database import Database
from storage.migrate import upgrade
from tests.bench.upstream import MANNERS

QUESTION = "Расскажи, что было на маяке сегодня, и не забудь про Егора и его чайник."


@dataclass(frozen=True)
class Seat:
    """A logged-in person and their dialog; `cookie` is the value of the session cookie."""

    cookie: str
    user_id: int
    dialog_id: int

    @property
    def path(self) -> str:
        return f"/chat/{self.dialog_id}"


async def seat(database_url: str, talks: Sequence[int]) -> list[Seat]:
    """A person and a dialog for each of `talks`, the number of turns (a question and its reply) already in it."""
    await asyncio.to_thread(upgrade, database_url)
    database = Database(database_url)
    async with database.write() as db:
        people = [
            User(email=f"{n}@x.test", email_key=f"{n}@x.test", display_name=f"Гость {n}") for n in range(len(talks))
        ]
        db.add_all(people)
        await db.flush()
        character = Character(
            owner_id=people[0].id, name="Марина", gender=Gender.FEMALE, context="Ты — Марина.", is_public=True
        )
        db.add(character)
        await db.flush()
        dialogs = [Dialog(user_id=person.id, character_id=character.id) for person in people]
        db.add_all(dialogs)
        tokens = [new_token() for _ in people]
        for person, token in zip(people, tokens, strict=True):
            expires = now() + timedelta(days=1)
            db.add(LoginSession(user_id=person.id, token_hash=hash_of(token), entered_at=now(), expires_at=expires))
        await db.flush()
        for turn in range(max(talks)):
            await _speak(db, [dialog for dialog, turns in zip(dialogs, talks, strict=True) if turn < turns])
    await database.close()
    return [Seat(token, dialog.user_id, dialog.id) for token, dialog in zip(tokens, dialogs, strict=True)]


async def _speak(db: AsyncSession, dialogs: Sequence[Dialog]) -> None:
    """Add a turn to each of the dialogs."""
    for role, text in ((Role.USER, QUESTION), (Role.ASSISTANT, MANNERS["coarse"].text)):
        news = [Message(dialog_id=each.id, parent_id=each.leaf_id, role=role, text=text) for each in dialogs]
        db.add_all(news)
        await db.flush()
        for dialog, message in zip(dialogs, news, strict=True):
            dialog.leaf_id = message.id
