"""Excerpts: what is quoted where nothing could be summarised."""

from __future__ import annotations

from domain.memory.summaries.excerpts import Line, excerpts_of, excerpts_of_texts
from domain.stemming import roots

TALK = [
    Line("Илья", "Ну да. Ага. У моей дочери Киры аллергия на арахис."),
    Line("Марина", "Вот как. Запомню: арахиса в доме не будет."),
    Line("Илья", "Да ладно. Хорошо. Ну и ну."),
]


def test_the_sentences_that_say_most_are_quoted_in_their_order_with_who_said_them() -> None:
    text = excerpts_of(TALK, 300, roots)
    assert "Илья: «У моей дочери Киры аллергия на арахис.»" in text
    assert text.index("аллергия") < text.index("в доме")
    assert text.count("«") == 3


def test_they_fit_and_words_stay_whole() -> None:
    long = [Line("Илья", "Очень длинное предложение " * 40)]
    text = excerpts_of(long, 100, roots)
    assert len(text) <= 100
    assert text.startswith("Илья: «Очень")


def test_quotes_within_quotes_are_told_apart() -> None:
    text = excerpts_of([Line("Илья", "Она сказала «приходи завтра вечером» и ушла.")], 200, roots)
    assert text == "Илья: «Она сказала „приходи завтра вечером“ и ушла.»"


def test_nothing_said_gives_nothing() -> None:
    assert excerpts_of([], 100, roots) == ""
    assert excerpts_of_texts([], 100, roots) == ""
    assert excerpts_of([Line("Илья", "…")], 100, roots) in {"", "Илья: «…»"}


def test_sums_are_made_of_whole_sentences_of_their_parts() -> None:
    texts = ["Илья: «Кира любит яблоки.» Марина: «Яблоки созреют к осени.»", "Марина: «Шторм сорвал крышу.»"]
    text = excerpts_of_texts(texts, 100, roots)
    assert len(text) <= 100
    assert "Шторм сорвал крышу.»" in text
