"""Test data of the walk: people, dialogs, reports, measures, with names of the maximum length.

`python -m tests.e2e.walk.ground FOLDER` fills a new data folder and prints the `Ground` as JSON. It is a process of its
own, since nothing asynchronous can run beside the browser's driver.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, select

import domain.tables  # noqa: F401 - the migrations are compared with the tables declared there
from domain.accounts.sessions import Caller, LoginMethod, LoginSession, hash_of, new_token
from domain.admin.announcements import AnnouncementFields, Level
from domain.audit.dialog_access import ReadingReason
from domain.books.entry import Place
from domain.books.entry_form import EntryForm
from domain.clock import now
from domain.llm.port import Role
from domain.mail.outbox import QueuedMail
from domain.memory.rows import DIGEST, ChapterState, MadeBy, MemoryChapter, MemoryFact
from domain.model.character import NAME_LIMIT, TEASER_LIMIT, Character
from domain.model.dialog import Dialog, Feedback, Message, State
from domain.model.interest import INTEREST_LIMIT
from domain.model.user import DISPLAY_NAME_LIMIT, User
from domain.moderation.enforcement import Decision
from domain.moderation.measure import MeasureKind
from domain.moderation.reports import Complaint
from domain.sample_data.fill import fill
from domain.services.build import build_services
from domain.services.groups import Services
from domain.settings.settings import Settings
from storage.migrate import upgrade
from tests.e2e.walk.visits import LONG_WORD

ANNOUNCED = (
    "В полночь «Беседа» уснёт на пять минут: мы переезжаем на новый сервер. Допишите начатое, остальное подождёт."
)
ANNOUNCED_IN_ENGLISH = "At midnight Beseda will sleep for five minutes while we move to a new server. Please finish up."
ADMIN = "admin@example.test"
PASSWORD = "тихий омут 42"
RICH = (
    "## Заголовок\n\n*смотрит в окно* Вот **таблица** и `код`:\n\n| город | год |\n|---|---|\n| Псков | 1510 |\n\n"
    "```python\nprint('a line of code that is longer than a bubble of a phone is wide, so that it scrolls')\n```\n"
    f"\n- раз\n- два\n\n> цитата\n\n{LONG_WORD * 3}"
)


@dataclass
class Ground:
    """Session cookies of the people, by name, and values for the placeholders in the addresses of pages."""

    cookies: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def fill_ground(folder: Path) -> Ground:
    told = subprocess.run(
        [sys.executable, "-m", __name__, str(folder)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return Ground(**json.loads(told.stdout.splitlines()[-1]))


@contextmanager
def without_admins(folder: Path) -> Generator[None]:
    """Revoke the admin's rights within the block, as if the server had no admin yet."""

    def set_admin(is_admin: int) -> None:
        with closing(sqlite3.connect(folder / "beseda.db", timeout=10)) as database, database:
            database.execute("UPDATE user SET is_admin = ? WHERE email = ?", (is_admin, ADMIN))

    set_admin(0)
    try:
        yield
    finally:
        set_admin(1)


async def _fill(services: Services) -> Ground:
    ground = Ground()
    ground.places["first_admin"] = await services.accounts.first_admin.new_token("an instance that has ended")
    await fill(services.database, characters=30, dialogs=60, told=lambda _count: None)
    town = _Town(services, ground)
    await town.come("admin", "Ада", is_admin=True)
    await town.come("blocked", "Рауди")
    await town.come("reader", "Тихон")
    await town.move_in()
    await town.rewrite()
    await town.try_it()
    await town.delete()
    await town.judge()
    await town.announce()
    await town.mark()
    await town.remember()
    await town.write_books()
    await town.write_letters()
    return ground


