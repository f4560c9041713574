"""What measures do: the marks they leave on people and characters, the replies they stop, what is told afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.devices import SessionEnded
from domain.accounts.sessions import LoginSession, Way
from domain.accounts.user import User
from domain.admin.measure import AvailabilityChanged, Measure, MeasureKind, in_force
from domain.characters.character import Character
from domain.chat.dialog import Dialog, Message, State
from domain.chat.facts import ReplyEnded
from domain.chat.turns import Turns
from storage.bus import Bus, Told
from storage.database import Database


@dataclass
class Aftermath:
    """What is left to do once the measures are kept."""

    facts: list[Told] = field(default_factory=list)
    silenced_people: set[int] = field(default_factory=set)
    silenced_characters: set[int] = field(default_factory=set)


async def follow_person(db: AsyncSession, person: User, after: Aftermath) -> None:
    """Make the marks of a person agree with the measures in force; the caller holds the person's row."""
    kinds = await _in_force(db, col(Measure.user_id) == person.id, col(Measure.character_id).is_(None))
    was_blocked = person.is_blocked
    person.is_blocked = MeasureKind.BLOCKED in kinds
    person.is_hidden = MeasureKind.HIDDEN in kinds
    person.is_read_only = MeasureKind.READ_ONLY in kinds
    silence = kinds.get(MeasureKind.READ_ONLY)
    person.read_only_until = silence.until if silence else None
    if person.is_blocked:
        after.silenced_people.add(person.id)
        after.facts += await _programs(db, person.id)
    if person.is_blocked != was_blocked:
        owned = select(Character.id).where(Character.owner_id == person.id, col(Character.deleted_at).is_(None))
        after.facts += [AvailabilityChanged(each) for each in await db.exec(owned)]


async def _programs(db: AsyncSession, user_id: int) -> list[SessionEnded]:
    """Whoever listens for a program is told that it is over. Its token stays known, so that it is told why: `require`
    refuses it everything.
    """
    theirs = select(LoginSession.id).where(LoginSession.user_id == user_id, LoginSession.way == Way.PROGRAM)
    return [SessionEnded(each) for each in await db.exec(theirs)]


async def follow_character(db: AsyncSession, character: Character, after: Aftermath) -> None:
    """The same for a character; the caller holds its row."""
    kinds = await _in_force(db, col(Measure.character_id) == character.id)
    was_blocked = character.is_blocked
    character.is_blocked = MeasureKind.BLOCKED in kinds
    character.is_to_mend = MeasureKind.TO_MEND in kinds
    character.is_hidden = MeasureKind.HIDDEN in kinds or character.is_to_mend
    if character.is_blocked:
        after.silenced_characters.add(character.id)
    if character.is_blocked != was_blocked:
        after.facts.append(AvailabilityChanged(character.id))


async def _in_force(db: AsyncSession, *whose: object) -> dict[MeasureKind, Measure]:
    await db.flush()
    return {each.kind: each for each in await db.exec(select(Measure).where(in_force(), *whose))}  # type: ignore[arg-type]


async def settle(after: Aftermath, database: Database, bus: Bus, turns: Turns) -> None:
    """Tell what has changed and stop the replies; called after the commit.

    The replies are looked for only now: one that was asked for at the same moment is either found here, or finds its
    person or character blocked when it begins (domain/chat/reply_row.py).
    """
    for fact in after.facts:
        bus.tell(fact)
    if after.silenced_people or after.silenced_characters:
        for dialog_id, reply_id in await _running(database, after):
            if turns.is_writing(reply_id):
                turns.stop(reply_id)
            else:
                await _end_elsewhere(database, reply_id)
                bus.tell(ReplyEnded(dialog_id, reply_id))


async def _running(database: Database, after: Aftermath) -> list[tuple[int, int]]:
    """The running replies to these people, and those of these characters and of these people's characters."""
    async with database.read() as db:
        found = await db.exec(
            select(Message.dialog_id, Message.id)
            .join(Dialog, col(Dialog.id) == col(Message.dialog_id))
            .join(Character, col(Character.id) == col(Dialog.character_id))
            .where(Message.state == State.RUNNING)
            .where(
                or_(
                    col(Dialog.user_id).in_(after.silenced_people),
                    col(Character.owner_id).in_(after.silenced_people),
                    col(Character.id).in_(after.silenced_characters),
                )
            )
        )
        return [(dialog_id, reply_id) for dialog_id, reply_id in found]


async def _end_elsewhere(database: Database, reply_id: int) -> None:
    """Another instance writes it, and leaves it alone when it finds it ended, within a second."""
    async with database.write() as db:
        await db.exec(
            update(Message)
            .where(col(Message.id) == reply_id, col(Message.state) == State.RUNNING)
            .values(state=State.STOPPED, lease_until=None)
        )
