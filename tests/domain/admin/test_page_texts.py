"""Page texts: rules, privacy, contact: ours at first, then those that an admin writes, with every version kept."""

from __future__ import annotations

import pytest

from domain.accounts.sessions import Caller
from domain.admin.page_texts import CONTACT, FOLDER, TEXT_LIMIT, PageKind, PageTexts
from domain.audit.journal import AuditLog
from domain.errors import Invalid, NotAdmin, NotFound
from domain.language import LANGUAGES
from storage.database import Database
from tests.domain.admin.crowd import an_admin


async def test_the_text_is_ours_until_an_admin_writes_another_and_every_version_can_come_back(
    database: Database,
) -> None:
    admin, pages = await an_admin(database), PageTexts(database, contact="help@example.org")
    ours = await pages.shown(PageKind.RULES, "ru")
    assert ours.changed_at is None
    assert "help@example.org" in ours.text
    assert await pages.history(admin, PageKind.RULES, "ru") == []

    await pages.save(admin, PageKind.RULES, "ru", " Не шуметь.\r\n\r\nПисать: {contact} {и не сюда} ")
    await pages.save(admin, PageKind.RULES, "ru", "Не шуметь после одиннадцати.")
    assert (await pages.shown(PageKind.RULES, "ru")).text == "Не шуметь после одиннадцати."
    assert "fictional characters" in (await pages.shown(PageKind.RULES, "en")).text, "the other language is as it was"

    _newer, older = await pages.history(admin, PageKind.RULES, "ru")
    await pages.restore(admin, older.id)
    shown = await pages.shown(PageKind.RULES, "ru")
    assert shown.text == "Не шуметь.\n\nПисать: help@example.org {и не сюда}"
    assert len(await pages.history(admin, PageKind.RULES, "ru")) == 3
    entries = await AuditLog(database).page(admin)
    assert [entry.action for entry in entries] == ["page.restored", "page.changed", "page.changed"]


async def test_nobody_else_changes_a_page_or_reads_its_history(database: Database, ira: Caller) -> None:
    admin, pages = await an_admin(database), PageTexts(database, contact="")
    await pages.save(admin, PageKind.CONTACT, "en", "Write to us.")
    [version] = await pages.history(admin, PageKind.CONTACT, "en")
    for refused in (
        pages.save(ira, PageKind.CONTACT, "en", "Write to me."),
        pages.history(ira, PageKind.CONTACT, "en"),
        pages.restore(ira, version.id),
    ):
        with pytest.raises(NotAdmin):
            await refused


async def test_what_cannot_be_a_page_is_refused_with_its_sentence(database: Database) -> None:
    admin, pages = await an_admin(database), PageTexts(database, contact="")
    for text, sentence in (
        (" \n ", "Write what"),
        ("я" * (TEXT_LIMIT + 1), "1 too many"),
        ("при\u202eвет", "invisible"),
    ):
        with pytest.raises(Invalid) as refusal:
            await pages.save(admin, PageKind.PRIVACY, "ru", text)
        assert refusal.value.field == "text"
        assert sentence in str(refusal.value)
    with pytest.raises(NotFound):
        await pages.save(admin, PageKind.PRIVACY, "de", "Hallo")
    with pytest.raises(NotFound):
        await pages.restore(admin, 10**12)
    assert (await pages.shown(PageKind.PRIVACY, "ru")).changed_at is None


def test_there_is_a_text_of_ours_for_each_page_in_each_language_and_it_says_whom_to_write_to() -> None:
    for language in LANGUAGES:
        for kind in PageKind:
            assert CONTACT in (FOLDER / language / f"{kind}.md").read_text("utf-8")
