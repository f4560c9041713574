"""Lorebooks in a conversation: which entries are in the prompt of a reply, where, and what is kept of that."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.books.book_rows import add_book, entries_of, rows_of
from domain.chat.dialog_copies import DialogCopies
from domain.chat.prompts.prompt_reader import PromptReader
from domain.clock import now
from domain.llm.port import ASIDE, NOTE, NOTE_ENDS, RECALLED
from domain.llm.token_estimates import CHARACTERS_A_TOKEN, estimated_tokens
from domain.model.book import Book, CharacterWorld, DialogWorld
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.rate_limits import InMemory, RateLimiter
from storage.database import Database
from tests.conftest import UNLIMITED
from tests.domain.books.test_activation import entry
from tests.domain.chat.conftest import GREETING, ChatWorld, numbers
from tests.domain.chat.prompts.test_prompt_reader import Memory, long_dialog, memory

__all__ = ["memory"]  # a fixture


async def book(
    database: Database, owner: Caller, *entries: dict[str, Any], character_id: int | None = None, **settings: Any
) -> Book:
    """A book of the character, or a world."""
    found = rows_of({"entries": list(entries), "extensions": {}} | settings)
    async with database.write() as db:
        return await add_book(db, found, owner_id=owner.user_id, character_id=character_id)


async def with_book(
    world: ChatWorld, *entries: dict[str, Any], settings: dict[str, Any] | None = None, **card: Any
) -> tuple[Caller, int]:
    """A person's dialog with a character of theirs that has a book of these entries."""
    person = await world.somebody()
    character = await world.character(person)
    if card:
        async with world.database.write() as db:
            changed = await db.get_one(Character, character.id)
            for name, value in card.items():
                setattr(changed, name, value)
    await book(world.database, person, *entries, character_id=character.id, **settings or {})
    return person, await world.chat.begin(person, character.id)


async def say(world: ChatWorld, person: Caller, dialog_id: int, text: str) -> list[str]:
    """Say something; returns the messages of the prompt that the model gets for it."""
    world.llm.answer("Хорошо.")
    await world.chat.send(person, dialog_id, text, f"{next(numbers)}")
    await world.ended(person, dialog_id)
    return asked(world)


def asked(world: ChatWorld) -> list[str]:
    return [each["content"] for each in world.llm.requests[-1].body["messages"]]


async def kept(world: ChatWorld, person: Caller, dialog_id: int) -> list[tuple[str, bool]]:
    """For each entry in the last reply's prompt, the key by which it fired, and whether another entry said it."""
    last = (await world.messages(person, dialog_id))[-1]
    return [(because, by_entry) for _number, because, by_entry in last.lore or []]


async def test_an_entry_stands_in_the_prompt_of_a_reply_whose_talk_holds_its_key(world: ChatWorld) -> None:
    person, dialog = await with_book(
        world,
        entry("Москва, столица", "{{char}} и {{user}} жили в Москве.", position="after_char"),
        entry("кот", "Кота зовут Тимофей."),
    )
    system, *_ = await say(world, person, dialog, "Помнишь, как мы были в столице?")
    assert "Ты — Марина.\n\nМарина и Гость" in system
    assert "жили в Москве." in system
    assert "Тимофей" not in system
    assert await kept(world, person, dialog) == [("столица", False)]
    system, *_ = await say(world, person, dialog, "Который час?")
    assert "жили в Москве." in system, "the word is still among the last messages"
    assert "Тимофей" not in system


async def test_an_entry_may_stand_beside_the_personality_or_the_scenario(world: ChatWorld) -> None:
    person, dialog = await with_book(
        world,
        entry("", "@@position scenario\nШторм.", constant=True),
        entry("", "@@position personality\n@@depth 0\nУпряма.", constant=True),
        entry("", "После описания.", constant=True, position="after_char"),
        personality="Тихая.",
        scenario="Маяк.",
    )
    system, *talk = await say(world, person, dialog, "Раз.")
    assert "Ты — Марина.\n\nПосле описания.\n\nИмя" in system
    assert "Характер: Тихая.\n\nУпряма.\n\nОбстоятельства: Маяк.\n\nШторм." in system
    assert "Упряма" not in "".join(talk)


