"""Import reports: nothing that was cut or left out goes unsaid, and all of it is in the reader's language."""

from __future__ import annotations

import json
from typing import Any

from domain.accounts.sessions import Caller
from domain.books.book_rows import rows_of
from domain.books.entry_flaws import NO_KEYS
from domain.cards.book_remarks import remarks_on
from domain.cards.card_export import CardExport
from domain.cards.card_fields import fields_of
from domain.cards.card_import import CardImport
from domain.cards.read_book import read_book
from domain.cards.read_card import read_card
from domain.cards.reading import BookFile
from domain.cards.report import LOSSES, SENTENCES, report_of, report_of_book
from domain.cards.writing import CardKind
from domain.language import Texts
from tests.domain.books.test_activation import entry
from tests.domain.cards.card_files import v3
from tests.domain.cards.test_keep_and_export import colours


def test_tags_that_do_not_fit_are_told_of() -> None:
    long = "нескончаемый " * 15
    tags = ["Книги", "#книги", "\u200b", long, *(f"слово {number}" for number in range(62))]
    filled = fields_of(read_card(json.dumps(v3(tags=tags)).encode()).card)
    assert len(filled.fields["interests"]) == 20
    said = [SENTENCES[each.kind].format(**each.values) for each in filled.remarks if each.kind in LOSSES]
    assert said == [
        "Of 64 tags, 20 became interests. A file exported from here has them all.",
        f"The tag “{long.strip()}” was too long and was shortened. A file exported from here has all of it.",
    ]


def of_book(*entries: dict[str, Any]) -> list[str]:
    book, left_out = read_book(json.dumps({"spec": "lorebook_v3", "data": {"entries": entries}}).encode())
    return report_of_book(BookFile(rows_of(book), left_out, list(remarks_on(book))), Texts("ru")).idle


def test_keys_that_can_never_fire_are_told_of() -> None:
    assert of_book(
        entry("кот", "Кот.", name="Кот"),
        entry("", "Маяк.", name="Маяк") | {"keys": ["/маяк(/"]},
        entry("", "В море шторм и туман."),
        entry("", "Выключено.", enabled=False),
    ) == [
        "Запись «Маяк». Ключ «/маяк(/»: скобка ( не закрыта.",
        f"Запись «В море шторм и туман». {Texts('ru')(NO_KEYS)}",
    ]


def test_of_many_flaws_the_first_ones_are_told_and_the_rest_is_counted() -> None:
    told = of_book(*(entry("", f"Запись {n}.") for n in range(13)))
    assert len(told) == 11
    assert told[-1] == "Ещё у 3 записей есть ключи, которые никогда не сработают: их видно в таблице книги."


def test_decorators_that_are_not_obeyed_are_told_of() -> None:
    assert of_book(
        entry("кот", "@@instruct_depth 200\n@@depth 2\nКот."),
        entry("море", "@@instruct_depth 9\n@@is_user_icon Ира\nМоре."),
        entry("лес", "@@instruct_depth 200\n@@@depth 2\nЛес."),
    ) == [
        "«@@instruct_depth» здесь не действует (2 записи). Сохранено для следующего экспорта.",
        "«@@is_user_icon» здесь не действует (1 запись). Сохранено для следующего экспорта.",
    ]


async def test_a_card_tells_of_its_book_and_keeps_the_decorators(
    importing: CardImport, exporting: CardExport, ira: Caller
) -> None:
    content = "@@instruct_depth 200\n@@reverse_depth 2\nКот."
    sent = v3(character_book={"entries": [entry("", content)]})
    character, found = await importing.keep(ira, json.dumps(sent).encode(), "card.json")
    assert report_of(found, Texts("en")).idle == [
        "Entry “Кот”. It has no keys and isn't always in the prompt, so it never fires.",
        "“@@instruct_depth” has no effect here (1 entry). It was kept for the next export.",
    ]
    left = json.loads((await exporting.export(ira, character.id, CardKind.JSON, colours)).data)
    assert left["data"]["character_book"]["entries"][0]["content"] == content
