"""Random test data: people, characters, dialogs and messages, in numbers that nobody knows before counting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from domain.accounts.sessions import Caller, LoginSession
from domain.clock import now
from domain.llm.port import Role
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.usage.usage import Usage, hour_of
from storage.database import Database
from storage.text_search import fold

MODELS = ("yandexgpt-lite/latest", "yandexgpt/latest")


@dataclass(frozen=True)
class Said:
    """A message of a person, and the reply to it."""

    at: datetime
    user_id: int
    character_id: int
    dialog_id: int
    model: str
    tokens: int
    cost: int
    first_text_ms: int
    state: State


@dataclass
class Crowd:
    people: list[User] = field(default_factory=list)
    characters: list[Character] = field(default_factory=list)
    dialogs: list[Dialog] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)


async def gather(database: Database, days: int, *, people: int = 12, said: int = 250) -> Crowd:
    """Create people who signed up, spoke and got replies in the last `days` days, up to an hour ago."""
    chance = Random(7)
    crowd = Crowd()

    end = now() - timedelta(hours=1)

    def moment(since: datetime = end - timedelta(days=days)) -> datetime:
        return since + (end - since) * chance.random()

    async with database.write() as db:
        for number in range(people):
            email = f"p{number}@example.test"
            name = chance.choice(["Анна", "Борис", "Ёлка", "анна", "Вера"]) + f" {number}"
            crowd.people.append(User(display_name=name, email=email, email_key=email, created_at=moment()))
        db.add_all(crowd.people)
        await db.flush()
        for number in range(people // 2):
            author = chance.choice(crowd.people)
            name = f"{chance.choice(['Марина', 'Тихон'])} {number}"
            made = Character(owner_id=author.id, name=name, name_key=fold(name), gender=Gender.OTHER, talks=number // 2)
            made.created_at = made.updated_at = moment()
            crowd.characters.append(made)
        db.add_all(crowd.characters)
        await db.flush()
        for _number in range(people * 3):
            person, character = chance.choice(crowd.people), chance.choice(crowd.characters)
            begun = moment(person.created_at)
            crowd.dialogs.append(
                Dialog(user_id=person.id, character_id=character.id, started_at=begun, spoken_at=begun)
            )
        db.add_all(crowd.dialogs)
        await db.flush()
        used: dict[tuple[int, int, int, str], Usage] = {}
        for _number in range(said):
            dialog = chance.choice(crowd.dialogs)
            one = _say(chance, dialog, moment(dialog.started_at))
            crowd.said.append(one)
            key = hour_of(one.at), one.user_id, one.character_id, one.model
            row = used.setdefault(
                key, Usage(hour=key[0], user_id=key[1], character_id=key[2], model=key[3], tokens_in=0, tokens_out=0)
            )
            row.replies += 1
            row.tokens_in += one.tokens // 2
            row.tokens_out += one.tokens - one.tokens // 2
            row.cost += one.cost
            row.failed += one.state == State.FAILED
            row.filtered += one.state == State.FILTERED
            dialog.messages += 1
            dialog.tokens += one.tokens
            dialog.cost += one.cost
            dialog.faults += one.state != State.DONE
            dialog.spoken_at = max(dialog.spoken_at, one.at)
        db.add_all(used.values())
        questions = [
            Message(dialog_id=one.dialog_id, role=Role.USER, text="Привет", created_at=one.at) for one in crowd.said
        ]
        db.add_all(questions)
        await db.flush()
        db.add_all(_reply(one, question.id) for one, question in zip(crowd.said, questions, strict=True))
    return crowd


async def an_admin(database: Database, *, for_days: int = 100) -> Caller:
    """An admin. Statistics begin with the first person: the older the admin's account, the more hours are rolled up."""
    async with database.write() as db:
        admin = User(display_name="Админ", is_admin=True, created_at=now() - timedelta(days=for_days))
        db.add(admin)
        await db.flush()
        session = LoginSession(user_id=admin.id, token_hash="admin", entered_at=now(), expires_at=now() + timedelta(1))
        db.add(session)
        await db.flush()
        return Caller(session.id, admin.id)


def _say(chance: Random, dialog: Dialog, at: datetime) -> Said:
    return Said(
        at=at,
        user_id=dialog.user_id,
        character_id=dialog.character_id,
        dialog_id=dialog.id,
        model=chance.choice(MODELS),
        tokens=chance.randrange(100, 3000),
        cost=chance.randrange(1000, 900_000),
        first_text_ms=int(chance.lognormvariate(6.5, 1)),
        state=chance.choices([State.DONE, State.FAILED, State.FILTERED], [8, 1, 1])[0],
    )


def _reply(one: Said, parent_id: int) -> Message:
    return Message(
        dialog_id=one.dialog_id,
        parent_id=parent_id,
        role=Role.ASSISTANT,
        state=one.state,
        model=one.model,
        first_text_ms=one.first_text_ms,
        created_at=one.at,
    )