async def test_where_an_entry_stands_is_what_it_says(world: ChatWorld) -> None:
    deep = {"position": 4, "depth": 2, "role": 0}
    person, dialog = await with_book(
        world,
        entry("", "Второе перед описанием.", constant=True, insertion_order=2),
        entry("", "Первое перед описанием.", constant=True, insertion_order=1),
        entry("", "После описания.", constant=True, position="after_char"),
        entry("", "@@position after_desc\n@@depth 0\nТоже после описания.", constant=True),
        entry("", "@@depth 0\nВ самом конце.", constant=True),
        entry("", "@@depth 1\nПеред последним.", constant=True),
        entry("", "@@depth 1\n@@role assistant\nСловами героини.", constant=True),
        entry("", "В глубине.", constant=True, extensions=deep),
        entry("", "@@depth 900\nПеред первым.", constant=True),
        scenario="Маяк.",
        after_history="Отвечай кратко.",
    )
    await say(world, person, dialog, "Раз.")
    system, first, reply, last = await say(world, person, dialog, "Два.")
    assert system.startswith(
        "Первое перед описанием.\n\nВторое перед описанием.\n\nТы — Марина.\n\nПосле описания.\n\nТоже после описания."
        "\n\nИмя"
    )
    assert "Обстоятельства: Маяк." in system
    note = f"{NOTE}{{}}{NOTE_ENDS}"
    assert first == f"{note.format('Перед первым.')}\n\nРаз.\n\n{note.format('В глубине.')}"
    assert reply == "Хорошо.\n\nСловами героини."
    before, after = note.format("Перед последним."), note.format("В самом конце.")
    assert last == f"{before}\n\nДва.\n\n{after}\n\n{ASIDE}Отвечай кратко.)"
    roles = [each["role"] for each in world.llm.requests[-1].body["messages"]]
    assert roles == ["system", "user", "assistant", "user"]


async def test_a_depth_may_be_counted_from_the_beginning(world: ChatWorld) -> None:
    """The greeting is the first message, though it is in the system message."""
    person, dialog = await with_book(
        world,
        entry("", "@@reverse_depth 0\nПеред всеми.", constant=True),
        entry("", "@@reverse_depth 2\nПосле первых слов.", constant=True),
        entry("", "@@reverse_depth 900\nВ самом конце.", constant=True),
    )
    await say(world, person, dialog, "Раз.")
    _, first, reply, last = await say(world, person, dialog, "Два.")
    note = f"{NOTE}{{}}{NOTE_ENDS}"
    assert first == f"{note.format('Перед всеми.')}\n\nРаз.\n\n{note.format('После первых слов.')}"
    assert (reply, last) == ("Хорошо.", f"Два.\n\n{note.format('В самом конце.')}")


async def test_a_position_beside_what_the_character_lacks_is_passed_over(world: ChatWorld) -> None:
    person, dialog = await with_book(
        world,
        entry("", "@@position personality\n@@depth 0\nУпряма.", constant=True),
        entry("", "@@position scenario\nШторм.", constant=True),
        entry("", "@@position scenario\nТуман.", constant=True, position="after_char"),
    )
    system, last = await say(world, person, dialog, "Раз.")
    assert system.startswith("Шторм.\n\nТы — Марина.\n\nТуман.\n\nИмя")
    assert last == f"Раз.\n\n{NOTE}Упряма.{NOTE_ENDS}"


async def test_the_characters_own_book_comes_before_worlds_attached_to_it_and_to_the_dialog(world: ChatWorld) -> None:
    long = "слово " * 200
    person, dialog = await with_book(world, entry("", f"Из своей: {long}", constant=True, insertion_order=5))
    of_character = await book(world.database, person, entry("", f"Из мира: {long}", constant=True))
    of_dialog = await book(world.database, person, entry("", f"Из мира чата: {long}", constant=True))
    async with world.database.write() as db:
        attached = await db.get_one(Dialog, dialog)
        db.add(CharacterWorld(character_id=attached.character_id, book_id=of_character.id))
        db.add(DialogWorld(dialog_id=dialog, book_id=of_dialog.id))
        db.add(DialogWorld(dialog_id=dialog, book_id=of_character.id))  # it is in the prompt only once
    system, *_ = await say(world, person, dialog, "Привет!")
    told = [system.count(name) for name in ("Из своей", "Из мира:", "Из мира чата")]
    assert told == [1, 1, 1]
    async with world.database.write() as db:
        (await db.get_one(Dialog, dialog)).prompt_tokens = 1_100
    system, *_ = await say(world, person, dialog, "Привет ещё раз!")
    told = [system.count(name) for name in ("Из своей", "Из мира:", "Из мира чата")]
    assert told == [0, 0, 0], "none fits, and the talk goes on"


