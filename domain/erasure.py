"""Account deletion (erasure): removes everything that belongs to the user, but not what other people wrote and read,
nor the measures against the user (domain/moderation/ban_evasion.py).
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, literal, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.admins import is_last_admin, lock_to_delete
from domain.accounts.identities import ExternalIdentity
from domain.accounts.mailed_links import LINK_LIFE, MailedLink, MailedLinks, Purpose, is_concurrent_request
from domain.accounts.password_attempts import PasswordAttempts
from domain.accounts.sessions import Caller, authenticate_even_blocked
from domain.accounts.sessions_list import end_sessions
from domain.characters.drafts import Draft
from domain.characters.fields import ERASED
from domain.characters.reply_feedback import withdraw_feedback
from domain.characters.search_index import remove_from_index
from domain.characters.votes import withdraw_votes
from domain.chat.replies.reply_writer import ReplyWriter
from domain.clock import now
from domain.errors import Invalid, NotAllowed, RateLimited
from domain.language import Texts
from domain.mail.outbox import Outbox, QueuedMail
from domain.mail.profile_letters import leaving_letter
from domain.model.book import Book
from domain.model.character import Character
from domain.model.character_card import CharacterCard
from domain.model.character_version import CharacterVersion
from domain.model.dialog import Dialog, Message, State
from domain.model.picture import Picture
from domain.model.user import User
from domain.moderation.ban_evasion import BanEvasion
from domain.moderation.measure import Measure
from domain.pictures.photos import Photos
from storage.bus import Bus
from storage.database import Database


class AccountErasure:
    def __init__(
        self,
        database: Database,
        bus: Bus,
        *,
        reply_writer: ReplyWriter,
        photos: Photos,
        links: MailedLinks,
        password_attempts: PasswordAttempts,
        outbox: Outbox,
        ban_evasion: BanEvasion,
    ) -> None:
        self._ban_evasion = ban_evasion
        self._database = database
        self._password_attempts = password_attempts
        self._bus = bus
        self._reply_writer = reply_writer
        self._photos = photos
        self._links = links
        self._outbox = outbox

    async def mail_code(self, caller: Caller) -> None:
        """Send a mail with a code that replaces the password; for accounts without one."""
        async with self._database.read() as db:
            address = (await authenticate_even_blocked(db, caller)).email
        if address is None:
            raise _no_proof()
        await self._links.take_from_rate_limit(Purpose.LEAVE, address)
        try:
            async with self._database.write() as db:
                person = await authenticate_even_blocked(db, caller)
                if person.email is None:
                    raise _no_proof()
                _ = Texts(person.language)
                keys = await self._links.store(db, Purpose.LEAVE, person.email, _.language, person.id)
                self._outbox.enqueue(db, leaving_letter(_, person.email, keys.code), good_until=now() + LINK_LIFE)
        except IntegrityError as error:
            if not is_concurrent_request(error):
                raise

    async def delete(self, caller: Caller, proof: str, *, keep_public: bool) -> None:
        """Delete the account permanently. `proof` is the password or, for accounts without one, the code from the mail.

        With `keep_public` the user's public characters stay without an owner. Otherwise they are deleted too, as are
        those of a blocked or hidden user: without their author they would return to the gallery. Other people's dialogs
        with the characters stay readable in either case. Raises `Invalid` for `proof`.
        """
        leaver = await self._checked(caller, proof)
        async with self._database.write(patient=True) as db:
            await lock_to_delete(db, leaver)
            person = await authenticate_even_blocked(db, caller)
            if await is_last_admin(db, person):
                raise NotAllowed("You're the last admin. Make someone else an admin first.", field="proof")
            running = await _running_replies(db, person)
            ended = await end_sessions(db, person.id)
            await self._ban_evasion.store_on_deletion(db, person, await _identities(db, person))
            await withdraw_feedback(db, person)
            await erase_dialogs(db, person)
            await withdraw_votes(db, person)
            keep_public = keep_public and not (person.is_blocked or person.is_hidden)
            pictures = await _part_with_characters(db, person, keep_public=keep_public)
            await _erase(db, person)
        for fact in ended:
            self._bus.publish(fact)
        for reply_id in running:
            await self._reply_writer.stop(reply_id)
        for token in pictures:
            await self._photos.discard(token)

    async def _checked(self, caller: Caller, proof: str) -> User:
        """The user to delete, if the proof is right."""
        async with self._database.read() as db:
            person = await authenticate_even_blocked(db, caller)
        if person.password_hash is not None:
            if not await self._password_attempts.reauthenticate(proof, person, caller, field="proof"):
                raise Invalid("That's not your password.", field="proof")
        elif person.email is None:
            raise _no_proof()
        else:
            try:
                await self._links.open_by_code(Purpose.LEAVE, person.email, proof)
            except Invalid as error:
                raise Invalid(error.text, field="proof") from error
            except RateLimited as error:
                raise RateLimited(error.until, field="proof") from error
        return person


async def _identities(db: AsyncSession, person: User) -> list[tuple[str, str]]:
    theirs = select(ExternalIdentity.provider, ExternalIdentity.subject).where(ExternalIdentity.user_id == person.id)
    return [(provider, subject) for provider, subject in await db.exec(theirs)]


async def _running_replies(db: AsyncSession, person: User) -> list[int]:
    running = select(Message.id).join(Dialog, col(Message.dialog_id) == col(Dialog.id))
    return list(await db.exec(running.where(Dialog.user_id == person.id, Message.state == State.RUNNING)))


async def erase_dialogs(db: AsyncSession, person: User) -> None:
    """Delete messages explicitly: a cascade would follow the whole path of a conversation, and SQLite refuses after a
    thousand levels.
    """
    dialogs = select(Dialog.id).where(Dialog.user_id == person.id)
    await db.exec(update(Message).where(col(Message.dialog_id).in_(dialogs)).values(parent_id=None))
    await db.exec(delete(Message).where(col(Message.dialog_id).in_(dialogs)))
    await db.exec(delete(Dialog).where(col(Dialog.user_id) == person.id))


async def _part_with_characters(db: AsyncSession, person: User, *, keep_public: bool) -> list[str]:
    """Detach the characters that must stay and delete the rest; returns the tokens of pictures no longer shown.

    The public ones stay if the user chose so, and so do those used in other people's dialogs: unlisted and without
    their secrets, so that the dialogs can be read.
    """
    own = col(Character.owner_id) == person.id
    await db.exec(select(Character.id).where(own).with_for_update())  # dialogs starting now wait, and are seen below
    stays = and_(literal(keep_public), col(Character.is_public), col(Character.deleted_at).is_(None))
    owned = select(Character.id).where(own)
    await db.exec(delete(Draft).where(col(Draft.character_id).in_(owned)))  # including an admin's
    await db.exec(delete(CharacterVersion).where(col(CharacterVersion.character_id).in_(owned)))
    await remove_from_index(db, and_(own, ~stays))
    is_read = exists().where(col(Dialog.character_id) == col(Character.id), col(Dialog.user_id) != person.id)
    await db.exec(delete(Character).where(own, ~stays, ~is_read))
    await db.exec(
        update(Character).where(own, ~stays).values(deleted_at=now(), is_public=False, picture_token=None, **ERASED)
    )
    bare = select(Character.id).where(own, ~stays)
    await db.exec(delete(CharacterCard).where(col(CharacterCard.character_id).in_(bare)))
    await _hand_to_nobody(db, person, own)
    return list(await db.exec(select(Picture.token).where(Picture.owner_id == person.id)))


async def _hand_to_nobody(db: AsyncSession, person: User, own: ColumnElement[bool]) -> None:
    """Move what is left to a new anonymous row: it does not reveal the former owner, and any remaining reference to the
    old row fails.
    """
    if (await db.exec(select(Character.id).where(own).limit(1))).first() is None:
        return
    _ = Texts(person.language)
    nobody = User(display_name=_("Deleted account"), language=person.language, deleted_at=now())
    db.add(nobody)
    await db.flush()
    await db.exec(update(Picture).where(_of_characters(own)).values(owner_id=nobody.id))
    owned = select(Character.id).where(own)
    await db.exec(update(CharacterCard).where(col(CharacterCard.character_id).in_(owned)).values(file_name=""))
    await db.exec(update(Character).where(own).values(owner_id=nobody.id))
    stays = select(Character.id).where(Character.owner_id == nobody.id, col(Character.deleted_at).is_(None))
    await db.exec(update(Book).where(col(Book.character_id).in_(stays)).values(owner_id=nobody.id))  # others: below
    # Measures stay in force, without their texts, which were meant for the user.
    of_theirs = col(Measure.user_id) == person.id, col(Measure.character_id).is_not(None)
    bare = {"user_id": nobody.id, "words": "", "note": "", "field_words": ""}
    await db.exec(update(Measure).where(*of_theirs).values(bare))


def _of_characters(own: ColumnElement[bool]) -> ColumnElement[bool]:
    """The pictures of these characters, and the files that came with their cards."""
    shown = select(Character.picture_token).where(own, col(Character.picture_token).is_not(None))
    brought = [
        select(token)
        .join(Character, col(Character.id) == col(CharacterCard.character_id))
        .where(own, col(token).is_not(None))
        for token in (CharacterCard.files_token, CharacterCard.background_token)
    ]
    return or_(*(col(Picture.token).in_(tokens) for tokens in (shown, *brought)))


async def _erase(db: AsyncSession, person: User) -> None:
    """Delete the user's row and all that refers to it: identities, votes, links, pictures, worlds and the books of
    characters without their secrets go by cascade.
    """
    if person.email is not None:
        await db.exec(delete(QueuedMail).where(col(QueuedMail.recipient) == person.email))
        await db.exec(delete(MailedLink).where(col(MailedLink.email_key) == person.email_key))
    await db.exec(delete(User).where(col(User.id) == person.id))


def _no_proof() -> Invalid:
    return Invalid("Set a password first: it proves the account is yours.", field="proof")
