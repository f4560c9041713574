"""Appearance settings: language, theme, size of text; kept with the account, and in cookies for the first paint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from domain.language import LANGUAGES, Texts
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.shell.account_menu import LANGUAGE_NAMES
from ui.shell.frame import DARK
from ui.shell.session_posts import keep_preference, post
from ui.shell.theme import text_size_script, theme_script


def appearance_settings(app: App, reader: Reader, *, before_reload: Callable[[], Awaitable[bool]]) -> None:
    """A new theme shows at once. A new language needs a reload; `before_reload` saves what was typed, or returns False
    when it cannot be saved yet.
    """
    _ = reader._
    dark = ui.dark_mode(DARK[reader.preferences.theme])

    def choose_theme(theme: str) -> None:
        keep_preference("theme", theme)
        ui.run_javascript(theme_script(theme))
        dark.value = DARK[theme]

    def choose_text_size(text_size: str) -> None:
        keep_preference("text_size", text_size)
        ui.run_javascript(text_size_script(text_size))

    async def choose_language(language: str) -> None:
        if language == reader.preferences.language:
            return
        if await before_reload():
            post("/preferences", {"language": language})
        else:
            languages.value = reader.preferences.language

    with ui.element("fieldset").classes("choices"):
        TextElement(tag="legend", text=_("Theme"))
        names = {"auto": _("system"), "light": _("light"), "dark": _("dark")}
        themes = ui.radio(names, value=reader.preferences.theme)
        themes.on_value_change(lambda event: choose_theme(event.value)).props("inline")
    with ui.element("fieldset").classes("choices"):
        TextElement(tag="legend", text=_("Text size"))
        sizes = ui.radio(text_size_names(_), value=reader.preferences.text_size)
        sizes.on_value_change(lambda event: choose_text_size(event.value)).props("inline")
    backgrounds_switch(app, reader, _("Show character backgrounds in chats"))
    with ui.element("fieldset").classes("choices"):
        TextElement(tag="legend", text=_("Language"))
        languages = ui.radio(
            {language: LANGUAGE_NAMES[language] for language in LANGUAGES},
            value=reader.preferences.language,
            on_change=lambda event: choose_language(event.value),
        ).props("inline")


def backgrounds_switch(
    app: App, reader: Reader, words: str, *, follow: Callable[[bool], None] = lambda _shows: None
) -> None:
    """The switch for all the person's chats; `follow` is called with their choice."""

    async def choose() -> None:
        with show_errors(reader):
            await app.accounts.accounts.choose_appearance(
                reader.must_be_logged_in(), shows_backgrounds=bool(switch.value)
            )
            follow(bool(switch.value))

    switch = ui.checkbox(words, value=reader.must_be_somebody().shows_backgrounds, on_change=choose)


def text_size_names(_: Texts) -> dict[str, str]:
    return {"small": _("small"), "normal": _("normal"), "large": _("large"), "larger": _("very large")}
