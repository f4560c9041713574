"""Next prompt: in full for those who may see the card, for others only what it remembers of their own talk."""

from __future__ import annotations

import pytest

from domain.errors import NotFound
from domain.llm.port import ASIDE, Role
from domain.memory.rows import MemoryPin
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User
from tests.domain.chat.conftest import GREETING, ChatWorld
from tests.domain.chat.test_dialogs import said


async def test_only_who_may_see_the_card_sees_the_whole_prompt(world: ChatWorld) -> None:
    author, reader, admin = await world.people(3)
    character = await world.character(author)
    async with world.database.write() as db:
        (await db.get_one(Character, character.id)).after_history = "Тайное указание."
        (await db.get_one(User, admin.user_id)).is_admin = True
    for who, sees_all in ((author, True), (admin, True), (reader, False)):
        dialog = await world.chat.begin(who, character.id)
        await said(world, dialog, "Привет.")
        await said(world, dialog, "И тебе.", role=Role.ASSISTANT)
        async with world.database.write() as db:
            (await db.get_one(Dialog, dialog)).memory_version = 1
            db.add(MemoryPin(dialog_id=dialog, text="Зови меня Ирой."))
        view = await world.chat.next_prompt(who, dialog)
        assert "Зови меня Ирой." in view.memory
        assert (view.verbatim_from, view.gap) == (None, 0)
        assert view.tokens > 20
        assert bool(view.messages) == sees_all
        if sees_all:
            system, *talk = [each.text for each in view.messages]
            assert GREETING in system
            assert view.memory in system
            assert talk == ["Привет.", "И тебе.", f"…\n\n{ASIDE}Тайное указание.)"]
        else:
            assert "Тайное" not in str(view)
            assert "Ты — Марина" not in str(view)
        with pytest.raises(NotFound):
            await world.chat.next_prompt((await world.people(1))[0], dialog)


async def test_of_a_long_talk_it_says_where_word_for_word_begins(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    for n in range(60):
        await said(world, dialog, f"{n} " + "слово " * 150, role=Role.ASSISTANT if n % 2 else Role.USER)
    view = await world.chat.next_prompt(person, dialog)
    assert view.verbatim_from is not None
    assert view.gap == view.verbatim_from - 2, "nothing tells of what is between the greeting and it"
    assert view.messages[1].text.startswith(f"{view.verbatim_from - 2} слово")
    assert 7_000 < view.tokens <= 8_000
    empty = await world.chat.next_prompt(person, await world.dialog(person))
    assert [each.text for each in empty.messages[1:]] == ["…"]
