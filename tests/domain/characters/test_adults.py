"""Characters marked 18+: hidden until the viewer's year of birth says they are of age and they turn them on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.accounts.profile import ProfileEditing
from domain.accounts.sessions import Caller
from domain.accounts.tastes import Tastes
from domain.characters.characters import Characters
from domain.characters.favourites import Favourites
from domain.characters.gallery import Gallery
from domain.characters.gallery_query import GalleryQuery, Tab
from domain.characters.relation import Relations
from domain.characters.visibility import ForAdults
from domain.chat.history_page import Conversation
from domain.errors import InvalidForm, NotAllowed, NotFound
from domain.model.character import AgeMark, Character
from domain.model.user import is_surely_adult
from domain.pictures.photos import Photos
from storage.database import Database
from tests.clock import Clock
from tests.domain.chat.conftest import ChatWorld, server, world
from tests.domain.conftest import filled, listed
from tests.domain.pictures.photos import a_photo

__all__ = ["server", "world"]
NAME = "Ночная"


@pytest.fixture
async def adult_one(characters: Characters, photos: Photos, boris: Caller) -> Character:
    token = await photos.store(boris, a_photo())
    form = filled(name=NAME, age_mark=AgeMark.ADULT, interests=["ночь"], picture_token=token)
    return await characters.save(boris, form)


async def grow_up(profile: ProfileEditing, person: Caller, year: str = "1990", *, turned_on: bool = True) -> None:
    await profile.save(person, "Ира", "", "", "", tastes=Tastes(year, (), turned_on))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("90", "Please enter the year in four digits, such as 1990."),
        ("19900", "Please enter the year in four digits, such as 1990."),
        ("давно", "Please enter the year in four digits, such as 1990."),
        ("3000", "The year of birth must be between 1900 and 2026."),
        ("1850", "The year of birth must be between 1900 and 2026."),
    ],
)
def test_of_a_wrong_year_of_birth_is_said_what_is_wrong(clock: Clock, typed: str, said: str) -> None:
    clock.set(datetime(2026, 5, 12, tzinfo=UTC))
    _fields, [error] = Tastes(typed).checked()
    assert (error.field, str(error)) == ("birth_year", said)


async def is_seen(
    viewer: Caller | None, character: Character, characters: Characters, gallery: Gallery, photos: Photos
) -> dict[str, bool]:
    """Whether the viewer sees the character, by view."""
    shown = {
        "gallery": NAME in await listed(gallery, viewer),
        "words": NAME in await listed(gallery, viewer, GalleryQuery(words=NAME)),
        "interest": NAME in await listed(gallery, viewer, GalleryQuery(having=("ночь",))),
        "mark": NAME in await listed(gallery, viewer, GalleryQuery(ages=(AgeMark.ADULT,))),
        "api": NAME in [each.name for each in await characters.page(viewer, 10)],
        "api's search": NAME in [each.name for each in await characters.page(viewer, 10, search=NAME)],
        "page": True,
        "photo": True,
    }
    try:
        await characters.get(viewer, character.id)
    except ForAdults:
        shown["page"] = False
    assert character.picture_token
    if not await photos.is_open(character.picture_token):
        try:
            await photos.check(viewer, character.picture_token)
        except NotFound:
            shown["photo"] = False
    return shown


async def test_only_adults_who_turned_them_on_their_author_and_admins_see_them(
    characters: Characters,
    gallery: Gallery,
    photos: Photos,
    profile: ProfileEditing,
    adult_one: Character,
    ira: Caller,
    boris: Caller,
) -> None:
    async def seen(viewer: Caller | None) -> set[bool]:
        return set((await is_seen(viewer, adult_one, characters, gallery, photos)).values())

    assert await seen(None) == {False}
    assert await seen(ira) == {False}, "nothing is known of her"
    await grow_up(profile, ira, turned_on=False)
    assert await seen(ira) == {False}, "she has not turned them on"
    await grow_up(profile, ira)
    assert await seen(ira) == {True}
    await profile.save(ira, "Ира", "", "", "", tastes=Tastes("", (), shows_adult=False))
    assert await seen(ira) == {False}
    assert await seen(boris) == {True}, "it is his own"


async def test_one_is_of_age_when_the_whole_year_says_so(clock: Clock) -> None:
    this = clock.time.year
    assert is_surely_adult(this - 19)
    assert not is_surely_adult(this - 18), "the birthday may be to come"
    assert not is_surely_adult(None)


async def test_the_young_cannot_turn_them_on(profile: ProfileEditing, ira: Caller, clock: Clock) -> None:
    for year in ("", str(clock.time.year - 18), "2999", "19x0", "1" * 5000):
        with pytest.raises(InvalidForm) as refused:
            await grow_up(profile, ira, year)
        assert [each.field for each in refused.value.errors] == ["birth_year"]


async def test_nothing_is_begun_with_them_nor_marked(
    world: ChatWorld, database: Database, adult_one: Character, ira: Caller
) -> None:
    with pytest.raises(ForAdults):
        await world.chat.begin(ira, adult_one.id)
    with pytest.raises(ForAdults):
        await Favourites(database).set_favourite(ira, adult_one.id, favourite=True)
    with pytest.raises(ForAdults):
        await Relations(database).between(ira, adult_one.id)


async def test_a_conversation_from_before_can_be_read_and_not_continued(
    world: ChatWorld, characters: Characters, gallery: Gallery, profile: ProfileEditing, ira: Caller, boris: Caller
) -> None:
    kept = await characters.save(boris, filled(name=NAME, greeting="Заходи."))
    dialog_id = await world.chat.begin(ira, kept.id)
    await characters.save(boris, filled(id=kept.id, name=NAME, age_mark=AgeMark.ADULT, greeting="Заходи."))
    conversation: Conversation = await world.chat.open(ira, dialog_id)
    assert [each.text for each in conversation.messages] == ["Заходи."]
    assert not conversation.may_go_on
    with pytest.raises(NotAllowed):
        await world.chat.send(ira, dialog_id, "Привет!", "1")
    assert await listed(gallery, ira, GalleryQuery(tab=Tab.RECENT)) == []
    await grow_up(profile, ira)
    assert (await world.chat.open(ira, dialog_id)).may_go_on
