"""Account deletion (erasure): what goes, what stays as nobody's, and who cannot leave."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import String, cast
from sqlmodel import SQLModel, col, func, or_, select

from domain.accounts.accounts import Accounts
from domain.accounts.identities import ExternalIdentity
from domain.accounts.log_in import LogIn
from domain.accounts.profile import ProfileEditing
from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import SessionEnded, SessionList
from domain.admin.staff_notes import StaffNotes
from domain.audit.dialog_access import DialogAccess, ReadingReason
from domain.characters.characters import Characters
from domain.characters.fields import ERASED, FIELDS, CharacterField, Kind
from domain.characters.reply_feedback import feedback_on_character
from domain.characters.votes import Votes
from domain.chat.chat import Chat
from domain.chat.message_marks import MessageMarks
from domain.chat.replies.reply_writer import ReplyWriter
from domain.erasure import AccountErasure
from domain.errors import Invalid, NotAllowed, NotFound, SignedOut
from domain.llm.port import Role
from domain.model.character import FIRST_SCORE, Character
from domain.model.dialog import Dialog, Feedback, Message
from domain.model.user import User
from domain.moderation.appeals import Appeals
from domain.moderation.enforcement import Decision
from domain.moderation.measure import MeasureKind
from domain.moderation.measure_notices import MeasureNotifier
from domain.moderation.measures import Measures
from domain.moderation.reports import Complaint, Report
from domain.pictures.avatars import Avatars
from domain.pictures.crop import SIZES
from domain.pictures.photos import Photos
from storage.bus import Bus
from storage.database import Database
from tests.domain.conftest import PASSWORD, Mailbox, People, files_below, filled
from tests.domain.erasure.conftest import rows_of, talked
from tests.domain.memory.memory_world import reader_of, remember_something_of_every_kind
from tests.domain.pictures.photos import a_photo

SECRET = "Каракатица"
"""What Ira says of herself and in her conversations, and nobody else."""


def something_in(field: CharacterField) -> object:
    """A value that an author may have written into the field."""
    numbers = {Kind.FRACTION: 0.1, Kind.COUNT: 99}
    return [SECRET] if field.kind in {Kind.TEXTS, Kind.WORDS} else numbers.get(field.kind, SECRET)


async def tables_that_say(database: Database, *words: str) -> list[str]:
    async with database.read() as db:
        found = []
        for table in SQLModel.metadata.sorted_tables:
            says = or_(*(cast(column, String).contains(word) for column in table.columns for word in words))
            if (await db.exec(select(func.count()).select_from(table).where(says))).one():
                found.append(table.name)
    return found


async def what_admins_do(
    database: Database, bus: Bus, reply_writer: ReplyWriter, people: People, person: Caller, character_id: int
) -> None:
    """Take measures with an appeal, add a report and a note, read a dialog: all of it with the person's name in it."""
    admin = await people.come("admin")
    await Accounts(database, Bus()).set_admin("admin@example.org", is_admin=True)
    outbox = Mailbox()
    notifier = MeasureNotifier(bus, outbox, address="https://beseda.test")
    measures = Measures(database, bus, reply_writer, notifier)
    words = f"Ира {SECRET}, ira@example.org"
    blocked = Decision(MeasureKind.BLOCKED, Complaint.OTHER, words, note=words)
    measure = await measures.impose_on_user(admin, person.user_id, blocked)
    to_mend = Decision(MeasureKind.TO_MEND, Complaint.OTHER, words, words, field="bio", field_words=words)
    await measures.impose_on_character(admin, character_id, to_mend)
    await Appeals(database, bus, reply_writer, notifier).create(person, measure.id, words)
    await StaffNotes(database).add(admin, person.user_id, words)
    async with database.write() as db:
        db.add(Report(reporter_id=person.user_id, character_id=character_id, complaint=Complaint.OTHER, words=words))
        dialog_id = (await db.exec(select(Dialog.id).where(Dialog.user_id == person.user_id))).first()
    assert dialog_id
    reading = DialogAccess(database, bus, reply_writer, reader_of(reply_writer), tell_the_person=True)
    await reading.open(admin, dialog_id, ReadingReason.REPORT, words)


async def test_a_character_that_stays_keeps_its_measure_without_the_words(
    leaving: AccountErasure,
    characters: Characters,
    reply_writer: ReplyWriter,
    people: People,
    database: Database,
    bus: Bus,
    ira: Caller,
) -> None:
    marina = await characters.save(ira, filled())
    admin = await people.come("admin")
    await Accounts(database, Bus()).set_admin("admin@example.org", is_admin=True)
    measures = Measures(database, bus, reply_writer, MeasureNotifier(bus, Mailbox(), address=""))
    decision = Decision(MeasureKind.BLOCKED, Complaint.OTHER, SECRET, SECRET)
    measure = await measures.impose_on_character(admin, marina.id, decision)
    await leaving.delete(ira, PASSWORD, keep_public=True)
    assert "measure" not in await tables_that_say(database, SECRET)
    await measures.lift(admin, measure.id)
    assert not (await characters.get(admin, marina.id))[0].is_blocked


