"""Effects of moderation measures: flags set on users and characters, replies stopped, events published afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import LoginMethod, LoginSession
from domain.accounts.sessions_list import SessionEnded
from domain.chat.replies.reply_writer import ReplyWriter
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.moderation.measure import AvailabilityChanged, Measure, MeasureKind, in_force
from storage.bus import Bus, Event
from storage.database import Database


@dataclass
class PendingEffects:
    """Work left for after the commit: events to publish and replies to stop."""

    events: list[Event] = field(default_factory=list)
    silenced_people: set[int] = field(default_factory=set)
    silenced_characters: set[int] = field(default_factory=set)


async def sync_user_flags(db: AsyncSession, person: User, after: PendingEffects) -> None:
    """Set the user's flags from the measures in force; the caller has locked the user's row."""
    kinds = await _in_force(db, col(Measure.user_id) == person.id, col(Measure.character_id).is_(None))
    was_blocked = person.is_blocked
    person.is_blocked = MeasureKind.BLOCKED in kinds
    person.is_hidden = MeasureKind.HIDDEN in kinds
    person.is_read_only = MeasureKind.READ_ONLY in kinds
    silence = kinds.get(MeasureKind.READ_ONLY)
    person.read_only_until = silence.until if silence else None
    if person.is_blocked:
        after.silenced_people.add(person.id)
        after.events += await _programs(db, person.id)
    if person.is_blocked != was_blocked:
        owned = select(Character.id).where(Character.owner_id == person.id, col(Character.deleted_at).is_(None))
        after.events += [AvailabilityChanged(each) for each in await db.exec(owned)]


async def _programs(db: AsyncSession, user_id: int) -> list[SessionEnded]:
    """Events that tell the listeners of programs' sessions that these have ended. Their tokens stay known, so that each
    program learns the reason: `authenticate` refuses everything.
    """
    theirs = select(LoginSession.id).where(LoginSession.user_id == user_id, LoginSession.method == LoginMethod.PROGRAM)
    return [SessionEnded(each) for each in await db.exec(theirs)]


async def sync_character_flags(db: AsyncSession, character: Character, after: PendingEffects) -> None:
    """The same for a character; the caller has locked its row."""
    kinds = await _in_force(db, col(Measure.character_id) == character.id)
    was_blocked = character.is_blocked
    character.is_blocked = MeasureKind.BLOCKED in kinds
    character.is_to_mend = MeasureKind.TO_MEND in kinds
    character.is_hidden = MeasureKind.HIDDEN in kinds or character.is_to_mend
    if character.is_blocked:
        after.silenced_characters.add(character.id)
    if character.is_blocked != was_blocked:
        after.events.append(AvailabilityChanged(character.id))


async def _in_force(db: AsyncSession, *whose: object) -> dict[MeasureKind, Measure]:
    await db.flush()
    return {each.kind: each for each in await db.exec(select(Measure).where(in_force(), *whose))}  # type: ignore[arg-type]  # comparisons of columns


async def apply_aftermath(after: PendingEffects, database: Database, bus: Bus, reply_writer: ReplyWriter) -> None:
    """Publish the events and end the replies; called after the commit.

    The replies are looked up only now: one requested at the same moment is either found here, or finds its user or
    character blocked when it begins (domain/chat/prompts/context_window.py).
    """
    for event in after.events:
        bus.publish(event)
    if after.silenced_people or after.silenced_characters:
        for reply_id in await _running(database, after):
            await reply_writer.withdraw(reply_id)


async def _running(database: Database, after: PendingEffects) -> list[int]:
    """The running replies to these users, and those of these characters and of these users' characters."""
    async with database.read() as db:
        found = await db.exec(
            select(Message.id)
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
        return list(found)
