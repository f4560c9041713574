"""Picture URLs: an uploaded photo in one of its sizes, or a portrait generated from a name."""

from __future__ import annotations

import hashlib
from typing import Literal
from urllib.parse import quote

from domain.model.character import PORTRAITS, Character
from domain.model.user import User

PALETTES = (
    ("#B4532A", "#E9A46A"),
    ("#7A4B6B", "#D58FA5"),
    ("#3F6C6A", "#93BFA6"),
    ("#4A5A86", "#A3A9D6"),
    ("#8A6A2F", "#E2C07A"),
    ("#5E6B3B", "#B9BE7F"),
    ("#8C3B3B", "#E39A86"),
    ("#3D5A73", "#8FB8CC"),
)


Size = Literal["small", "large", "face"]
"""Sizes of a photo: for a gallery card, a page, a round avatar (domain/pictures/resize.py)."""


def character_picture(character: Character, size: Size) -> str:
    if character.picture_token and character.deleted_at is None:
        return f"/pictures/{character.picture_token}/{size}.webp"
    return portrait_address(character.name, character.portrait)


def person_picture(person: User, size: Size) -> str:
    if person.picture_token:
        return f"/pictures/{person.picture_token}/{size}.webp"
    return portrait_address(person.display_name)


def portrait_address(name: str, look: int = 0) -> str:
    return f"/portraits/{quote(name or '?', safe='')}.svg" + (f"?look={look}" if look else "")


def portrait(name: str, look: int = 0) -> str:
    """A portrait for somebody without a photo, as SVG: the same name and look always give the same one.

    Only the first letter or digit of the name is used, so that nothing typed becomes markup.
    """
    look %= PORTRAITS
    seed = hashlib.sha256((name + str(look or "")).encode("utf-8", "replace")).digest()
    dark, light = portrait_colours(name, look)
    x, y, turn = 20 + seed[1] % 60, 15 + seed[2] % 40, seed[3] % 360
    letter = next((sign for sign in name.upper() if sign.isalnum()), "")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 120" width="900" height="1200">
<defs><linearGradient id="ground" gradientTransform="rotate({turn} .5 .5)"><stop stop-color="{dark}"/>
<stop offset="1" stop-color="{light}"/></linearGradient></defs>
<rect width="90" height="120" fill="url(#ground)"/>
<circle cx="{x}" cy="{y}" r="{18 + seed[4] % 20}" fill="#fff" opacity=".13"/>
<circle cx="{90 - x}" cy="{120 - y}" r="{24 + seed[5] % 24}" fill="#000" opacity=".10"/>
<text x="45" y="50" dy=".36em" text-anchor="middle" font-family="Roboto, system-ui, sans-serif" font-size="38"
 font-weight="500" fill="#fff" fill-opacity=".94">{letter}</text></svg>"""


def portrait_colours(name: str, look: int = 0) -> tuple[str, str]:
    """The two colours of the gradient behind the letter; each look of a name has its own."""
    first = hashlib.sha256(name.encode("utf-8", "replace")).digest()[0]
    return PALETTES[(first + look) % len(PALETTES)]
