"""Resumed drafts: what somebody saved meanwhile is neither overwritten unseen nor lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.characters.drafts import NEW, Drafts, ResumedDraft, resumed
from domain.characters.fields import EDITABLE
from domain.model.character import Character
from domain.rate_limits import RateLimiter
from storage.database import Database
from tests.clock import Clock
from tests.domain.conftest import filled


@pytest.fixture
def drafts(database: Database, limits: RateLimiter) -> Drafts:
    return Drafts(database, limits)


def values(character: Character) -> dict[str, Any]:
    return {field: getattr(character, field) for field in EDITABLE}


async def opened(drafts: Drafts, characters: Characters, caller: Caller, character_id: int) -> ResumedDraft:
    character = await characters.get_own(caller, character_id)
    return resumed(await drafts.of(caller, character_id), character, values(character))


async def by_a_program(characters: Characters, caller: Caller, character_id: int, **changed: Any) -> None:
    before = await characters.get_own(caller, character_id)
    form = Character(**values(before) | {"id": before.id, "owner_id": before.owner_id} | changed)
    await characters.save(caller, form, [*changed], keeps_draft=True)


async def test_only_what_both_changed_is_to_be_chosen(drafts: Drafts, characters: Characters, ira: Caller) -> None:
    mira = await characters.save(ira, filled(bio="Живёт на маяке.", teaser="Смотрит вдаль", scenario="Буря."))
    began = values(mira)
    await drafts.save(ira, mira.id, began | {"bio": "Живёт у моря.", "teaser": "Зажигает огни"}, began)
    await by_a_program(characters, ira, mira.id, bio="Живёт в горах.", scenario="Штиль.")
    form = await opened(drafts, characters, ira, mira.id)
    assert form.typed == {"bio": "Живёт у моря.", "teaser": "Зажигает огни"}, "the scenario is as it was saved since"
    assert form.changed_twice == ["bio"]
    assert form.began["bio"] == "Живёт на маяке.", "so that saving it unseen is refused"
    assert (form.began["teaser"], form.began["scenario"]) == ("Смотрит вдаль", "Штиль.")

    await drafts.save(ira, mira.id, values(mira) | {"scenario": "Штиль."} | form.typed, form.began)
    assert (await opened(drafts, characters, ira, mira.id)).changed_twice == ["bio"], "it is still to be chosen"
    await by_a_program(characters, ira, mira.id, bio="Живёт у моря.")
    assert (await opened(drafts, characters, ira, mira.id)).changed_twice == [], "they agree now"


async def test_a_draft_of_an_earlier_release_says_what_differs_if_it_is_the_older(
    drafts: Drafts, characters: Characters, ira: Caller, clock: Clock
) -> None:
    mira = await characters.save(ira, filled(bio="Живёт на маяке."))
    await drafts.save(ira, mira.id, {"bio": "Живёт у моря."})
    assert (await opened(drafts, characters, ira, mira.id)).changed_twice == []
    clock.advance(timedelta(minutes=1))
    await by_a_program(characters, ira, mira.id, teaser="Смотрит вдаль")
    form = await opened(drafts, characters, ira, mira.id)
    assert (form.typed, form.changed_twice) == ({"bio": "Живёт у моря."}, ["bio"])


async def test_a_field_that_was_emptied_since_is_told_like_any_other(
    drafts: Drafts, characters: Characters, ira: Caller, clock: Clock
) -> None:
    mira = await characters.save(ira, filled(temperature=0.4))
    await drafts.save(ira, mira.id, {"temperature": 0.9})
    clock.advance(timedelta(minutes=1))
    await by_a_program(characters, ira, mira.id, temperature=None)
    form = await opened(drafts, characters, ira, mira.id)
    assert (form.typed, form.changed_twice) == ({"temperature": 0.9}, ["temperature"])
    await drafts.save(ira, mira.id, values(mira) | form.typed, form.began)
    assert (await opened(drafts, characters, ira, mira.id)).changed_twice == ["temperature"], "it is still to be chosen"


async def test_nothing_stands_beside_the_draft_of_a_new_character(drafts: Drafts, ira: Caller, clock: Clock) -> None:
    await drafts.save(ira, NEW, {"name": "Мира"})
    clock.advance(timedelta(minutes=1))
    fresh = filled(name="")
    form = resumed(await drafts.of(ira, NEW), fresh, values(fresh))
    assert (form.typed, form.changed_twice) == ({"name": "Мира"}, [])
