"""Character row: a few characters to begin with, under a heading: each is one link to its page."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from domain.characters.gallery import GalleryCard
from ui.widgets.heading import Heading
from ui.widgets.picture import picture
from ui.widgets.picture_urls import character_picture


def character_row(title: str, cards: Sequence[GalleryCard]) -> None:
    """Shows nothing if there is nobody."""
    if not cards:
        return
    with ui.element("section").classes("character-row"):
        Heading(title, level=2)
        with ui.element("ul").classes("character-row-list"):
            for each in cards:
                with ui.element("li"), ui.link(target=f"/characters/{each.character.id}").classes("character-row-link"):
                    face = picture(character_picture(each.character, "face")).classes("character-row-face")
                    face.props["width"], face.props["height"] = 56, 56
                    with ui.element("div").classes("grow"):
                        ui.label(each.character.name).classes("character-row-name")
                        ui.label(each.character.teaser).classes("muted")
