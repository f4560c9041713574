"""Memory in words: the one line above the composer, what the panel says of each thing, what goes with a message."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.clock import now
from domain.language import Texts
from domain.memory.editing.goes_with import GoesWith
from domain.memory.overview import (
    ChapterEntry,
    FactEntry,
    MemoryBar,
    MemoryOverview,
    MemoryState,
    PinnedEntry,
    RecalledEntry,
)
from domain.memory.rows import DIGEST, MadeBy
from domain.model.user import User
from ui.chat.memory.memory_words import bar_shown, bar_words, forgotten_words, panel_shown
from ui.request.visitor import Preferences, Reader

RU, EN = Texts("ru"), Texts("en")
READER = Reader(Preferences("ru", "auto", "Europe/Moscow"), RU, user=User(id=1, display_name="Ира"))
NOTHING = MemoryBar(MemoryState.ON, None, chapters=0, has_digest=False, facts=0, pinned=0)
FULL = MemoryBar(MemoryState.ON, 214, chapters=4, has_digest=True, facts=18, pinned=3)


def test_the_line_says_what_is_verbatim_told_known_and_pinned() -> None:
    assert bar_words(RU, FULL) == "Дословно с 214-го · канва и 4 главы · 18 фактов · 3 закреплено"
    assert bar_words(EN, FULL) == "Word for word from message 214 · the gist and 4 chapters · 18 facts · 3 pinned"


def test_it_counts_as_people_do() -> None:
    one = replace(NOTHING, chapters=1, facts=1, pinned=1, gap=1)
    assert bar_words(RU, one) == "1 глава · 1 факт · 1 закреплено · 1 сообщение ещё не пересказано"
    few = replace(NOTHING, chapters=22, facts=2, gap=34)
    assert bar_words(RU, few) == "22 главы · 2 факта · 34 сообщения ещё не пересказаны"
    many = replace(NOTHING, chapters=5, has_digest=True, facts=11, gap=115)
    assert bar_words(RU, many) == "Канва и 5 глав · 11 фактов · 115 сообщений ещё не пересказано"


def test_in_the_first_minute_it_says_nothing() -> None:
    assert bar_words(RU, NOTHING) == ""
    assert bar_shown(RU, NOTHING) == {"words": "", "said": ""}


@pytest.mark.parametrize(
    ("state", "words", "is_said"),
    [
        (MemoryState.OFF, "память выключена", False),
        (MemoryState.REMEMBERING, "запоминается…", False),
        (MemoryState.WAITS_FOR_BUDGET, "память ждёт до завтра: квота на сегодня исчерпана", True),
        (MemoryState.ONLY_EXCERPTS, "вместо пересказа — выдержки: пересказать не вышло", True),
        (MemoryState.NO_ROOM, "карточка персонажа заняла почти всё место: помнится только закреплённое", True),
        (MemoryState.ASKS_FOR_BACKLOG, "длинный чат: прочесть и запомнить?", True),
    ],
)
def test_what_is_going_on_stands_at_its_end_and_what_matters_is_said_aloud(
    state: MemoryState, words: str, is_said: bool
) -> None:
    assert bar_words(RU, replace(FULL, state=state)).endswith(f"3 закреплено · {words}")
    assert bar_words(RU, replace(NOTHING, state=state)) == words[0].upper() + words[1:]
    assert bool(bar_shown(RU, replace(FULL, state=state))["said"]) is is_said


@pytest.mark.parametrize("state", [MemoryState.OFF, MemoryState.NO_ROOM])
def test_nothing_is_promised_to_be_summed_up_that_will_not_be(state: MemoryState) -> None:
    words = bar_words(RU, replace(NOTHING, state=state, verbatim_from=40, gap=38))
    assert words.startswith("Дословно с 40-го · ")
    assert "переска" not in words


def test_the_panel_says_that_all_is_read_word_for_word_only_while_it_is() -> None:
    assert panel_shown(READER, overview(bar=NOTHING))["whole"]
    assert not panel_shown(READER, overview(bar=replace(NOTHING, state=MemoryState.NO_ROOM, verbatim_from=40)))["whole"]


def overview(**more: Any) -> MemoryOverview:
    given: dict[str, Any] = {"bar": FULL, "pinned": [], "facts": [], "chapters": [], "recalled": []}
    return MemoryOverview(**given | {"pinned_room": 420, "tokens": 0, "cost": None} | more)


def fact(text: str, **more: Any) -> FactEntry:
    given: dict[str, Any] = {"id": 1, "message_id": 7, "said_at": now(), "made_by": MadeBy.MODEL, "is_pinned": False}
    return FactEntry(text=text, **given | more)


def test_a_fact_tells_when_it_was_said_and_who_wrote_it() -> None:
    long_ago = datetime.fromisoformat("2025-03-12T12:00:00+00:00")
    facts = [
        fact("Живёт в Туле", said_at=long_ago),
        fact("Пьёт чай", said_at=now() - timedelta(days=1), made_by=MadeBy.PERSON),
        fact("Зовут Ильёй", message_id=None, said_at=None, made_by=MadeBy.PERSON, replaced_by=2),
    ]
    old, corrected, own = panel_shown(READER, overview(facts=facts))["facts"]
    assert (old["source"], old["mark"], old["replaced"]) == ("из сообщения 12 марта 2025\u202fг.", "", False)
    assert (corrected["source"], corrected["mark"]) == ("из сообщения, вчера", "исправлено вами")
    assert (own["source"], own["message"], own["mark"], own["replaced"]) == ("", 0, "записано вами", True)


def chapter(level: int, first: int, last: int, **more: Any) -> ChapterEntry:
    moment = datetime.fromisoformat("2025-03-12T12:00:00+00:00")
    given: dict[str, Any] = {"began_at": moment, "ended_at": moment, "text": "Было.", "made_by": MadeBy.MODEL}
    return ChapterEntry(first, level, first, last, first, last, **given | more)


def test_chapters_are_told_with_what_they_cover_the_gist_first() -> None:
    chapters = [
        chapter(0, 21, 40, is_running=True),
        chapter(0, 1, 20, made_by=MadeBy.EXCERPTS, reference="985e4f88"),
        chapter(DIGEST, 1, 20),
    ]
    gist, running, quoted = panel_shown(READER, overview(chapters=chapters))["chapters"]
    assert (gist["title"], gist["badge"]) == ("Общая канва, до 20-го", "пересказ")
    assert (running["title"], running["badge"], running["running"]) == ("Сообщения 21–40", "пересказывается…", True)
    assert quoted["badge"] == "выдержки"
    assert quoted["fault"] == "Пересказать не вышло. Номер для поддержки: 985e4f88"
    assert quoted["days"] == "12 марта 2025\u202fг."


def test_a_chapter_that_could_not_be_told_anew_says_what_became_of_it() -> None:
    stays, waits = chapter(0, 21, 40, reference="985e4f88"), chapter(0, 1, 20, reference="985e4f88", is_waiting=True)
    shown = panel_shown(READER, overview(chapters=[stays, waits]))["chapters"]
    assert [(each["text"], each["badge"], each["fault"]) for each in shown] == [
        ("Было.", "пересказ", "Заново пересказать не вышло, прежний текст остался. Номер для поддержки: 985e4f88"),
        ("Было.", "пересказ", "Ждём модель: пересказать пока не вышло. Номер для поддержки: 985e4f88"),
    ]


def test_a_pin_says_where_it_counts() -> None:
    everywhere = PinnedEntry(1, "Мы на «ты».", None, is_here_only=False, is_on_path=True)
    pins = [everywhere, replace(everywhere, is_here_only=True), replace(everywhere, message_id=9, is_on_path=False)]
    pins.append(replace(everywhere, message_id=9, is_hidden=True))
    shown = panel_shown(READER, overview(pinned=pins))
    assert [pin["where"] for pin in shown["pins"]] == ["", "только в этой ветке", "в другой ветке", "скрыто от модели"]
    assert shown["room_words"] == "Осталось места на 420 знаков"


def test_an_old_long_chat_is_read_only_after_a_question_that_names_the_price() -> None:
    asks = replace(FULL, state=MemoryState.ASKS_FOR_BACKLOG)
    told = panel_shown(READER, overview(bar=asks, backlog_messages=3200, backlog_cost=80_000_000))
    assert told["question"].replace("3\xa0200", "3 200") == (
        "В начале чата 3 200 сообщений, которые не пересказаны. Прочесть и запомнить? ≈\xa080,00\xa0₽"
    )
    assert panel_shown(READER, overview())["question"] == ""


def test_it_says_what_memory_took_and_what_was_recalled() -> None:
    recalled = [RecalledEntry(3, now(), "Боюсь грозы.", is_persons=True)]
    told = panel_shown(READER, overview(tokens=41_000, cost=3_210_000, recalled=recalled))
    assert told["cost"].replace("\xa0", " ") == "На память этого чата ушло токенов: 41 тыс., 3,21 ₽"
    assert told["recalled"] == [{"message": 3, "date": "Сегодня", "text": "Боюсь грозы.", "who": "Вы"}]
    assert panel_shown(READER, overview())["cost"] == ""


def test_what_goes_with_a_deleted_message_is_named() -> None:
    assert forgotten_words(RU, GoesWith(pins=1, facts=3, chapters=2)) == (
        "Из памяти тоже уйдёт: 3 факта, 2 главы, 1 закреплённое."
    )
    assert forgotten_words(RU, GoesWith()) == ""
