"""Share button (component) and Open Graph tags: a character's address to pass on, and the preview beside it."""

from __future__ import annotations

from html import escape

from nicegui import ui

from domain.characters.macros import filled_in
from domain.language import Texts
from domain.model.character import Character
from domain.pictures.link_preview import SIZE
from ui.request.assets import asset

TOLD = 200
"""Characters of a bio that link previews show if there is no teaser."""


class ShareButton(ui.element, component="share_button.js"):
    """Opens the system's share sheet where there is one, else copies the link."""

    def __init__(self, _: Texts, address: str, name: str) -> None:
        super().__init__()
        self._props["address"] = address
        self._props["name"] = name
        self._props["labels"] = {
            "share": _("Share"),
            "copied": _("Link copied."),
            "not_copied": _("Couldn't copy the link."),
        }


def social_tags(_: Texts, address: str, character: Character) -> str:
    """Tags for the head of a public character's page; `address` is the full URL. All text by people is escaped."""
    description = character.teaser or " ".join(filled_in(character.bio, character, None)[:TOLD].split())
    picture, (width, height) = f"{address}/preview.jpg?v={character.updated_at:%Y%m%d%H%M%S}", SIZE
    properties = {
        "og:type": "profile",
        "og:site_name": _("Beseda"),
        "og:title": character.name,
        "og:description": description,
        "og:url": address,
        "og:image": picture,
        "og:image:width": str(width),
        "og:image:height": str(height),
        "og:image:alt": character.name,
    }
    names = {
        "description": description,
        "twitter:card": "summary_large_image",
        "twitter:title": character.name,
        "twitter:description": description,
        "twitter:image": picture,
    }
    return _tags(address, properties, names)


def site_tags(_: Texts, address: str, description: str) -> str:
    """Tags for the head of the first page; `address` is the full URL."""
    title = _("Beseda: conversations with fictional characters")
    picture = f"{address}{asset(f'icons/preview-{_.language}.jpg')}"
    width, height = SIZE
    properties = {
        "og:type": "website",
        "og:site_name": _("Beseda"),
        "og:title": title,
        "og:description": description,
        "og:url": address,
        "og:image": picture,
        "og:image:width": str(width),
        "og:image:height": str(height),
        "og:image:alt": title,
    }
    names = {"description": description, "twitter:card": "summary_large_image", "twitter:image": picture}
    return _tags(address, properties, names)


def _tags(address: str, properties: dict[str, str], names: dict[str, str]) -> str:
    return "\n".join(
        (
            f'<link rel="canonical" href="{escape(address)}">',
            *(f'<meta property="{key}" content="{escape(value)}">' for key, value in properties.items()),
            *(f'<meta name="{key}" content="{escape(value)}">' for key, value in names.items()),
        )
    )
