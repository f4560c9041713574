"""Front of the first page, above the gallery: for strangers what this is and three characters to begin with; for people
with an account their latest chats, what is new, their favourites.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from html import escape

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from domain.characters.front_page import Shelves
from domain.characters.macros import filled_in
from domain.language import Texts
from domain.model.character import Character
from ui.gallery.character_actions import CharacterActions
from ui.request.visitor import Reader
from ui.widgets.heading import Heading
from ui.widgets.picture import picture
from ui.widgets.picture_urls import character_picture


def welcome(reader: Reader, suggested: Iterable[Character], actions: CharacterActions) -> None:
    """Front page of strangers: what this is, and characters to begin with."""
    _ = reader._
    with ui.element("section").classes("welcome"):
        Heading(_("Conversations with fictional characters"))
        ui.label(what_this_is(_)).classes("lead")
        with ui.element("ul").classes("welcome-cards"):
            for character in suggested:
                _card(_, character, actions)
        with ui.element("ul").classes("welcome-points"):
            for words in (
                _("The story is yours: ask for another reply, edit your own words, come back in a month."),
                _("They address you the way you like and know what your profile says about you."),
                _("Create your own character: a name and a few sentences are enough."),
            ):
                TextElement(tag="li", text=words)
    Heading(_("Who would you like to talk to?"), level=2)


def what_this_is(_: Texts) -> str:
    """The site in two sentences; messengers and search engines show them, too."""
    return _(
        "A bookseller, a lighthouse keeper, a robot, each with a personality of their own. A neural network writes "
        "their replies: they're always around, though they sometimes make things up."
    )


def _card(_: Texts, character: Character, actions: CharacterActions) -> None:
    with ui.element("li").classes("welcome-card"):
        with ui.link(target=f"/characters/{character.id}").classes("welcome-who"):
            portrait = picture(character_picture(character, "small"))
            portrait.props["width"], portrait.props["height"] = 72, 96
            with ui.element("span").classes("welcome-words"):
                TextElement(tag="span", text=character.name).classes("welcome-name")
                TextElement(tag="span", text=character.teaser or filled_in(character.bio, character, None)).classes(
                    "card-teaser"
                )
        begin = ui.button(
            _("Start chat"), on_click=partial(actions.perform, "begin", character.id, character.name), color=None
        )
        begin.props("unelevated color=primary data-once")
        begin.props["aria-label"] = _("Start chat with {name}", name=character.name)


def shelves(reader: Reader, found: Shelves) -> None:
    """For people with an account: rows of small links, as one piece of HTML."""
    _ = reader._
    rows = (
        (_("Continue with…"), [(f"/chat/{each.dialog_id}", each.name, each.character) for each in found.latest]),
        (_("New"), [(f"/characters/{each.id}", each.name, each) for each in found.new]),
        (_("Favourites"), [(f"/characters/{each.id}", each.name, each) for each in found.favourites]),
    )
    html = "".join(shelf_html(title, links) for title, links in rows if links)
    if html:
        ui.html(html, sanitize=False, tag="nav").classes("shelves").props["aria-label"] = _("For you")
    Heading(_("Who would you like to talk to?"))


def shelf_html(title: str, links: Iterable[tuple[str, str, Character]]) -> str:
    """A row of small links, each with a face; what people have typed is escaped."""
    items = "".join(
        f'<li><a href="{address}"><img src="{escape(character_picture(character, "face"))}" alt="" width="32" '
        f'height="32"><span>{escape(name)}</span></a></li>'
        for address, name, character in links
    )
    return f"<h2>{escape(title)}</h2><ul>{items}</ul>"
