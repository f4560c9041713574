"""Erasure of versions: old versions of characters go with the account that they were written in."""

from __future__ import annotations

from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.erasure import AccountErasure
from storage.database import Database
from tests.domain.conftest import PASSWORD, filled
from tests.domain.erasure.test_erasure import SECRET, tables_that_say


async def test_of_a_character_that_stays_as_nobodys_only_what_it_is_stays(
    leaving: AccountErasure, characters: Characters, database: Database, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled(context=SECRET))
    await characters.save(ira, filled(id=marina.id, context="Ты — Марина."))
    assert await tables_that_say(database, SECRET) == ["character_version"]
    await leaving.delete(ira, PASSWORD, keep_public=True)
    assert [each.name for each in await characters.page(boris, 10)] == ["Марина"]
    assert await tables_that_say(database, SECRET) == []
