"""Drafts: what an author typed survives a closed tab; on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain.accounts.accounts import Accounts
from domain.accounts.sessions import Caller
from domain.accounts.sessions_list import SessionList
from domain.characters.characters import Characters
from domain.characters.drafts import KINDS, LARGEST, MOST, NEW, Drafts, resumed
from domain.characters.fields import EDITABLE
from domain.errors import Invalid, NotFound, SignedOut
from domain.model.character import Character
from domain.rate_limits import RateLimiter
from storage.database import Database
from tests.domain.conftest import filled

HALF_DONE: dict[str, Any] = {"name": "", "context": "ж" * 20_000, "examples": ["", "{{user}}:"], "temperature": 0.5}


@pytest.fixture
def drafts(database: Database, limits: RateLimiter) -> Drafts:
    return Drafts(database, limits)


async def test_what_was_typed_is_there_again_fit_or_not(drafts: Drafts, characters: Characters, ira: Caller) -> None:
    marina = await characters.save(ira, filled())
    assert await drafts.of(ira, NEW) is None
    await drafts.save(ira, NEW, HALF_DONE)
    saved_at = await drafts.save(ira, marina.id, {"name": "Марина И"})
    new, of_marina = await drafts.of(ira, NEW), await drafts.of(ira, marina.id)
    assert new
    assert new.content == HALF_DONE
    assert of_marina
    assert (of_marina.content, of_marina.saved_at) == ({"name": "Марина И"}, saved_at)
    await drafts.drop(ira, NEW)
    await drafts.drop(ira, NEW)
    assert await drafts.of(ira, NEW) is None
    assert (await characters.get_own(ira, marina.id)).name == "Марина", "a draft changes no character"


async def test_saving_ends_the_draft_but_not_when_a_program_saves(
    drafts: Drafts, characters: Characters, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    for character_id in (NEW, marina.id):
        await drafts.save(ira, character_id, {"name": "Марина И"})
    await characters.save(ira, filled(), keeps_draft=True)
    await characters.save(ira, filled(id=marina.id), {"teaser"}, keeps_draft=True)
    assert await drafts.of(ira, NEW)
    assert await drafts.of(ira, marina.id)
    await characters.save(ira, filled())
    await characters.save(ira, filled(id=marina.id))
    assert await drafts.of(ira, NEW) is None
    assert await drafts.of(ira, marina.id) is None


async def test_of_what_two_tabs_typed_in_one_field_the_last_is_kept(drafts: Drafts, ira: Caller) -> None:
    await asyncio.gather(*(drafts.save(ira, NEW, {"name": f"{number}"}) for number in range(10)))
    await drafts.save(ira, NEW, {"name": "последняя"})
    kept = await drafts.of(ira, NEW)
    assert kept
    assert kept.content == {"name": "последняя"}


async def two_tabs(drafts: Drafts, ira: Caller, mira: Character) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields that both tabs were opened with, and those that the second saved after the first: a letter in the name."""
    opened = {field: getattr(mira, field) for field in EDITABLE}
    await drafts.save(ira, mira.id, opened | {"bio": "Живёт у моря."}, opened, opened)
    lettered = opened | {"name": "Миран"}
    await drafts.save(ira, mira.id, lettered, opened, opened)
    return opened, lettered


async def test_a_tab_keeps_what_was_typed_in_it_beside_what_was_typed_in_another(
    drafts: Drafts, characters: Characters, ira: Caller
) -> None:
    mira = await characters.save(ira, filled(name="Мира"))
    opened, lettered = await two_tabs(drafts, ira, mira)
    form = resumed(await drafts.of(ira, mira.id), mira, opened)
    assert form.typed == {"name": "Миран", "bio": "Живёт у моря."}
    await drafts.save(ira, mira.id, lettered | {"name": "Мира"}, opened, lettered)
    assert resumed(await drafts.of(ira, mira.id), mira, opened).typed == {"bio": "Живёт у моря."}


async def test_a_letter_typed_and_taken_back_ends_only_the_draft_of_its_own_tab(
    drafts: Drafts, characters: Characters, ira: Caller
) -> None:
    mira = await characters.save(ira, filled(name="Мира"))
    opened, lettered = await two_tabs(drafts, ira, mira)
    await drafts.drop(ira, mira.id, lettered)
    assert resumed(await drafts.of(ira, mira.id), mira, opened).typed == {"bio": "Живёт у моря."}
    await drafts.drop(ira, mira.id, opened)
    assert await drafts.of(ira, mira.id), "that tab has kept nothing"
    await drafts.drop(ira, mira.id, opened | {"bio": "Живёт у моря."})
    assert await drafts.of(ira, mira.id) is None


