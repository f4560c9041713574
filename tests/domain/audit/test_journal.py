"""Audit log: it only grows, tells who did what, and says nothing that an erased account should have taken along."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from domain.accounts.accounts import Accounts
from domain.accounts.sessions_list import SessionList
from domain.accounts.sign_up import SignUp
from domain.admin.details import AdminDetails
from domain.admin.quotas import Quotas
from domain.admin.staff_notes import StaffNotes
from domain.audit.journal import AuditFilter, escape_csv
from domain.characters.characters import Characters
from domain.characters.duplicate_restore import DuplicateRestore
from domain.clock import now
from domain.errors import Invalid
from domain.model.audit_entry import AuditEntry, record_audit
from domain.model.user import User
from domain.moderation.ban_evasion import BanEvasion
from domain.moderation.measure import MeasureKind
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from domain.usage.budget import TokenBudgets
from storage.database import Database
from tests.domain.admin.admin_world import AdminWorld
from tests.domain.conftest import ADDRESS, Mailbox, People, filled


async def test_the_database_itself_refuses_to_change_or_delete_what_was_written(database: Database) -> None:
    async with database.write() as db:
        record_audit(db, None, "user.blocked", "user", 1)
    columns = "id, at, action, target_kind, reason, changes"
    forbidden = [
        "UPDATE journal SET action = 'user.praised'",
        "DELETE FROM journal",
        "TRUNCATE journal"
        if database.dialect == "postgresql"
        else f"INSERT OR REPLACE INTO journal ({columns}) SELECT id, at, 'user.praised', '', '', '{{}}' FROM journal",
    ]
    for statement in forbidden:
        with pytest.raises(IntegrityError, match="only added to"):
            async with database.write() as db:
                await (await db.connection()).execute(text(statement))
    async with database.read() as db:
        assert [entry.action for entry in await db.exec(select(AuditEntry))] == ["user.blocked"]


async def test_entries_are_found_by_who_did_what_to_whom_and_when(admin_world: AdminWorld) -> None:
    first, second = await admin_world.admin(), await admin_world.admin()
    rowdy, boris = await admin_world.world.somebody(), await admin_world.world.somebody()
    block = await admin_world.block(first, rowdy)
    await admin_world.take(second, rowdy, MeasureKind.WARNING)
    await admin_world.take(second, boris, MeasureKind.HIDDEN)

    async def found(**sought: object) -> list[str]:
        return [each.action for each in await admin_world.journal.page(first, AuditFilter(**sought))]  # type: ignore[arg-type]

    assert await found() == ["user.hidden", "user.warned", "user.blocked"]
    assert await found(actor_id=second.user_id) == ["user.hidden", "user.warned"]
    assert await found(person_id=rowdy.user_id) == ["user.warned", "user.blocked"]
    assert await found(target_kind="user", target_id=boris.user_id) == ["user.hidden"]
    assert await found(action="user.b") == await found(action="%") == []
    assert await found(since=now() + timedelta(minutes=1)) == []
    assert len(await found(until=now() + timedelta(minutes=1))) == 3
    last, *_ = page = await admin_world.journal.page(first, limit=2)
    assert [each.action for each in await admin_world.journal.page(first, before=page[-1].id)] == ["user.blocked"]
    assert last.changes["reason"] == [None, "spam"]
    await admin_world.measures.lift(second, block)
    assert await found(action="user.blocked") == ["user.blocked"]
    assert await found(action="user.blocked.") == ["user.blocked.lifted"]
    assert len(await found(action="user.")) == 4


async def test_names_and_addresses_are_left_out_of_reasons(admin_world: AdminWorld) -> None:
    admin, rowdy = await admin_world.admin(), await admin_world.world.somebody()
    person = await admin_world.person(rowdy)
    words = f"{person.display_name.upper()}, письма с {person.email} приходят всем."
    await admin_world.block(admin, rowdy, words=words)
    (entry,) = await admin_world.journal.page(admin)
    assert entry.reason == "…, письма с … приходят всем."
    await AdminDetails(admin_world.database, admin_world.world.bus).end_sessions(admin, rowdy.user_id, words)
    await Quotas(admin_world.database, TokenBudgets()).change(admin, rowdy.user_id, 5, words)
    assert {each.reason for each in await admin_world.journal.page(admin)} == {entry.reason}
    character = await admin_world.world.character(rowdy)
    report_id = await admin_world.report(await admin_world.world.somebody(), character.id)
    await admin_world.queue.reject(admin, report_id, f"{character.name} и {person.display_name} тут ни при чём.")
    assert (await admin_world.journal.page(admin))[0].reason == "… и … тут ни при чём."
    for too_much in ("а" * 2_001, "\0"):
        with pytest.raises(Invalid):
            await AdminDetails(admin_world.database, admin_world.world.bus).end_sessions(admin, rowdy.user_id, too_much)
        with pytest.raises(Invalid):
            await Quotas(admin_world.database, TokenBudgets()).change(admin, rowdy.user_id, 6, too_much)


async def test_what_an_admin_does_to_somebodys_character_in_the_editor_stands_there(
    admin_world: AdminWorld, characters: Characters, photos: Photos, limits: RateLimiter
) -> None:
    admin, author = await admin_world.admin(), await admin_world.world.somebody()
    copies = DuplicateRestore(admin_world.database, photos, limits)
    marina = await characters.save(author, filled())
    await characters.save(author, filled(id=marina.id, bio="На маяке."))
    await characters.save(admin, filled(id=marina.id, bio="", name="Марина Ивановна"))
    await characters.save(admin, filled(id=marina.id, bio="", name="Марина Ивановна"))
    await characters.delete(admin, marina.id)
    await copies.restore(admin, marina.id)
    await characters.delete(author, marina.id)
    await copies.restore(author, marina.id)
    entries = await admin_world.journal.page(admin)
    assert [each.action for each in entries] == ["character.restored", "character.deleted", "character.changed"]
    assert {(each.actor_id, each.target_id, each.person_id) for each in entries} == {
        (admin.user_id, marina.id, author.user_id)
    }
    assert entries[-1].changes == {"fields": [None, ["name", "bio"]]}


async def test_the_file_for_spreadsheets_holds_everything_and_runs_nothing(admin_world: AdminWorld) -> None:
    admin = await admin_world.admin()
    async with admin_world.database.write() as db:
        for n in range(1100):
            record_audit(
                db, None, "user.warned", "user", n, reason='=HYPERLINK("http://evil")' if n == 5 else 'а;б, "в"\nг'
            )
    content = "".join([piece async for piece in admin_world.journal.csv(admin, AuditFilter(action="user."))])
    assert content.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(content[1:])))
    assert len(rows) == 1100
    assert rows[0]["reason"] == 'а;б, "в"\nг'
    assert [row["reason"] for row in rows if row["target_id"] == "5"] == ['\'=HYPERLINK("http://evil")']
    (entry,) = await admin_world.journal.page(admin, limit=1)
    assert (entry.action, entry.actor_id) == ("journal.exported", admin.user_id)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_what_looks_like_a_formula_is_made_text(cell: str) -> None:
    assert escape_csv(cell) == f"'{cell}"


async def test_rights_given_by_the_command_line_and_by_settings_stand_in_the_journal(
    admin_world: AdminWorld, accounts: Accounts, people: People, mailbox: Mailbox, database: Database,
    devices: SessionList, links: object, ban_evasion: BanEvasion
) -> None:  # fmt: skip
    ira = await people.come("ira")
    for is_admin in (True, True, False):
        await accounts.set_admin("ira@example.org", is_admin=is_admin)
    await accounts.grant_admins(["ira@example.org", "boris@example.org"])
    sign_up = SignUp(database, links, mailbox, ban_evasion, address=ADDRESS, admin_emails=["boris@example.org"])  # type: ignore[arg-type]
    boris = await People(accounts, sign_up, devices, mailbox).come("boris")
    async with database.read() as db:
        assert (await db.get_one(User, boris.user_id)).is_admin
    entries = [(each.action, each.target_id, each.actor_id) for each in reversed(await admin_world.journal.page(boris))]
    assert entries == [
        ("user.made_admin", ira.user_id, None),
        ("user.made_no_admin", ira.user_id, None),
        ("user.made_admin", ira.user_id, None),
        ("user.made_admin", boris.user_id, None),
    ]


async def test_admins_leave_notes_about_a_person_for_one_another(admin_world: AdminWorld) -> None:
    admin, rowdy = await admin_world.admin(), await admin_world.world.somebody()
    notes = StaffNotes(admin_world.database)
    await notes.add(admin, rowdy.user_id, "Уже предупреждали.")
    await notes.add(admin, rowdy.user_id, "Обещал исправиться.")
    assert [kept.text for kept, _ in await notes.of(admin, rowdy.user_id)] == [
        "Обещал исправиться.",
        "Уже предупреждали.",
    ]
    assert "note.added" in await admin_world.actions()
