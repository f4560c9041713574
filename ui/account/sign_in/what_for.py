"""Reason for signing up: the character somebody was about to talk with when they were asked to sign up or log in."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from nicegui import ui

from domain.errors import NotFound
from domain.language import Texts
from domain.model.character import Character
from ui.app import App
from ui.request.visitor import Reader
from ui.widgets.picture import picture
from ui.widgets.picture_urls import character_picture

CHARACTER = re.compile(r"/characters/([0-9]{1,10})(?:/chat)?")
CHAT = re.compile(r"/chat/([0-9]{1,10})")


async def character_waiting(app: App, reader: Reader, then: str) -> Character | None:
    """The character of the page at `then`, if this reader may know of it."""
    path = urlsplit(then).path
    if found := CHAT.fullmatch(path):
        return await app.accounts.trials.character_of(reader.trial.caller if reader.trial else None, int(found[1]))
    found = CHARACTER.fullmatch(path)
    if found is None:
        return None
    try:
        character, _author = await app.characters.characters.get(reader.caller, int(found[1]))
    except NotFound:
        return None
    return character


def what_for(_: Texts, character: Character) -> None:
    with ui.element("div").classes("what-for"):
        picture(character_picture(character, "face")).classes("what-for-face")
        ui.label(_("To talk with {name}, all you need is an email address.", name=character.name))