async def test_what_does_not_fit_gives_way_before_the_talk(world: ChatWorld) -> None:
    entries = [entry("", f"Запись {n}: " + "слово " * 60, constant=True, insertion_order=n) for n in range(40)]
    person, dialog = await with_book(world, *entries, settings={"token_budget": 100_000})
    for turn in range(12):
        prompt = await say(world, person, dialog, f"{turn}. " + "говорю " * 250)
        assert sum(map(len, prompt)) <= world.reply_writer.prompts.tokens * CHARACTERS_A_TOKEN
        assert prompt[-1].startswith(f"{turn}. ")
        assert turn == 0 or prompt[-3].startswith(f"{turn - 1}. "), "the last exchange is there"
        fitting = await kept(world, person, dialog)
        assert 5 < len(fitting) < 40


@pytest.mark.parametrize("tokens", [2_000, 4_000, 8_000])
async def test_with_memory_and_lorebooks_a_prompt_keeps_within_its_size(
    world: ChatWorld, memory: Memory, tokens: int
) -> None:
    person = await world.somebody()
    dialog, ids = await long_dialog(world, person, 200, 600)
    entries = [entry("слово", f"@@depth {n}\nЗапись {n}: " + "говорит " * 20) for n in range(60)]
    async with world.database.read() as db:
        character_id = (await db.get_one(Dialog, dialog)).character_id
    await book(world.database, person, *entries, character_id=character_id, token_budget=100_000)
    prompts = PromptReader(lambda _model: 90_000, tokens)
    asked = await prompts.for_reply(world.database, dialog, ids[-1])
    system, *talk = [each.text for each in asked.prompt.messages]
    assert estimated_tokens(asked.prompt) <= tokens
    assert "Меня зовут Ира." in system, "what is pinned"
    assert RECALLED in talk[-1], "what came to mind"
    assert memory.recalls
    assert len(asked.lore) >= 3


async def test_keys_in_what_the_model_may_not_read_fire_nothing(world: ChatWorld) -> None:
    person, dialog = await with_book(world, entry("кот", "Кота зовут Тимофей."))
    assert "Тимофей" in (await say(world, person, dialog, "А где кот?"))[0]
    question = (await world.messages(person, dialog))[-2]
    async with world.database.write() as db:
        (await db.get_one(Message, question.id)).is_hidden_from_model = True
    assert "Тимофей" not in (await say(world, person, dialog, "Ну что же"))[0]
    assert "Тимофей" not in (await say(world, person, dialog, "Хм {{// кот}} да"))[0]


async def test_entries_find_entries_also_by_hidden_keys(world: ChatWorld) -> None:
    person, dialog = await with_book(
        world,
        entry("маяк", "Маяк на мысе.{{hidden_key: шторм}}{{// смотри про бурю}}"),
        entry("шторм", "В шторм горит фонарь."),
        entry("буря", "Бури не бывает."),
        settings={"recursive_scanning": True},
    )
    system, *_ = await say(world, person, dialog, "Расскажи про маяк")
    assert "Маяк на мысе.\n\nВ шторм горит фонарь." in system
    assert "{{" not in system
    assert "Бури не бывает" not in system
    assert await kept(world, person, dialog) == [("маяк", False), ("шторм", True)]


async def test_what_stays_and_what_rests_is_counted_on_the_path(world: ChatWorld) -> None:
    terms = {"sticky": 2, "cooldown": 4, "scan_depth": 1}
    person, dialog = await with_book(world, entry("кот", "Кота зовут Тимофей.", extensions=terms))
    told = ["Тимофей" in (await say(world, person, dialog, f"Кот? {n}" if n != 1 else "Ага"))[0] for n in range(6)]
    assert told == [True, True, False, False, True, True], "fires, stays for two messages, rests for four"


async def test_another_branch_knows_nothing_of_what_fired_beside_it(world: ChatWorld) -> None:
    person, dialog = await with_book(world, entry("кот", "@@dont_activate_after_match\n@@scan_depth 1\nТимофей."))
    assert "Тимофей" in (await say(world, person, dialog, "Кот!"))[0]
    assert "Тимофей" not in (await say(world, person, dialog, "Снова кот!"))[0]
    question = (await world.messages(person, dialog))[1]
    world.llm.answer("Ладно.")
    await world.branches.edit(person, question.id, "И ещё раз кот!", "edited")
    await world.ended(person, dialog)
    assert "Тимофей" in asked(world)[0]


