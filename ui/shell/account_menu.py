"""Account menu: the button at the end of the header, and behind it one's own pages, theme, language and the log-out."""

from __future__ import annotations

import json
from functools import partial

from nicegui import ui

from domain.language import LANGUAGES, Texts
from domain.model.user import THEMES, User
from ui.request.visitor import Reader
from ui.shell.session_posts import post
from ui.widgets.icons import TUNE
from ui.widgets.menu import Menu, menu_choice, menu_item
from ui.widgets.picture import picture
from ui.widgets.picture_urls import person_picture

LANGUAGE_NAMES = {"ru": "Русский", "en": "English"}


def account_menu(reader: Reader) -> ui.label:
    """The button with its menu; returns the badge for news, hidden at first."""
    button = ui.button(icon=None if reader.account else TUNE).props("flat round dense").classes("menu-opener")
    with button:
        ui.label(reader._("Menu")).classes("visually-hidden")  # the badge is part of the button's accessible name
        if reader.account:
            picture(person_picture(reader.account, "face")).classes("menu-avatar")
        badge = ui.label().classes("menu-badge")
        badge.set_visibility(False)
        # Built when opened: the entries are a third of the page's elements, and most visits never need them.
        Menu(button, lambda: _entries(reader))
    return badge


def show_avatar(person: User) -> None:
    """The picture in the header, after it or the name was changed on this page."""
    address = json.dumps(person_picture(person, "face"))
    ui.run_javascript(
        f"document.querySelectorAll('.menu-avatar').forEach((each) => {{"
        f" each.src = (window.path_prefix || '') + {address} }})"
    )


def _entries(reader: Reader) -> None:
    _ = reader._
    if reader.account and not reader.account.is_blocked:
        ui.label(reader.account.display_name).classes("menu-head")
        menu_item(_("Gallery"), lambda: ui.navigate.to("/"))
        menu_item(_("My chats"), lambda: ui.navigate.to("/chat"))
        menu_item(_("My characters"), lambda: ui.navigate.to("/?tab=mine"))
        menu_item(_("New character"), lambda: ui.navigate.to("/characters/new"))
        menu_item(_("My worlds"), lambda: ui.navigate.to("/worlds"))
        menu_item(_("Recently deleted"), lambda: ui.navigate.to("/deleted"))
        menu_item(_("Notices"), lambda: ui.navigate.to("/notices"))
        menu_item(_("Profile"), lambda: ui.navigate.to("/profile"))
        if reader.account.is_admin:
            menu_item(_("Administration"), lambda: ui.navigate.to("/admin"))
        ui.separator()
    _preferences(reader)
    if reader.account:
        ui.separator()
        menu_item(_("Log out"), lambda: post("/leave", {}, then="/"))


def _preferences(reader: Reader) -> None:
    chosen, theme_words = reader.preferences, theme_names(reader._)
    for theme in THEMES:
        choose = partial(post, "/preferences", {"theme": theme})
        menu_choice(theme_words[theme], choose, is_on=theme == chosen.theme)
    ui.separator()
    for size, words in text_size_names(reader._).items():
        choose = partial(post, "/preferences", {"text_size": size})
        menu_choice(words, choose, is_on=size == chosen.text_size)
    ui.separator()
    for language in LANGUAGES:
        choose = partial(post, "/preferences", {"language": language})
        menu_choice(LANGUAGE_NAMES[language], choose, is_on=language == chosen.language)


def theme_names(_: Texts) -> dict[str, str]:
    return {"auto": _("Theme: system"), "light": _("Theme: light"), "dark": _("Theme: dark")}


def text_size_names(_: Texts) -> dict[str, str]:
    return {
        "small": _("Text: small"),
        "normal": _("Text: normal"),
        "large": _("Text: large"),
        "larger": _("Text: very large"),
    }
