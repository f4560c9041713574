"""The law of cards: what is imported and exported again is the same card, whatever anybody may have written.

With generated cards, through the database and the use cases; and with real ones, if the folder with them lies beside
this repository (they belong to others and are not part of it).
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.accounts.sessions import Caller
from domain.cards.book_export import BookExport
from domain.cards.book_import import BookImport
from domain.cards.card_export import CardExport
from domain.cards.card_import import CardImport
from domain.cards.card_pictures import CardPictures
from domain.cards.workers import Workers
from domain.cards.writing import CardKind
from domain.errors import Invalid
from domain.pictures.photos import Photos
from domain.rate_limits import InMemory, RateLimiter
from storage.database import Database
from storage.files import Files
from storage.folder import Folder
from tests.conftest import UNLIMITED
from tests.domain.cards.card_files import charx
from tests.domain.cards.kept_cards import kept_card
from tests.domain.cards.test_keep_and_export import WHOLE, colours
from tests.domain.cards.test_round_trip import cards
from tests.domain.conftest import logged_in

REAL = Path(__file__).parents[4] / "shared" / "cards"
ONLY_V3 = {"assets", "nickname", "creator_notes_multilingual", "source", "group_only_greetings"}
BOOKS, BROKEN = {"18_lorebook_world_one.json"}, {"11_broken_missing_name.json", "12_broken_missing_spec.json"}
contents = st.dictionaries(
    st.sampled_from(["assets/a.png", "assets/emotion/Радость.webp", "module.risum", "x/y/z.bin"]),
    st.binary(min_size=1, max_size=40),
    max_size=3,
)


class House:
    """Imports and exports cards, over a database and a folder."""

    def __init__(self, database: Database, folder: Path) -> None:
        limits = RateLimiter(InMemory(), UNLIMITED)
        self.database = database
        self.photos = Photos(database, Files(Folder(folder)), limits)
        self.workers = Workers()
        pictures = CardPictures(database, self.photos, limits)
        self.importing = CardImport(database, self.photos, limits, self.workers, pictures)
        self.exporting = CardExport(database, self.photos, limits, self.workers)

    async def comes_back(self, ira: Caller, data: bytes, name: str, kind: CardKind) -> None:
        first, _ = await self.importing.keep(ira, data, name)
        download = await self.exporting.export(ira, first.id, kind, colours)
        again, _ = await self.importing.keep(ira, download.data, download.name)
        before = await kept_card(self.database, self.photos, first.id)
        after = await kept_card(self.database, self.photos, again.id)
        if kind is not CardKind.JSON_V2:
            assert after == before
            return
        assert after.fields == before.fields | {"nickname": after.fields.get("nickname")}
        held = {field: value for field, value in before.card["data"].items() if field not in ONLY_V3}
        assert {field: after.card["data"].get(field) for field in held} == held
        assert not any(value for field, value in after.card["data"].items() if field not in held), "only empty ones"


def law(folder: Path, url: str, examples: int, kinds: list[CardKind]) -> None:
    """Test the law with one event loop and one database for all examples: making those costs more than the examples."""
    with asyncio.Runner() as runner:
        database = Database(url)
        house = House(database, folder)
        ira = runner.run(logged_in(database, "ira"))

        @settings(derandomize=True, max_examples=examples, deadline=None, database=None)
        @given(cards, contents, st.sampled_from(kinds))
        def holds(card: dict[str, Any], files: dict[str, bytes], kind: CardKind) -> None:
            data = charx(card, files) if files else json.dumps(card).encode()
            runner.run(house.comes_back(ira, data, "Имя файла.json", kind))

        try:
            holds()
        finally:
            runner.run(house.workers.close())
            runner.run(database.close())


@pytest.mark.slow
def test_any_card_comes_back_from_the_database_as_it_came(database_url: str, tmp_path: Path) -> None:
    law(tmp_path, database_url, 25, [CardKind.JSON, CardKind.JSON_V2, CardKind.CHARX])


@pytest.mark.slow
def test_a_great_many_cards_come_back_as_they_came(database_url: str, tmp_path: Path) -> None:
    law(tmp_path, database_url, 60, [*CardKind])


@pytest.mark.skipif(not REAL.is_dir(), reason="the real cards lie beside the repository, not in it")
@pytest.mark.slow
async def test_real_cards_come_back_as_they_came(
    database: Database, tmp_path: Path, ira: Caller, importing: CardImport, book_import: BookImport,
    book_export: BookExport,
) -> None:  # fmt: skip
    house = House(database, tmp_path)
    try:
        for file in sorted(REAL.iterdir()):
            data = file.read_bytes()
            if file.name in BOOKS:
                world, _ = await book_import.keep_as_world(ira, data, file.name)
                once = (await book_export.export(ira, world.id)).data
                again, _ = await book_import.keep_as_world(ira, once, file.name)
                assert (await book_export.export(ira, again.id)).data == once
            elif file.suffix == ".md":
                with pytest.raises(Invalid):
                    await importing.preview(ira, data, file.name)
            else:
                for kind in WHOLE if file.suffix != ".png" else [CardKind.JSON, CardKind.PNG]:
                    await house.comes_back(ira, data, file.name, kind)
    finally:
        await house.workers.close()
