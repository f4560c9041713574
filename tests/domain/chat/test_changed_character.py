"""Changes of a character during a conversation: the next reply is the new one's."""

from __future__ import annotations

from pathlib import Path

from domain.characters.characters import Characters
from domain.characters.versions import CharacterVersions
from domain.clock import now
from domain.model.character import Character
from domain.model.character_card import CharacterCard
from domain.model.picture import Picture
from domain.pictures.photos import Photos
from domain.rate_limits import InMemory, RateLimiter
from storage.files import Files
from storage.folder import Folder
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import ChatWorld
from tests.domain.chat.test_branches import talk


async def test_a_running_dialog_uses_what_the_character_is_now_also_after_going_back(
    world: ChatWorld, tmp_path: Path
) -> None:
    limits = RateLimiter(InMemory(), UNLIMITED)
    characters = Characters(world.database, Photos(world.database, Files(Folder(tmp_path)), limits), limits)
    versions = CharacterVersions(world.database, limits)
    author, person = await world.people(2)
    marina = await world.character(author)
    dialog = await world.chat.begin(person, marina.id)

    await talk(world, person, dialog, ("Раз", "один"))
    assert "Ты — Марина." in _told_to_the_model(world)

    changed = Character(**marina.model_dump() | {"context": "Ты — Марина, капитан."})
    await characters.save(author, changed, {"context"})
    await talk(world, person, dialog, ("Два", "два"))
    assert "Ты — Марина, капитан." in _told_to_the_model(world)

    [kept] = (await versions.of(author, marina.id)).lines
    await versions.restore(author, marina.id, kept.id)
    await talk(world, person, dialog, ("Три", "три"))
    assert "Ты — Марина." in _told_to_the_model(world)
    assert "капитан" not in _told_to_the_model(world)


async def test_the_picture_behind_a_chat_goes_with_its_character(world: ChatWorld) -> None:
    author, person = await world.people(2)
    marina = await world.character(author)
    dialog = await world.chat.begin(person, marina.id)
    async with world.database.write() as db:
        db.add(Picture(token="sea", owner_id=author.user_id))
        await db.flush()
        db.add(CharacterCard(character_id=marina.id, card="{}", background_token="sea"))
    assert (await world.chat.look(person, dialog)).background_token == "sea"
    async with world.database.write() as db:
        (await db.get_one(Character, marina.id)).deleted_at = now()
    assert (await world.chat.look(person, dialog)).background_token is None, "it would be refused"


def _told_to_the_model(world: ChatWorld) -> str:
    return str(world.llm.requests[-1].body["messages"][0]["content"])