async def test_an_admin_who_gave_somebodys_character_a_photo_can_leave_and_the_photo_stays(
    leaving: AccountErasure, characters: Characters, photos: Photos, accounts: Accounts, people: People, ira: Caller
) -> None:
    boris = await people.come("boris")
    for name in ("boris", "ira"):
        await accounts.set_admin(f"{name}@example.org", is_admin=name == "boris")
    marina = await characters.save(ira, filled(is_public=False))
    token = await photos.store(boris, a_photo())
    await characters.save(boris, filled(id=marina.id, is_public=False, picture_token=token))
    await photos.check(ira, token)
    await accounts.set_admin("ira@example.org", is_admin=True)
    await leaving.delete(boris, PASSWORD, keep_public=False)
    assert (await characters.get_own(ira, marina.id)).picture_token == token
    assert await photos.file(token, "small")


async def test_the_last_admin_cannot_leave(
    leaving: AccountErasure, accounts: Accounts, people: People, boris: Caller
) -> None:
    ira = await people.come("ira")
    await accounts.set_admin("ira@example.org", is_admin=True)
    with pytest.raises(NotAllowed):
        await leaving.delete(ira, PASSWORD, keep_public=True)
    await accounts.set_admin("boris@example.org", is_admin=True)
    await leaving.delete(ira, PASSWORD, keep_public=True)
    with pytest.raises(NotAllowed):
        await leaving.delete(boris, PASSWORD, keep_public=True)


async def thumbs_up(database: Database, bus: Bus, caller: Caller, character_id: int) -> None:
    """Give a thumbs-up to each reply that the character gave this person."""
    async with database.read() as db:
        theirs = select(Message.id).join(Dialog, col(Dialog.id) == col(Message.dialog_id))
        theirs = theirs.where(Dialog.user_id == caller.user_id, Dialog.character_id == character_id)
        replies = list(await db.exec(theirs.where(Message.role == Role.ASSISTANT, col(Message.parent_id).is_not(None))))
    for reply_id in replies:
        await MessageMarks(database, bus).rate(caller, reply_id, Feedback.UP)
    async with database.read() as db:
        assert await feedback_on_character(db, character_id) == (len(replies), 0)
    assert replies


async def test_everything_of_a_person_who_leaves_is_gone(
    leaving: AccountErasure, profile: ProfileEditing, avatars: Avatars, photos: Photos, characters: Characters, chat:
    Chat, people: People, log_in: LogIn, database: Database, bus: Bus, reply_writer: ReplyWriter, pictures: Path, boris:
    Caller
) -> None:  # fmt: skip
    marina = await characters.save(boris, filled())
    ira = await people.come("ira", username="Cuttlefish")
    await profile.save(ira, f"Ира {SECRET}", f"Я {SECRET}", "female", "ты")
    await avatars.choose(ira, await photos.store(ira, a_photo()))
    await photos.store(ira, a_photo())  # uploaded, but not used
    token = await photos.store(ira, a_photo())
    own = await characters.save(ira, filled(name=SECRET, is_public=False, picture_token=token))
    for character in (marina, own):
        dialog_id = await talked(chat, bus, ira, character.id, f"Меня зовут {SECRET}")
    async with database.write() as db:
        said = (await db.exec(select(Message.id).where(Message.dialog_id == dialog_id).limit(1))).one()
        await remember_something_of_every_kind(db, dialog_id, said, SECRET)
    await log_in.request("ira@example.org", "ru")
    async with database.write() as db:
        db.add(ExternalIdentity(user_id=ira.user_id, provider="github", subject=SECRET))
    await Votes(database).rate(ira, marina.id, 9)
    await thumbs_up(database, bus, ira, marina.id)
    await what_admins_do(database, bus, reply_writer, people, ira, own.id)
    await leaving.delete(ira, PASSWORD, keep_public=False)
    assert await rows_of(database, ira.user_id) == {}
    kept, _author = await characters.get(boris, marina.id)
    assert (kept.votes_sum, kept.votes_count, kept.score) == (0, 0, FIRST_SCORE)
    async with database.read() as db:
        assert await feedback_on_character(db, marina.id) == (0, 0)
    assert await tables_that_say(database, SECRET, "ira@example.org", "Cuttlefish") == []
    assert files_below(pictures) == []
    with pytest.raises(SignedOut):
        await leaving.delete(ira, PASSWORD, keep_public=False)
    again = await people.come("ira", username="Cuttlefish")  # address and username are free
    assert again.user_id != ira.user_id


