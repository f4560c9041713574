"""Macros in a prompt: which chat it is, what the clock says and what was said last."""

from __future__ import annotations

from datetime import timedelta

from domain.chat.prompts.macro_context import hearing, macro_context
from domain.chat.prompts.prompt import build_prompt, fixed_length, room_left
from domain.chat.tree.path_message import PathMessage
from domain.llm.port import ASIDE, Role
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, State
from domain.model.user import User
from tests.clock import Clock
from tests.domain.chat.conftest import ChatWorld

CLERK = Character(
    owner_id=1,
    name="Вера",
    nickname="Верочка",
    gender=Gender.FEMALE,
    language="ru",
    context="{{// для себя}}Ты — {{char}}. У тебя {{pick:кот,пёс,попугай,хомяк}}.",
    after_history="Сейчас {{time}}. Тебе сказали: «{{lastUserMessage}}». {{random:Пошути,Вздохни,Спой,Зевни}}.",
)
IRA = User(display_name="Ира", zone="Asia/Yekaterinburg")
PATH = [
    PathMessage(1, Role.ASSISTANT, State.DONE, 9, text="Слушаю {{"),
    PathMessage(2, Role.USER, State.DONE, 11, 1, text="Кто {{user}}"),
]


def asides(reply: int, room: int = 9_000) -> str:
    context = hearing(macro_context(Dialog(id=5, user_id=1, character_id=1), CLERK, IRA, reply), PATH)
    return build_prompt(CLERK, PATH, room, person=IRA, context=context).messages[-1].text


def test_the_model_reads_the_nickname_the_clock_and_the_last_words_but_no_note(clock: Clock) -> None:
    clock.time = clock.time.replace(hour=20, minute=30)
    context = hearing(macro_context(Dialog(id=5, user_id=1, character_id=1), CLERK, IRA, 1), PATH)
    system, newest = build_prompt(CLERK, PATH, 9_000, person=IRA, context=context).messages
    assert system.text.startswith("Ты — Верочка. У тебя ")
    assert "для себя" not in system.text
    assert newest.text.startswith(f"Кто {{{{user}}}}\n\n{ASIDE}Сейчас 01:30. Тебе сказали: «Кто {{{{user}}}}».")


def test_chance_differs_between_replies_and_not_while_one_is_put_together() -> None:
    assert len({asides(reply) for reply in range(30)}) == 4
    assert asides(3) == asides(3)


def test_the_room_left_for_the_talk_is_what_the_prompt_leaves() -> None:
    for reply in range(10):
        context = hearing(macro_context(Dialog(id=5, user_id=1, character_id=1), CLERK, IRA, reply), PATH)
        prompt = build_prompt(CLERK, PATH, 9_000, person=IRA, context=context)
        said = sum(len(each.text) for each in prompt.messages)
        assert 9_000 - room_left(fixed_length(CLERK, IRA, context), PATH, 9_000) == said - len("Кто {{user}}")


async def test_a_reply_knows_the_persons_clock_and_how_long_they_were_silent(world: ChatWorld, clock: Clock) -> None:
    person = await world.somebody()
    character = await world.character(person)
    async with world.database.write() as db:
        of = await db.get_one(Character, character.id)
        of.greeting, of.language = "{{random:раз,два,три}} {{time}}", "ru"
        of.after_history = "В Токио {{time}}, молчали {{idle_duration}}."
    dialog = await world.chat.begin(person, character.id)
    (greeting,) = await world.messages(person, dialog)
    await world.time_passes(clock, timedelta(hours=2))
    await world.chat.send(person, dialog, "Привет", "1", zone="Asia/Tokyo")
    await world.ended(person, dialog)
    tokyo = f"{(clock.time + timedelta(hours=9)):%H:%M}"
    assert world.llm.asked[-1].last_words.endswith(f"В Токио {tokyo}, молчали 2 часа.)")
    assert (await world.messages(person, dialog))[0].text == greeting.text  # once said, it stays
    assert "{{" not in greeting.text
