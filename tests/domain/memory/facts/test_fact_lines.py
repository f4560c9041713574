"""Fact lines, as models really write them."""

from __future__ import annotations

import pytest

from domain.memory.facts.fact_lines import MOST_LINES, FactLine, read_lines
from domain.memory.rows import KEYS_LIMIT


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[12] живёт в Твери | дом, город (вместо Ф3)", FactLine(12, "живёт в Твери", "дом, город", 3)),
        ("[12] живёт в Твери (вместо Ф3) | дом, город", FactLine(12, "живёт в Твери", "дом, город", 3)),
        ("- **[2]** Собака Рекс. | Пёс, питомец;", FactLine(2, "Собака Рекс", "пёс, питомец")),
        ("* [4] — любит чай", FactLine(4, "любит чай")),
        ("3. [4] любит чай | напиток", FactLine(4, "любит чай", "напиток")),
        ("5) Работает врачом | работа", FactLine(5, "Работает врачом", "работа")),
        ("7: Любит рыбу | еда", FactLine(7, "Любит рыбу", "еда")),
        ("(4) любит чай", FactLine(4, "любит чай")),
        ("[№4] любит чай", FactLine(4, "любит чай")),
        ("[реплика 7] любит чай", FactLine(7, "любит чай")),
        ("[4, 6] любит чай", FactLine(4, "любит чай")),
        ("| 8 | Любит рыбу | еда |", FactLine(8, "Любит рыбу", "еда")),
        ("[4] любит чай. Слова для поиска: напиток, пить", FactLine(4, "любит чай", "напиток, пить")),
        ("[7] Lives in Tver | home, city (instead of F2)", FactLine(7, "Lives in Tver", "home, city", 2)),
        ("[7] Lives in Tver (replaces fact 2)", FactLine(7, "Lives in Tver", "", 2)),
    ],
)
def test_a_line_is_read_however_it_is_written(written: str, read: FactLine) -> None:
    assert read_lines(written) == [read]


@pytest.mark.parametrize(
    "written",
    [
        "нет",
        "Нет.",
        "",
        "ФАКТЫ",
        "Конечно! Вот факты:",
        "живёт в Твери | дом",
        "[3] ||",
        "[] пусто",
        "[x] имя",
        "---",
        "```",
    ],
)
def test_what_is_no_fact_is_skipped(written: str) -> None:
    assert read_lines(written) == []


def test_several_in_one_line_are_several() -> None:
    facts = read_lines("[1] живёт в Твери | дом; [3] любит чай | напиток [4] боится высоты")
    assert [(each.number, each.text, each.keys) for each in facts] == [
        (1, "живёт в Твери", "дом"),
        (3, "любит чай", "напиток"),
        (4, "боится высоты", ""),
    ]


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    assert len(read_lines("[1] любит чай\n" * 10_000)) == MOST_LINES


def test_of_too_many_search_words_the_first_are_kept() -> None:
    (fact,) = read_lines("[1] любит чай | " + ", ".join(f"слово{n}" for n in range(100)))
    assert fact.keys.startswith("слово0, слово1")
    assert KEYS_LIMIT - 10 < len(fact.keys) <= KEYS_LIMIT
