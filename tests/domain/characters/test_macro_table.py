"""Macros of other programs' cards: what each becomes, as a table; and that nobody can inject one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from domain.characters.macros import MORE, MOST_IN_ALL, Macros, filled_in
from domain.macros.context import MacroContext
from domain.model.character import Character, Gender
from domain.model.user import FormOfAddress, PersonGender, User

VERA = Character(owner_id=1, name="Вера Павловна", nickname="Верочка", gender=Gender.FEMALE)
BORIS = User(display_name="Борис", gender=PersonGender.MALE, form_of_address=FormOfAddress.INFORMAL)
EVENING = datetime(2026, 11, 28, 21, 5, tzinfo=UTC)
TALK = MacroContext(
    chat=7,
    draw=70,
    moment=EVENING,
    zone=ZoneInfo("Asia/Vladivostok"),
    idle=timedelta(hours=3),
    last_message="Где {{char}}?",
    last_of_person="Где {{char}}?",
    last_of_character="Тут, <USER>.",
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # Names
        ("{{char}}", "Верочка"),
        ("{{CHAR}} и {{Char}}", "Верочка и Верочка"),
        ("{{ char }}", "Верочка"),
        ("<BOT>", "Верочка"),
        ("<bot>: привет", "Верочка: привет"),
        ("<CHAR>", "Верочка"),
        ("<Char>", "Верочка"),
        ("<CHARIFNOTGROUP>", "Верочка"),
        ("{{charIfNotGroup}}", "Верочка"),
        ("<GROUP>", "Верочка"),
        ("{{user}}", "Борис"),
        ("<USER>", "Борис"),
        ("<user>, {{User}}", "Борис, Борис"),
        ("{{bot}}", "Верочка"),
        ("{{{user}}}", "{Борис}"),
        ("{{{{user}}}}", "{{Борис}}"),
        # Forms that agree
        ("{{user:рад|рада}}", "рад"),
        ("{{char:рад|рада}}", "рада"),
        ("{{you:ты|вы}}", "ты"),
        ("{{user:{{char}} рада|нет}}", "Верочка рада"),
        ("{{user: а | б | в }}", "а"),
        # What stays as it was written
        ("{{unknown}}", "{{unknown}}"),
        ("{{unknown:{{char}}}}", "{{unknown:Верочка}}"),
        ("{{}}", "{{}}"),
        ("{{ }}", "{{ }}"),
        ("{{char", "{{char"),
        ("char}}", "char}}"),
        ("{char}", "{char}"),
        ("<START>", "<START>"),
        ("</user>", "</user>"),
        ("< user >", "< user >"),
        ("{{char.__class__}}", "{{char.__class__}}"),
        ("{{char name}}", "{{char name}}"),
        ("{{charm}}", "{{charm}}"),
        ("{{user:}}", "{{user:}}"),
        ("{{time:now}}", "{{time:now}}"),
        ("{{random}}", "{{random}}"),
        ("{{random a,b}}", "{{random a,b}}"),
        ("{{a {{b {{user}}", "{{a {{b Борис"),
        ("{{a {{user}} b}} c", "{{a Борис b}} c"),
        ("{{setvar::x::1}}", "{{setvar::x::1}}"),
        ("{{#if x}}да{{/if}}", "{{#if x}}да{{/if}}"),
        # Chance with one outcome
        ("{{random:чай}}", "чай"),
        ("{{random:чай,чай}}", "чай"),
        ("{{random:чай\\,кофе}}", "чай,кофе"),
        ("{{random::чай, кофе::чай, кофе}}", "чай, кофе"),
        ("{{random:{{user}},{{user}}}}", "Борис"),
        ("{{random:,}}", ""),
        ("{{random:}}", ""),
        ("{{pick:чай}}", "чай"),
        ("{{pick::чай::чай}}", "чай"),
        ("{{RANDOM: чай }}", "чай"),
        ("{{roll:1}}", "1"),
        ("{{roll:d1}}", "1"),
        ("{{roll 1}}", "1"),
        ("{{roll:3d1}}", "3"),
        ("{{roll:2d1+5}}", "7"),
        ("{{roll:1d1-3}}", "-2"),
        ("{{roll:0}}", "{{roll:0}}"),
        ("{{roll:d0}}", "{{roll:d0}}"),
        ("{{roll:999d6}}", "{{roll:999d6}}"),
        ("{{roll:шесть}}", "{{roll:шесть}}"),
        ("{{roll:{{user}}}}", "{{roll:{{user}}}}"),
        # Notes
        ("А{{// тайна}}Б", "АБ"),
        ("А{{//}}Б", "АБ"),
        ("А{{//тайна {{user}} }}Б", "АБ"),
        ("А{{comment: тайна}}Б", "АБ"),
        ("А{{COMMENT:}}Б", "АБ"),
        ("А{{hidden_key: маяк, море}}Б", "АБ"),
        ("Первая.\n{{// тайна}}\nВторая.", "Первая.\nВторая."),
        ("{{// тайна}}\nПервая.", "Первая."),
        # Layout
        ("А{{newline}}Б", "А\nБ"),
        ("А\n\n{{trim}}\n\nБ", "АБ"),
        ("А \n{{trim}}{{user}}", "А Борис"),
        ("А{{noop}}Б", "АБ"),
        ("{{original}}Б", "Б"),
        ("{{reverse:абв}}", "вба"),
        ("{{reverse:{{user}}}}", "сироБ"),
        ("{{reverse:}}resu{{", "resu{{"),
        # The person's clock, in Vladivostok, where it is already Sunday
        ("{{time}}", "07:05"),
        ("{{isotime}}", "07:05"),
        ("{{date}}", "29 ноября 2026\u202fг."),
        ("{{isodate}}", "2026-11-29"),
        ("{{weekday}}", "воскресенье"),
        ("{{time_UTC+3}}", "00:05"),
        ("{{time_utc-2}}", "19:05"),
        ("{{time_UTC+15}}", "{{time_UTC+15}}"),
        ("{{idle_duration}}", "3 часа"),
        # What was said last is somebody's words, in which no macro is read
        ("{{lastMessage}}", "Где {{char}}?"),
        ("{{lastUserMessage}}", "Где {{char}}?"),
        ("{{input}}", "Где {{char}}?"),
        ("{{lastCharMessage}}", "Тут, <USER>."),
        ("{{reverse:{{lastcharmessage}}}}", ".>RESU< ,туТ"),
    ],
)
def test_each_macro_stands_for_what_other_programs_mean_by_it(written: str, read: str) -> None:
    assert filled_in(written, VERA, BORIS, TALK) == read


def test_without_a_chat_there_is_nothing_to_repeat_and_a_name_that_is_no_nickname() -> None:
    plain = Character(owner_id=1, name="Вера Павловна", gender=Gender.FEMALE)
    assert filled_in("{{char}}: {{lastMessage}}{{input}}{{idle_duration}}", plain, None) == "Вера Павловна: "


def test_in_an_english_card_the_clock_speaks_english() -> None:
    english = replace(TALK, language="en", zone=UTC)
    told = filled_in("{{weekday}}, {{date}}, {{idle_duration}}", VERA, BORIS, english)
    assert told == "Saturday, November 28, 2026, 3 hours"


def test_chance_is_drawn_anew_for_each_reply_and_once_for_a_chat() -> None:
    text = "{{random:чай,кофе,сок,вода}} {{roll:100}}"
    drinks = {filled_in(text, VERA, BORIS, replace(TALK, draw=draw)) for draw in range(40)}
    assert len(drinks) > 20
    assert filled_in(text, VERA, BORIS, TALK) == filled_in(text, VERA, BORIS, TALK)
    picked = "{{pick:чай,кофе,сок,вода}}"
    assert len({filled_in(picked, VERA, BORIS, replace(TALK, draw=draw)) for draw in range(40)}) == 1
    chats = {filled_in(picked, VERA, BORIS, replace(TALK, chat=chat)) for chat in range(40)}
    assert chats == {"чай", "кофе", "сок", "вода"}


def test_a_die_shows_each_of_its_sides_and_nothing_else() -> None:
    shown = {filled_in("{{roll:d6}}", VERA, BORIS, replace(TALK, draw=draw)) for draw in range(200)}
    assert shown == set("123456")


def test_what_was_picked_in_a_place_stays_when_its_words_change_and_differs_between_places() -> None:
    macros = Macros(VERA, BORIS, TALK)
    options = "{{pick:" + ",".join(map(str, range(1_000))) + "}}"
    assert macros.fill(f"Пьёт {options}", "context") == macros.fill(f"Пьёт {options}", "context")
    before, after = macros.fill(options, "context"), macros.fill(f"Теперь {options}!", "context")
    assert after == f"Теперь {before}!"
    assert macros.fill(options, "scenario") != before
    assert len(set(macros.fill(" ".join([options] * 5), "bio").split())) == 5


SIGNS = some.sampled_from(
    [
        *("{{", "}}", "{", "}", ":", "::", ",", "|", "\\,", "<user>", "\n", " ", "я", "//", "char", "user", "random"),
        *("pick", "roll:d6", "reverse:", "comment:", "trim", "lastMessage", "time", "you:ты|вы"),
    ]
)
TEXTS = some.lists(SIGNS, max_size=60).map("".join)


@given(text=TEXTS, name=TEXTS.filter(str.strip), said=TEXTS)
@settings(max_examples=300, deadline=None)
def test_whatever_an_author_writes_it_is_filled_in_within_the_limit(text: str, name: str, said: str) -> None:
    sly = User(display_name=name[:64])
    read = filled_in(text, VERA, sly, replace(TALK, last_message=said, last_of_person=said))
    assert len(read) <= len(text) + MORE


MARK = "\ue000"


@given(text=TEXTS, name=TEXTS.filter(str.strip), said=TEXTS)
@settings(max_examples=300, deadline=None)
def test_no_name_and_no_words_are_ever_read_as_a_macro(text: str, name: str, said: str) -> None:
    """Whatever somebody is called or says, the result is the same as with harmless words in its place."""
    text = text.replace("reverse:", "").replace("trim", "")  # these change words, as they should

    def read(name: str, said: str) -> str:
        talk = replace(TALK, last_message=said, last_of_person=said)
        return filled_in(text, VERA, User(display_name=name), talk)

    harmless = read(MARK, MARK * 2)
    sly = read(f"{MARK}{name}{MARK}"[:64], f"{MARK}{said}{MARK}")
    if len(sly) < MORE / 2:  # of a text that reaches the limit, the rest stays
        pattern = re.escape(harmless).replace(re.escape(MARK), ".*?").replace(".*?.*?", ".*?")
        assert re.fullmatch(pattern, sly, re.DOTALL)


def test_the_number_of_macros_is_bounded_too() -> None:
    text = "{{noop}}" * (MOST_IN_ALL + 5)
    macros = Macros(VERA, BORIS, TALK)
    assert macros.fill(text) == "{{noop}}" * 5
    assert macros.fill("{{char}}") == "{{char}}"


def test_thousands_of_open_braces_take_no_longer_than_others() -> None:
    deep = "{{a" * 5_000 + "{{user}}" + "}}" * 5_000
    assert "Борис" in filled_in(deep, VERA, BORIS, TALK)
    assert filled_in("{{a " * 5_000 + "{{user}}", VERA, BORIS, TALK).endswith("{{a Борис")