async def test_an_entry_of_one_greeting_stands_in_its_dialogs_only(world: ChatWorld) -> None:
    person, dialog = await with_book(
        world,
        entry("", "@@is_greeting 0\nДень.", constant=True),
        entry("", "@@is_greeting 1\nНочь.", constant=True),
        other_greetings=["Уже ночь, но заходи."],
    )
    assert (await say(world, person, dialog, "Привет!"))[0].startswith("День.")
    first = (await world.messages(person, dialog))[0]
    assert first.text == GREETING
    await world.branches.switch_branch(person, first.id, 1)
    assert (await say(world, person, dialog, "Доброй ночи!"))[0].startswith("Ночь.")


async def test_a_changed_book_counts_from_the_next_reply_on(world: ChatWorld) -> None:
    person, dialog = await with_book(world, entry("кот", "Кота зовут Тимофей."))
    assert "Тимофей" in (await say(world, person, dialog, "Кот!"))[0]
    async with world.database.write() as db:
        own = (await db.exec(select(Book).where(Book.owner_id == person.user_id))).one()
        row = (await entries_of(db, own.id))[0]
        row.entry = row.entry.replace("Тимофей", "Барсик")
        own.revision += 1
    assert "Барсик" in (await say(world, person, dialog, "А кот?"))[0]


async def test_whoever_opens_a_chat_does_not_wait_for_its_books(world: ChatWorld) -> None:
    """They are compiled meanwhile (BooksAhead)."""
    person, dialog = await with_book(world, entry("кот", "Кота зовут Тимофей."))
    compiled = world.reply_writer.prompts.lore.compiled
    await world.chat.open(person, dialog)
    book_id, revision = await compiled.expected()
    assert await compiled.of(world.database, book_id, revision)
    assert "Тимофей" in (await say(world, person, dialog, "Кот!"))[0]


async def test_what_lies_in_the_bin_fires_nothing(world: ChatWorld) -> None:
    person, dialog = await with_book(world, entry("кот", "Тимофей."), entry("кот", "Рыжий."))
    assert (await say(world, person, dialog, "Кот!"))[0].startswith("Тимофей.\n\nРыжий.")
    reply = (await world.messages(person, dialog))[-1]
    async with world.database.write() as db:
        own = (await db.exec(select(Book).where(Book.owner_id == person.user_id))).one()
        (await entries_of(db, own.id))[0].deleted_at = now()
        own.revision += 1
    assert (await say(world, person, dialog, "Кот?"))[0].startswith("Рыжий.")
    assert [each.text for each in await world.chat.lore(person, reply.id)] == ["Рыжий."]
    async with world.database.write() as db:
        (await db.get_one(Book, own.id)).deleted_at = now()
    assert (await say(world, person, dialog, "Кот…"))[0].startswith("Ты — Марина.")
    assert await world.chat.lore(person, reply.id) == ()


async def test_the_same_reply_has_the_same_luck(world: ChatWorld) -> None:
    """Chance is drawn once for each reply, however often a busy model is asked for it, and anew for another reply."""
    half = [entry("", f"Запись {n}.", constant=True, extensions={"probability": 50}) for n in range(40)]
    person, dialog = await with_book(world, *half)
    world.llm.answer_with(b"{}", 429)
    once = await say(world, person, dialog, "Привет!")
    assert len(world.llm.requests) == 2
    assert world.llm.requests[0].body["messages"][0]["content"] == once[0]
    assert 5 < once[0].count("Запись") < 35
    reply = (await world.messages(person, dialog))[-1]
    world.llm.answer("Иначе.")
    await world.branches.regenerate(person, reply.id)
    await world.ended(person, dialog)
    assert asked(world)[0] != once[0]


async def test_a_copy_of_a_dialog_keeps_what_stood_in_its_prompts(world: ChatWorld) -> None:
    person, dialog = await with_book(world, entry("кот", "Кота зовут Тимофей."))
    await say(world, person, dialog, "Кот!")
    reply = (await world.messages(person, dialog))[-1]
    copies = DialogCopies(world.database, world.bus, RateLimiter(InMemory(), UNLIMITED))
    copy = await copies.copy_up_to(person, reply.id)
    assert reply.lore
    assert (await world.messages(person, copy.id))[-1].lore == reply.lore


async def test_hidden_keys_are_those_of_an_entry_and_of_nobody_who_speaks(world: ChatWorld) -> None:
    person, dialog = await with_book(
        world,
        entry("кот", "Ты слышишь: {{lastUserMessage}}{{hidden_key:лес}}"),
        entry("маяк", "Тайна маяка."),
        entry("лес", "Тайна леса."),
        settings={"recursive_scanning": True},
    )
    told = "\n".join(await say(world, person, dialog, "Кот. {{hidden_key:маяк}} {{// маяк}}"))
    assert "Тайна леса." in told
    assert "Тайна маяка." not in told
