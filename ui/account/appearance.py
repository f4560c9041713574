"""Appearance settings: language and theme, as in the account's menu; in cookies, since needed before log-in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from domain.language import LANGUAGES
from ui.request.visitor import Reader
from ui.shell.frame import DARK, LANGUAGE_NAMES, keep_preference, post
from ui.shell.theme import theme_script


def appearance_settings(reader: Reader, *, before_reload: Callable[[], Awaitable[bool]]) -> None:
    """A new theme shows at once. A new language needs a reload; `before_reload` saves what was typed, or returns False
    when it cannot be saved yet.
    """
    _ = reader._
    dark = ui.dark_mode(DARK[reader.preferences.theme])

    def choose_theme(theme: str) -> None:
        keep_preference("theme", theme)
        ui.run_javascript(theme_script(theme))
        dark.value = DARK[theme]

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
        TextElement(tag="legend", text=_("Language"))
        languages = ui.radio(
            {language: LANGUAGE_NAMES[language] for language in LANGUAGES},
            value=reader.preferences.language,
            on_change=lambda event: choose_language(event.value),
        ).props("inline")