async def test_public_characters_may_stay_as_nobodys(
    leaving: AccountErasure, characters: Characters, photos: Photos, pictures: Path, chat: Chat, bus: Bus, ira: Caller,
    boris: Caller, database: Database
) -> None:  # fmt: skip
    token = await photos.store(ira, a_photo())
    marina = await characters.save(ira, filled(picture_token=token))
    await characters.save(ira, filled(name="Тайная", is_public=False))
    await leaving.delete(ira, PASSWORD, keep_public=True)
    assert [each.name for each in await characters.page(boris, 10)] == ["Марина"]
    character, author = await characters.get(boris, marina.id)
    assert (author, character.picture_token) == ("Удалённый аккаунт", token)
    assert len(files_below(pictures)) == len(SIZES)
    assert await talked(chat, bus, boris, marina.id, "Ты ещё здесь?")
    async with database.read() as db:
        nobody = await db.get_one(User, character.owner_id)
    assert nobody.deleted_at
    assert (nobody.email, nobody.email_key, nobody.username, nobody.password_hash) == (None, None, None, None)


@pytest.mark.parametrize("mark", ["is_blocked", "is_hidden"])
async def test_public_characters_of_somebody_blocked_or_hidden_do_not_come_back_as_nobodys(
    leaving: AccountErasure, characters: Characters, database: Database, ira: Caller, mark: str
) -> None:
    await characters.save(ira, filled())
    async with database.write() as db:
        setattr(await db.get_one(User, ira.user_id), mark, True)
    await leaving.delete(ira, PASSWORD, keep_public=True)
    assert await characters.page(None, 10) == []


async def test_dialogs_of_others_stay_readable_when_the_character_goes(
    leaving: AccountErasure,
    characters: Characters,
    chat: Chat,
    database: Database,
    bus: Bus,
    ira: Caller,
    boris: Caller,
) -> None:
    secrets = {field.name: something_in(field) for field in FIELDS if field.is_erased}
    shown, hidden, gone = [
        await characters.save(ira, filled(name=name, **secrets)) for name in ("Марина", "Фёдор", "Лука")
    ]
    dialogs = [await talked(chat, bus, boris, each.id, "Добрый вечер") for each in (shown, hidden, gone)]
    await characters.save(ira, filled(id=hidden.id, name="Фёдор", is_public=False))
    await characters.delete(ira, gone.id)
    await leaving.delete(ira, PASSWORD, keep_public=False)
    for dialog_id, name in zip(dialogs, ("Марина", "Фёдор", "Лука"), strict=True):
        conversation = await chat.open(boris, dialog_id)
        assert conversation.character.name == name
        assert "Добрый вечер" in [message.text for message in conversation.messages]
        assert not conversation.may_go_on
        for field, empty in ERASED.items():
            assert getattr(conversation.character, field) == empty, field
    assert await tables_that_say(database, SECRET) == ["message"]  # Boris's own: a greeting once said stays
    assert await characters.page(boris, 10) == []
    with pytest.raises(NotFound):
        await characters.get(boris, shown.id)


async def test_a_conversation_of_thousands_of_messages_is_no_obstacle(
    leaving: AccountErasure, characters: Characters, chat: Chat, database: Database, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    dialog_id = await chat.begin(ira, marina.id)
    async with database.write() as db:
        first = 1000
        db.add_all(
            Message(id=first + n, dialog_id=dialog_id, parent_id=first + n - 1 if n else None, role=Role.USER, text="…")
            for n in range(2500)
        )
    await leaving.delete(ira, PASSWORD, keep_public=False)
    assert await rows_of(database, ira.user_id) == {}
    async with database.read() as db:
        assert (await db.exec(select(func.count(col(Character.id))))).one() == 0


async def test_the_password_is_asked(leaving: AccountErasure, devices: SessionList, ira: Caller) -> None:
    for proof in ("", "not hers", PASSWORD.upper()):
        with pytest.raises(Invalid) as refused:
            await leaving.delete(ira, proof, keep_public=True)
        assert refused.value.field == "proof"
    assert await devices.list_own(ira)


async def test_people_without_a_password_are_sent_a_code(
    leaving: AccountErasure, mailbox: Mailbox, database: Database, ira: Caller
) -> None:
    async with database.write() as db:
        (await db.get_one(User, ira.user_id)).password_hash = None
    await leaving.mail_code(ira)
    code = mailbox.code()
    for proof in ("", PASSWORD, "000000" if code != "000000" else "111111"):
        with pytest.raises(Invalid) as refused:
            await leaving.delete(ira, proof, keep_public=True)
        assert refused.value.field == "proof"
    await leaving.delete(ira, code, keep_public=True)
    assert await rows_of(database, ira.user_id) == {}


async def test_every_open_page_of_a_person_who_leaves_is_told(
    leaving: AccountErasure, log_in: LogIn, people: People, bus: Bus, ira: Caller
) -> None:
    laptop = await people.enter(await log_in.by_password("ira@example.org", PASSWORD))
    told: list[SessionEnded] = []
    for caller in (ira, laptop):
        bus.subscribe(SessionEnded, caller.session_id, told.append)
    await leaving.delete(ira, PASSWORD, keep_public=True)
    await asyncio.sleep(0)
    assert {fact.about for fact in told} == {ira.session_id, laptop.session_id}
