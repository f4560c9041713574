"""The report of an import: nothing that was cut or left out goes unsaid, and all of it in the reader's words."""

from __future__ import annotations

import json

from domain.cards.card_fields import fields_of
from domain.cards.read_card import read_card
from domain.cards.report import LABELS, LOSSES, SENTENCES
from tests.domain.cards.card_files import v3


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


def test_a_name_in_conversation_has_the_editors_label() -> None:
    assert LABELS["nickname"] == "Called in conversation"
