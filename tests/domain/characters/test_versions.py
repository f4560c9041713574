"""Versions: what a published character was before each change, who may look, and going back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select

from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.characters.drafts import Drafts
from domain.characters.versions import Against, CharacterVersions
from domain.clock import now
from domain.errors import InvalidForm, NotAllowed, NotFound, RateLimited
from domain.model.audit_entry import AuditEntry
from domain.model.book import Book
from domain.model.character import Character, Gender
from domain.model.character_version import CharacterVersion
from domain.model.user import User
from domain.pictures.photos import Photos
from domain.rate_limits import CHARACTER_SAVES, InMemory, RateLimiter
from storage.database import Database
from tests.clock import Clock
from tests.domain.conftest import filled, logged_in
from tests.domain.pictures.photos import a_photo


@pytest.fixture
def versions(database: Database, limits: RateLimiter) -> CharacterVersions:
    return CharacterVersions(database, limits)


async def change(characters: Characters, caller: Caller, character: Character, **fields: object) -> Character:
    """Save the character with these fields, as a form that holds nothing else."""
    form = Character(**character.model_dump(exclude={"id"}) | fields, id=character.id)
    return await characters.save(caller, form, fields.keys())


async def contexts(versions: CharacterVersions, caller: Caller, character: Character) -> list[str]:
    """Context of the character in each version, newest first."""
    lines = (await versions.of(caller, character.id)).lines
    return [(await versions.get(caller, character.id, line.id)).fields["context"] for line in lines]


async def test_saving_a_published_character_keeps_what_it_was(
    characters: Characters, versions: CharacterVersions, ira: Caller, clock: Clock
) -> None:
    marina = await characters.save(ira, filled(context="Первая."))
    clock.advance(timedelta(days=1))
    first_until = now()
    await change(characters, ira, marina, context="Вторая.", teaser="Другая")
    clock.advance(timedelta(days=1))
    await change(characters, ira, marina, context="Третья.")

    newest, oldest = (await versions.of(ira, marina.id)).lines
    assert (newest.changed, oldest.changed) == (["context"], ["context", "teaser"])
    assert oldest.replaced_at == first_until
    assert oldest.by_author
    assert await contexts(versions, ira, marina) == ["Вторая.", "Первая."]
    assert (await versions.get(ira, marina.id, newest.id)).fields["teaser"] == "Другая"


async def test_saving_without_a_change_keeps_nothing(
    characters: Characters, versions: CharacterVersions, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await change(characters, ira, marina, context=marina.context, name=" Марина ")
    assert (await versions.of(ira, marina.id)).lines == []


async def test_what_was_never_public_keeps_nothing_and_going_public_starts(
    characters: Characters, versions: CharacterVersions, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(context="Набросок.", is_public=False))
    await change(characters, ira, marina, context="Ещё набросок.")
    await change(characters, ira, marina, is_public=True)
    assert await contexts(versions, ira, marina) == []

    await change(characters, ira, marina, context="Вторая.")
    assert await contexts(versions, ira, marina) == ["Ещё набросок."]


async def test_what_was_public_once_keeps_its_versions_while_it_is_hidden(
    characters: Characters, versions: CharacterVersions, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(context="На людях."))
    await change(characters, ira, marina, is_public=False)
    await change(characters, ira, marina, context="За кулисами.")
    await change(characters, ira, marina, context="Снова на людях.", is_public=True)
    assert await contexts(versions, ira, marina) == ["За кулисами.", "На людях.", "На людях."]


async def test_going_back_is_a_save_that_can_be_undone(
    characters: Characters, versions: CharacterVersions, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(context="Первая.", other_greetings=["Привет!"], gender=Gender.FEMALE))
    await change(characters, ira, marina, context="Вторая.", other_greetings=[], gender=Gender.OTHER)
    [kept] = (await versions.of(ira, marina.id)).lines

    back = await versions.restore(ira, marina.id, kept.id)
    assert (back.character.context, back.character.other_greetings) == ("Первая.", ["Привет!"])
    assert back.character.gender is Gender.FEMALE
    assert await contexts(versions, ira, marina) == ["Вторая.", "Первая."]

    assert back.before_id
    undone = await versions.restore(ira, marina.id, back.before_id)
    assert (undone.character.context, undone.character.gender) == ("Вторая.", Gender.OTHER)
    again = await versions.restore(ira, marina.id, back.before_id)
    assert again.before_id is None, "nothing was different, so there is nothing to undo"


async def test_going_back_leaves_the_photo_and_who_can_see_it_as_they_are(
    characters: Characters, versions: CharacterVersions, photos: Photos, ira: Caller
) -> None:
    first, second = await photos.store(ira, a_photo()), await photos.store(ira, a_photo())
    marina = await characters.save(ira, filled(context="Первая.", picture_token=first))
    await change(characters, ira, marina, context="Вторая.", picture_token=second, is_public=False)
    [kept] = (await versions.of(ira, marina.id)).lines

    back = (await versions.restore(ira, marina.id, kept.id)).character
    assert (back.context, back.picture_token, back.is_public) == ("Первая.", second, False)
    assert await photos.file_if_there(first) is None, "versions hold no photo"


async def test_a_change_of_the_photo_alone_is_no_version(
    characters: Characters, versions: CharacterVersions, photos: Photos, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await change(characters, ira, marina, picture_token=await photos.store(ira, a_photo()))
    assert (await versions.of(ira, marina.id)).lines == []


async def test_only_the_author_and_admins_may_look_or_go_back(
    characters: Characters, versions: CharacterVersions, database: Database, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled(context="Первая тайна."))
    await change(characters, ira, marina, context="Вторая тайна.")
    [kept] = (await versions.of(ira, marina.id)).lines
    asked = (
        lambda caller: versions.of(caller, marina.id),
        lambda caller: versions.get(caller, marina.id, kept.id),
        lambda caller: versions.compare(caller, marina.id, kept.id),
        lambda caller: versions.restore(caller, marina.id, kept.id),
    )
    for ask in asked:
        with pytest.raises(NotAllowed):
            await ask(boris)

    async with database.write() as db:
        (await db.get_one(User, boris.user_id)).is_admin = True
    await versions.restore(boris, marina.id, kept.id)
    newest, oldest = (await versions.of(ira, marina.id)).lines
    assert (newest.by_author, oldest.by_author) == (False, True)
    async with database.read() as db:
        entry = (await db.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc()))).first()
    assert entry, "an admin's going back is not in the audit log"
    assert entry.action == "character.changed"


async def test_a_version_of_another_character_is_not_found(
    characters: Characters, versions: CharacterVersions, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled(context="Тайна Иры."))
    await change(characters, ira, marina, context="Другая тайна.")
    [kept] = (await versions.of(ira, marina.id)).lines
    own = await characters.save(boris, filled())
    for ask in (versions.get, versions.compare, versions.restore):
        with pytest.raises(NotFound):
            await ask(boris, own.id, kept.id)


async def test_a_version_can_be_compared_with_what_replaced_it_and_with_now(
    characters: Characters, versions: CharacterVersions, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(context="Живёт на маяке."))
    await change(characters, ira, marina, context="Живёт на старом маяке.")
    await change(characters, ira, marina, context="Живёт в городе.", teaser="Горожанка")
    _newest, oldest = (await versions.of(ira, marina.id)).lines

    [then] = await versions.compare(ira, marina.id, oldest.id, Against.NEXT)
    assert [(piece.mark, piece.text) for piece in then.pieces] == [
        ("same", "Живёт на"),
        ("added", " старом"),
        ("same", " маяке."),
    ]
    since = await versions.compare(ira, marina.id, oldest.id, Against.NOW)
    assert [change.name for change in since] == ["context", "teaser"]


async def test_going_back_takes_from_the_rate_limit_of_saves(
    characters: Characters, database: Database, ira: Caller
) -> None:
    versions = CharacterVersions(database, RateLimiter(InMemory(), {CHARACTER_SAVES.name: 1}))
    marina = await characters.save(ira, filled(context="Первая."))
    await change(characters, ira, marina, context="Вторая.")
    [kept] = (await versions.of(ira, marina.id)).lines
    back = await versions.restore(ira, marina.id, kept.id)
    with pytest.raises(RateLimited):
        await versions.restore(ira, marina.id, back.before_id or 0)


async def test_what_would_be_refused_today_is_refused_with_its_field(
    characters: Characters, versions: CharacterVersions, database: Database, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(context="Первая."))
    await change(characters, ira, marina, context="Вторая.")
    async with database.write() as db:
        version = (await db.exec(select(CharacterVersion))).one()
        version.fields = version.fields.replace("Первая.", "Ж" * 16_001)
    with pytest.raises(InvalidForm) as refused:
        await versions.restore(ira, marina.id, version.id)
    assert [error.field for error in refused.value.errors] == ["context"]
    assert (await characters.get_own(ira, marina.id)).context == "Вторая."


async def test_a_version_from_before_a_field_was_added_leaves_it_as_it_is(
    characters: Characters, versions: CharacterVersions, database: Database, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(context="Первая."))
    await change(characters, ira, marina, context="Вторая.", notes="Заметка.")
    async with database.write() as db:
        version = (await db.exec(select(CharacterVersion))).one()
        version.fields = '{"context": "Первая.", "gender": "unknown", "mood": "weird"}'
    back = (await versions.restore(ira, marina.id, version.id)).character
    assert (back.context, back.notes, back.gender) == ("Первая.", "Заметка.", Gender.FEMALE)


async def test_the_draft_ends_when_its_author_goes_back_in_the_editor_and_stays_for_programs(
    characters: Characters, versions: CharacterVersions, database: Database, limits: RateLimiter, ira: Caller
) -> None:
    drafts = Drafts(database, limits)
    marina = await characters.save(ira, filled(context="Первая."))
    await change(characters, ira, marina, context="Вторая.")
    [kept] = (await versions.of(ira, marina.id)).lines
    await drafts.save(ira, marina.id, {"context": "Недописано"})
    back = await versions.restore(ira, marina.id, kept.id, keeps_draft=True)
    assert await drafts.of(ira, marina.id)
    await versions.restore(ira, marina.id, back.before_id or 0)
    assert await drafts.of(ira, marina.id) is None


async def test_a_book_is_told_to_be_no_part_of_versions(
    characters: Characters, versions: CharacterVersions, database: Database, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    assert not (await versions.of(ira, marina.id)).has_book
    async with database.write() as db:
        db.add(Book(owner_id=ira.user_id, character_id=marina.id, name="Остров"))
    assert (await versions.of(ira, marina.id)).has_book


async def test_two_who_save_at_once_leave_a_version_each(
    characters: Characters, versions: CharacterVersions, database: Database, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(context="Первая."))
    admin = await logged_in(database, "admin")
    async with database.write() as db:
        (await db.get_one(User, admin.user_id)).is_admin = True
    await asyncio.gather(
        change(characters, ira, marina, context="Авторская."), change(characters, admin, marina, context="Админская.")
    )
    now_there = (await characters.get_own(ira, marina.id)).context
    assert sorted([*await contexts(versions, ira, marina), now_there]) == ["Авторская.", "Админская.", "Первая."]
    assert (await contexts(versions, ira, marina))[-1] == "Первая."


async def test_of_more_than_fifty_the_short_lived_go_first_and_the_recent_stay(
    characters: Characters, versions: CharacterVersions, ira: Caller, clock: Clock
) -> None:
    marina = await characters.save(ira, filled(context="Стояла долго."))
    clock.advance(timedelta(days=2))
    for number in range(60):
        await change(characters, ira, marina, context=f"Правка {number}.")
        clock.advance(timedelta(minutes=1))
    kept = await contexts(versions, ira, marina)
    assert len(kept) == 50
    assert kept[:20] == [f"Правка {number}." for number in range(58, 38, -1)]
    assert kept[-1] == "Стояла долго."
