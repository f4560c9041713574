"""What an address is asked for: whom somebody was about to talk with when they were led to sign up or log in."""

from __future__ import annotations

import re

from nicegui import ui

from domain.errors import NotFound
from domain.language import Texts
from domain.model.character import Character
from ui.app import App
from ui.request.visitor import Reader
from ui.widgets.picture import picture
from ui.widgets.picture_urls import character_picture

WAITING = re.compile(r"/(characters|chat)/([0-9]{1,10})")


async def character_waiting(app: App, reader: Reader, then: str) -> Character | None:
    """The character behind the page that one goes on to, if this reader may know of it."""
    found = WAITING.fullmatch(then)
    if found is None:
        return None
    place, row_id = found[1], int(found[2])
    if place == "chat":
        return await app.accounts.trials.character_of(reader.trial.caller if reader.trial else None, row_id)
    try:
        character, _author = await app.characters.characters.get(reader.caller, row_id)
    except NotFound:
        return None
    return character


def what_for(_: Texts, character: Character) -> None:
    with ui.element("div").classes("what-for"):
        picture(character_picture(character, "face")).classes("what-for-face")
        ui.label(_("To talk with {name}, all you need is an email address.", name=character.name))
