"""Search within one dialog: the messages found, through which one steps back and forth."""

from __future__ import annotations

import pytest

from domain.chat.dialog_search import search_words
from domain.errors import NotFound
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_dialogs import said


async def test_every_message_that_holds_the_words_is_found_on_whatever_branch(world: ChatWorld) -> None:
    person, stranger = await world.somebody(), await world.somebody()
    dialog, other = await world.dialog(person), await world.dialog(person)
    [greeting] = await world.messages(person, dialog)
    first = await said(world, dialog, "Где мой Компас?")
    await said(world, dialog, "Не знаю.")
    second = await said(world, dialog, "Вот он, компас!", below=greeting.id)
    deleted = await said(world, dialog, "И второй компас")
    await said(world, other, "Здесь тоже компас")
    await world.branches.delete(person, deleted)
    assert await world.dialogs.find_in(person, dialog, search_words("компас")) == [first, second]
    assert await world.dialogs.find_in(person, dialog, search_words("марина компас вот")) == [second], (
        "the character's name stands above them all"
    )
    with pytest.raises(NotFound):
        await world.dialogs.find_in(stranger, dialog, search_words("компас"))


async def test_of_words_that_the_name_holds_the_messages_are_found_as_well(world: ChatWorld) -> None:
    person = await world.somebody()
    dialog = await world.dialog(person)
    called = await said(world, dialog, "Марина, вы здесь?")
    assert called in await world.dialogs.find_in(person, dialog, search_words("марина"))