class _Town:
    def __init__(self, services: Services, ground: Ground) -> None:
        self._services = services
        self._ground = ground
        self._callers: dict[str, Caller] = {}

    async def come(self, name: str, display_name: str, *, is_admin: bool = False) -> None:
        """Add a new person and log them in."""
        email = f"{name}@example.test"
        user = User(email=email, email_key=email, display_name=display_name, is_admin=is_admin)
        async with self._services.database.write() as db:
            db.add(user)
            await db.flush()
            user_id = user.id
        await self._log_in(name, user_id)

    async def _log_in(self, name: str, user_id: int) -> None:
        token = new_token()
        session = LoginSession(
            user_id=user_id,
            token_hash=hash_of(token),
            method=LoginMethod.PASSWORD,
            device="Firefox, Windows",
            entered_at=now(),
            expires_at=now() + timedelta(days=1),
        )
        async with self._services.database.write() as db:
            db.add(session)
            await db.flush()
            self._callers[name] = Caller(session.id, user_id)
        self._ground.cookies[name] = token

    async def move_in(self) -> None:
        """The author: of the made-up people with characters, the one with the longest dialog; names are made long."""
        async with self._services.database.write() as db:
            dialogs = (await db.exec(select(Dialog).order_by(col(Dialog.messages).desc(), col(Dialog.id)))).all()
            owners = set((await db.exec(select(Character.owner_id))).all())
            dialog, other, *_ = [each for each in dialogs if each.user_id in owners]
            author = await db.get_one(User, dialog.user_id)
            author.display_name = ("Александра " * 9)[:DISPLAY_NAME_LIMIT].strip()
            author.email = author.email_key = "author@example.test"
            character = (await db.exec(select(Character).where(Character.owner_id == author.id))).first()
            assert character
            character.name = ("Преображенская-" * 9)[:NAME_LIMIT]
            character.teaser = ("Смотрительница маяка на краю света, которого нет ни на одной карте. " * 3)[
                :TEASER_LIMIT
            ].strip()
            character.bio = RICH
            character.talks, character.votes_sum, character.votes_count = 123_456, 98_765, 12_345
            author.interests = character.interests = ["море", "двадцатые", "Ы" * INTEREST_LIMIT]
            messages = (
                await db.exec(select(Message).where(Message.dialog_id == dialog.id).order_by(col(Message.id)))
            ).all()
            messages[-2].text = LONG_WORD * 4
            messages[-1].text = RICH
            messages[3].state, messages[3].fault, messages[3].reference = State.INTERRUPTED, "unavailable", "985e4f88"
            dialog.title = LONG_WORD[:90]
            dialog.spoken_at = now()
            user_id = author.id
            self._ground.places |= {
                "dialog_id": str(dialog.id),
                "character_id": str(character.id),
                "other_dialog_id": str(other.id),
                "user_id": str(author.id),
                "reader_id": str(self._callers["reader"].user_id),
            }
        await self._log_in("author", user_id)
        await self._services.accounts.profile.set_password(self._callers["author"], "", PASSWORD)
        await self._log_in("author", user_id)  # at a second device

    async def rewrite(self) -> None:
        """Save the author's character twice more, so that it has versions."""
        author, characters = self._callers["author"], self._services.characters.characters
        for context in (LONG_WORD * 4, RICH):
            character = await characters.get_own(author, int(self._ground.places["character_id"]))
            character.context = f"{character.context}\n\n{context}"
            await characters.save(author, character, {"context"})

    async def try_it(self) -> None:
        """Two trials without an account: one may go on, the other has used up the replies allowed before a sign-up."""
        accounts, places = self._services.accounts, self._ground.places
        for name, replies in (("trial", 1), ("tried", 3)):
            begun = await accounts.trials.begin(None, int(places["character_id"]), language="ru", ip="203.0.113.7")
            assert begun.ticket
            self._ground.cookies[name] = await accounts.accounts.activate_session(begun.ticket)
            places[f"{name}_dialog_id"] = str(begun.dialog_id)
            async with self._services.database.write() as db:
                dialog = await db.get_one(Dialog, begun.dialog_id)
                for number in range(2 * replies):
                    role = Role.ASSISTANT if number % 2 else Role.USER
                    said = Message(dialog_id=dialog.id, parent_id=dialog.leaf_id, role=role, text="Говорят, к дождю.")
                    db.add(said)
                    await db.flush()
                    dialog.leaf_id = said.id

    async def delete(self) -> None:
        """Delete a chat and a character, which can be restored."""
        author, places, characters = self._callers["author"], self._ground.places, self._services.characters
        dialog_id = await self._services.chat.chat.begin(author, int(places["character_id"]))
        await self._services.chat.dialogs.delete(author, dialog_id)
        copy = await characters.duplicates.duplicate(author, int(places["character_id"]))
        await characters.characters.delete(author, copy.id)
        places |= {"deleted_dialog_id": str(dialog_id), "deleted_character_id": str(copy.id)}

    async def judge(self) -> None:
        """Add reports, measures, an appeal, a staff note, and a dialog opened by an admin."""
        admin, author = self._callers["admin"], self._callers["author"]
        places, moderation, audit = self._ground.places, self._services.moderation, self._services.audit
        for name, complaint in (("blocked", Complaint.SPAM), ("reader", Complaint.REAL_PERSON)):
            await moderation.reports.file(
                self._callers[name], int(places["character_id"]), complaint, LONG_WORD + " врёт."
            )
        warned = await moderation.measures.impose_on_user(
            admin, author.user_id, Decision(MeasureKind.WARNING, Complaint.SPAM, words=f"Это реклама: {LONG_WORD}")
        )
        await moderation.appeals.create(author, warned.id, words=f"Это не реклама, это стихи! {LONG_WORD}")
        for name, kind in (("blocked", MeasureKind.BLOCKED), ("reader", MeasureKind.READ_ONLY)):
            decision = Decision(kind, Complaint.HATE, words="Так нельзя.")
            await moderation.measures.impose_on_user(admin, self._callers[name].user_id, decision)
        await self._services.admin.staff_notes.add(admin, author.user_id, f"Пишет ночами. {LONG_WORD}")
        await audit.dialog_access.open(admin, int(places["dialog_id"]), ReadingReason.REPORT, "жалоба")

    async def announce(self) -> None:
        """Make two announcements; the first one has ended."""
        announcements, admin = self._services.admin.announcements, self._callers["admin"]
        text = AnnouncementFields(Level.WARNING, text_ru=ANNOUNCED, text_en=ANNOUNCED_IN_ENGLISH)
        await announcements.end(admin, await announcements.create(admin, text))
        await announcements.create(admin, text)

    async def mark(self) -> None:
        """Like a reply, and hide the message it answers from the model."""
        chat, author = self._services.chat, self._callers["author"]
        messages = (await chat.chat.open(author, int(self._ground.places["dialog_id"]))).messages
        reply = next(each for each in reversed(messages) if each.may_get_feedback)
        await chat.marks.rate(author, reply.id, Feedback.UP)
        await chat.marks.hide(author, reply.parent_id or 0, hidden=True)

    async def remember(self) -> None:
        """Add memory of every kind, in words as long as they may be."""
        chat, author, dialog_id = self._services.chat, self._callers["author"], int(self._ground.places["dialog_id"])
        messages = (await chat.chat.open(author, dialog_id)).messages
        first, *_, last = messages
        await chat.memory.pin_words(author, dialog_id, LONG_WORD * 2, here_only=True)
        await chat.memory.pin_message(author, dialog_id, first.id)
        async with self._services.database.write() as db:
            for n in range(20):
                db.add(MemoryFact(dialog_id=dialog_id, message_id=first.id, text=LONG_WORD, key_hash=str(n)))
            told: dict[str, Any] = {"dialog_id": dialog_id, "text": ANNOUNCED * 3, "state": ChapterState.DONE}
            db.add(MemoryChapter(first_id=first.id, last_id=messages[1].id, made_by=MadeBy.EXCERPTS, **told))
            db.add(MemoryChapter(first_id=first.id, last_id=messages[1].id, level=DIGEST, **told))
            reply = await db.get_one(Message, last.id)
            reply.recalled = [first.id, messages[2].id]

    async def write_books(self) -> None:
        """Write the book of the author's character, and a world attached to it, in words as long as they may be."""
        cards, author, character_id = (
            self._services.cards,
            self._callers["author"],
            int(self._ground.places["character_id"]),
        )
        book = await cards.books.create_for(author, character_id)
        world = await cards.books.create_world(author, LONG_WORD[:100])
        forms = (
            EntryForm(keys=(LONG_WORD, "маяк"), content=LONG_WORD * 4),
            EntryForm(title=LONG_WORD, content=ANNOUNCED * 3, is_constant=True),
            EntryForm(keys=("чайка",), content=ANNOUNCED, is_on=False, place=Place.AT_DEPTH, sticky=3),
        )
        for form in forms:
            await cards.entries.add(author, book.id, form)
            await cards.entries.add(author, world.id, form)
        await cards.worlds.attach(author, world.id, character_id)
        self._ground.places["world_id"] = str(world.id)

    async def write_letters(self) -> None:
        """Send some letters, and note the tokens of their links, each for a page of its own."""
        accounts, places = self._services.accounts, self._ground.places
        await accounts.sign_up.request("newcomer@example.test", "ru")
        await accounts.log_in.request("author@example.test", "ru")
        await accounts.profile.ask_new_email(self._callers["author"], PASSWORD, "new@example.test")
        async with self._services.database.read() as db:
            letters = "\n".join((await db.exec(select(QueuedMail.text))).all())
        for name, page in (("sign_up", "sign-up"), ("log_in", "log-in"), ("email", "profile/email")):
            link = re.search(rf"^\S+/{page}/(\S+)$", letters, re.MULTILINE)
            assert link, f"no letter leads to {page}"
            places[name] = link[1]


if __name__ == "__main__":
    data = Path(sys.argv[1])
    data.mkdir()
    settings = Settings(_env_file=None, data_dir=data)
    upgrade(settings.database)
    print(json.dumps(asdict(asyncio.run(_fill(build_services(settings))))))
