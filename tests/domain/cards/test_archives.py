"""Archives of several cards: one that cannot be written does not break the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.accounts.sessions import Caller
from domain.cards import card_export
from domain.cards.card_export import CardExport
from domain.cards.card_import import CardImport
from domain.cards.faults import Fault, UnreadableCard
from domain.cards.workers import Worker
from domain.cards.writing import CardKind, Source, write_card_file
from tests.domain.cards.card_files import v2
from tests.domain.cards.test_keep_and_export import all_of, colours, entries_of


async def test_a_card_that_kills_its_worker_leaves_a_word_in_its_place(
    importing: CardImport, exporting: CardExport, ira: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [(await importing.keep(ira, json.dumps(v2(name=name)).encode()))[0] for name in ("Аглая", "Тихон")]

    async def written(worker: Worker, source: Source, kind: CardKind) -> bytes:
        if source.fields["name"] == "Аглая":
            raise UnreadableCard(Fault.TOO_MUCH)
        return await write_card_file(worker, source, kind)

    monkeypatch.setattr(card_export, "write_card_file", written)
    pieces = await exporting.export_many(ira, [each.id for each in made], CardKind.JSON, colours)
    found = entries_of(await all_of(pieces), tmp_path)
    assert [*found] == [f"{made[0].id} Аглая.txt", f"{made[1].id} Тихон.json"]
    assert "слишком много всего" in found[f"{made[0].id} Аглая.txt"].decode()
