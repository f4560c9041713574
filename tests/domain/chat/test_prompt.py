"""How a conversation becomes a prompt; pure, so without model or database."""

from __future__ import annotations

from itertools import count

from domain.accounts.user import FormOfAddress, PersonGender, User
from domain.characters.character import Character, Gender
from domain.chat.dialog import Message, State
from domain.chat.prompt import GO_ON, build_prompt
from domain.llm.port import Role

MARINA = Character(
    owner_id=1,
    name="Марина",
    gender=Gender.FEMALE,
    bio="Смотрительница маяка.",
    interests=["море", "книги"],
    context="Ты — Марина, говоришь коротко.",
)


ROOM = 90_000
numbers = count(1)


def asked(text: str) -> Message:
    return Message(id=next(numbers), dialog_id=1, role=Role.USER, text=text)


def said(text: str, state: State = State.DONE) -> Message:
    return Message(id=next(numbers), dialog_id=1, role=Role.ASSISTANT, text=text, state=state)


def turns(*path: Message) -> list[tuple[Role, str]]:
    return [(message.role, message.text) for message in build_prompt(MARINA, path, ROOM).messages[1:]]


def test_the_system_message_comes_first_and_says_who_the_character_is() -> None:
    system = build_prompt(MARINA, [asked("Привет")], ROOM).messages[0]
    assert system.role == Role.SYSTEM
    for known in ("Ты — Марина, говоришь коротко.", "Имя: Марина", "женский", "Смотрительница маяка.", "море, книги"):
        assert known in system.text


def test_the_greeting_is_known_to_the_model_though_a_person_begins() -> None:
    prompt = build_prompt(MARINA, [said("Заходи!"), asked("Привет")], ROOM)
    assert "Заходи!" in prompt.messages[0].text
    assert [message.role for message in prompt.messages] == [Role.SYSTEM, Role.USER]


def test_braces_and_percent_signs_of_people_stay_as_they_are() -> None:
    path = [asked("{0} {x.__class__} %s {{char}}")]
    assert turns(*path) == [(Role.USER, "{0} {x.__class__} %s {{char}}")]


def test_roles_take_turns_even_after_a_failed_reply() -> None:
    path = [asked("Раз"), said("", State.FAILED), asked("Два"), said("Слышу"), asked("Три")]
    assert turns(*path) == [(Role.USER, "Раз\n\nДва"), (Role.ASSISTANT, "Слышу"), (Role.USER, "Три")]


def test_what_the_filter_answered_is_kept_from_the_model() -> None:
    path = [asked("Раз"), said("Я не могу обсуждать эту тему.", State.FILTERED), asked("Два")]
    assert turns(*path) == [(Role.USER, "Раз\n\nДва")]


def test_a_long_history_loses_its_beginning_and_starts_with_the_person() -> None:
    path = [each for n in range(100) for each in (asked(f"вопрос {n} " + "а" * 900), said(f"ответ {n} " + "б" * 900))]
    kept = turns(*path, asked("последний"))
    assert kept[-1] == (Role.USER, "последний")
    assert kept[0][0] == Role.USER
    assert "вопрос 99" in kept[-3][1]
    assert sum(len(text) for _, text in kept) <= ROOM


def test_the_newest_message_is_never_left_out_however_long() -> None:
    path = [asked("раньше"), said("да"), asked("я" * (ROOM + 1))]
    assert turns(*path) == [(Role.USER, "я" * (ROOM + 1))]


def test_a_reply_that_broke_off_is_shown_to_the_model_and_asked_on() -> None:
    prompt = build_prompt(MARINA, [asked("Раз"), said("Слышу"), asked("Два")], ROOM, unfinished="Я хотела ска")
    assert [(message.role, message.text) for message in prompt.messages[-2:]] == [
        (Role.ASSISTANT, "Я хотела ска"),
        (Role.USER, GO_ON),
    ]


def test_the_model_is_told_what_the_person_says_of_themselves_and_nothing_else() -> None:
    ira = User(email="ira@example.org", display_name="Ира", about="Люблю море.", gender=PersonGender.FEMALE)
    ira.form_of_address = FormOfAddress.INFORMAL
    system = build_prompt(MARINA, [asked("Привет")], ROOM, person=ira).messages[0].text
    assert "О собеседнике:\nПол: женский\nО себе: Люблю море.\nОбращайся к собеседнику на «ты»." in system
    assert "example.org" not in system
    silent = build_prompt(MARINA, [asked("Привет")], ROOM, person=User(display_name="Ира")).messages[0].text
    assert silent == build_prompt(MARINA, [asked("Привет")], ROOM).messages[0].text
