"""Version diff: the changes between two states of a character, as its author reads them."""

from __future__ import annotations

from itertools import cycle, islice

import pytest

from domain.characters.version_diff import MOST_COMPARED, Mark, differences, text_pieces

SHOWN = {Mark.SAME: "{}", Mark.REMOVED: "[-{}-]", Mark.ADDED: "{{+{}+}}", Mark.LEFT_OUT: "(…)"}


def marked(before: str, after: str) -> str:
    return "".join(SHOWN[piece.mark].format(piece.text) for piece in text_pieces(before, after))


@pytest.mark.parametrize(
    ("before", "after", "read"),
    [
        ("Живёт на маяке.", "Живёт на старом маяке.", "Живёт на{+ старом+} маяке."),
        ("Говорит кратко и сухо.", "Говорит сухо.", "Говорит[- кратко и-] сухо."),
        ("Любит море.", "Любит горы.", "Любит[- море-]{+ горы+}."),
        ("", "Здравствуй!", "{+Здравствуй!+}"),
        ("Здравствуй!", "", "[-Здравствуй!-]"),
        ("Раз. Два. Три.", "Раз. Три.", "Раз. [-Два. -]Три."),
        ("Старик и море", "Старуха и горы", "[-Старик и море-]{+Старуха и горы+}"),
        ("Ей сорок лет, она одна.", "Ей тридцать лет, она одна.", "Ей[- сорок-]{+ тридцать+} лет, она одна."),
        ("Первый абзац.\n\nВторой.", "Первый абзац.\n\nНовый.\n\nВторой.", "Первый абзац.\n\n{+Новый.\n\n+}Второй."),
    ],
)
def test_the_words_that_went_and_came_are_marked(before: str, after: str, read: str) -> None:
    assert marked(before, after) == read


def test_what_is_far_from_any_change_is_left_out_of_a_long_text() -> None:
    long = " ".join(f"Предложение номер {number}." for number in range(200))
    read = marked(long, long.replace("номер 100.", "под номером сто."))
    assert len(read) < 500
    assert read.startswith("(…)")
    assert read.endswith("(…)")
    assert "Предложение номер 99. Предложение[- номер 100-]{+ под номером сто+}." in read


def test_nothing_of_either_text_is_lost_or_made_up() -> None:
    before = "Она — смотрительница маяка. Ей сорок. Говорит мало, но метко!"
    after = "Она смотрит за маяком; ей сорок два. Говорит мало… но метко!"
    pieces = text_pieces(before, after)
    assert "".join(piece.text for piece in pieces if piece.mark is not Mark.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.mark is not Mark.REMOVED) == after


def test_texts_made_to_be_slow_to_compare_are_shown_whole() -> None:
    words = [f"{number} " for number in range(110)]
    before = "".join(islice(cycle(words), MOST_COMPARED + 1))
    after = "".join(islice(cycle(words[::7] + words[1::7]), MOST_COMPARED + 1))
    assert [piece.mark for piece in text_pieces(before, after)] == [Mark.REMOVED, Mark.ADDED]


def test_each_of_several_texts_is_told_by_its_number() -> None:
    before = {"other_greetings": ["Привет!", "Заходи.", "Кто там?"]}
    after = {"other_greetings": ["Привет!", "Заходи скорее.", "Кто там?", "Ну?"]}
    found = [(each.number, "".join(piece.text for piece in each.pieces)) for each in differences(before, after)]
    assert found == [(2, "Заходи скорее."), (4, "Ну?")]


def test_interests_are_marked_whole_and_other_values_stand_side_by_side() -> None:
    before = {"interests": ["море", "маяк"], "temperature": None, "is_public": True}
    after = {"interests": ["море", "остров"], "temperature": 0.3, "is_public": False}
    found = {each.name: each for each in differences(before, after)}
    assert [(piece.mark, piece.text) for piece in found["interests"].pieces] == [
        ("removed", "маяк"),
        ("same", "море"),
        ("added", "остров"),
    ]
    assert (found["temperature"].before, found["temperature"].after) == (None, 0.3)
    assert (found["is_public"].before, found["is_public"].after) == (True, False)
    assert list(found) == ["is_public", "temperature", "interests"], "not in the order of the editor"