async def test_what_another_tab_has_typed_is_still_a_draft_after_this_one_saved(
    drafts: Drafts, characters: Characters, ira: Caller
) -> None:
    mira = await characters.save(ira, filled(name="Мира"))
    _opened, lettered = await two_tabs(drafts, ira, mira)
    saved = await characters.save(ira, filled(id=mira.id, name="Миранда"), {"name"}, drafted=lettered)
    form = resumed(await drafts.of(ira, mira.id), saved, {field: getattr(saved, field) for field in EDITABLE})
    assert (form.typed, form.changed_twice) == ({"bio": "Живёт у моря."}, [])
    await characters.save(ira, filled(id=mira.id), {"name"}, drafted=lettered | form.typed)
    assert await drafts.of(ira, mira.id) is None, "it was this form's own"


async def test_a_draft_goes_when_the_character_is_saved_or_deleted(
    drafts: Drafts, characters: Characters, ira: Caller
) -> None:
    await drafts.save(ira, NEW, {"name": "Марина"})
    marina = await characters.save(ira, filled())
    assert await drafts.of(ira, NEW) is None
    await drafts.save(ira, marina.id, {"name": "Марина И"})
    await characters.save(ira, filled(id=marina.id))
    assert await drafts.of(ira, marina.id) is None
    await drafts.save(ira, marina.id, {"name": "Марина И"})
    await characters.delete(ira, marina.id)
    assert await drafts.of(ira, marina.id) is None
    with pytest.raises(NotFound):
        await drafts.save(ira, marina.id, {"name": "Марина И"})


async def test_nobody_reads_or_keeps_a_draft_of_somebody_elses(
    drafts: Drafts, characters: Characters, accounts: Accounts, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await drafts.save(ira, marina.id, {"context": "Тайна"})
    assert await drafts.of(boris, marina.id) is None
    for character_id in (marina.id, 4711, -1, 2**70):
        with pytest.raises(NotFound):
            await drafts.save(boris, character_id, {"name": "Взломано"})
    await drafts.drop(boris, marina.id)
    await accounts.set_admin("boris@example.org", is_admin=True)
    await drafts.save(boris, marina.id, {"name": "Без грубостей"})
    own = await drafts.of(ira, marina.id)
    assert own
    assert own.content == {"context": "Тайна"}


async def test_after_log_out_an_open_editor_keeps_and_reads_nothing(
    drafts: Drafts, devices: SessionList, ira: Caller
) -> None:
    await drafts.save(ira, NEW, HALF_DONE)
    await devices.log_out(ira)
    for action in (drafts.save(ira, NEW, {}), drafts.of(ira, NEW), drafts.drop(ira, NEW)):
        with pytest.raises(SignedOut):
            await action


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "nonsense",
    [
        {"owner_id": 1},
        {"name": 5},
        {"name": None},
        {"interests": "море"},
        {"examples": [["вложено"]]},
        {"is_public": 1},
        {"portrait": True},
        {"temperature": float("nan")},
        {"context": "ж" * LARGEST},
    ],
)
async def test_what_no_form_of_ours_sends_is_refused(drafts: Drafts, ira: Caller, nonsense: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await drafts.save(ira, NEW, nonsense)


async def test_signs_that_no_database_takes_are_left_out(drafts: Drafts, ira: Caller) -> None:
    await drafts.save(ira, NEW, {"name": "Мари\0на\ud800", "examples": ["\0", r"\u0000"]})
    kept = await drafts.of(ira, NEW)
    assert kept
    assert kept.content == {"name": "Марина", "examples": ["", r"\u0000"]}


async def test_one_more_than_may_be_lets_the_oldest_go(drafts: Drafts, characters: Characters, ira: Caller) -> None:
    made = [await characters.save(ira, filled(name=f"{number}")) for number in range(MOST + 1)]
    for each in made:
        await drafts.save(ira, each.id, {"name": "?"})
    assert [await drafts.of(ira, each.id) is None for each in made] == [True] + [False] * MOST


def test_a_draft_may_hold_every_field_of_the_form() -> None:
    assert set(KINDS) == set(EDITABLE)
