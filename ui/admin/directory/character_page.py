"""Character page for admins: everything its author wrote, the part for the model too, and what was done about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import ui

from domain.admin.details import CharacterDetail
from domain.characters.fields import SECRETS, field_labels
from domain.language import Texts
from ui.admin.directory.characters_list import character_chips
from ui.admin.directory.dialogs_list import dialogs_list
from ui.admin.moderation.audit_list import audit_list
from ui.admin.moderation.measure_dialog import measure_dialog
from ui.admin.moderation.measures_timeline import measures_timeline
from ui.admin.moderation.reports_table import reports_of_character
from ui.admin.shell.cells import exactly, numbered
from ui.admin.shell.frame import admin_frame
from ui.admin.shell.guard import admin_page
from ui.admin.shell.summary import fact, last_days, spoken_facts
from ui.admin.shell.who import detail_header, tabs
from ui.app import App
from ui.request.visitor import Reader
from ui.widgets.heading import Heading
from ui.widgets.labels import gender_words, language_words
from ui.widgets.picture_urls import character_picture

Tab = Callable[[], Awaitable[None]]
CARD = (
    *("name", "nickname", "gender", "language", "teaser", "bio", "interests", "greeting", "other_greetings", "notes"),
    *("context", "personality", "scenario", "examples", "after_history"),
)
"""Fields of a card, in the order in which an admin reads them."""


def register(app: App) -> None:
    @admin_page(app, "/admin/characters/{character_id:id}")
    async def character(reader: Reader, character_id: int, tab: str = "") -> None:
        zone = ZoneInfo(reader.preferences.zone)
        detail = await app.admin.details.character(reader.must_be_logged_in(), character_id, zone)
        async with admin_frame(app, reader, detail.character.name, here="/admin/characters"):
            await _Character(app, reader, detail).lay_out(tab)


class _Character:
    def __init__(self, app: App, reader: Reader, detail: CharacterDetail) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._detail = detail
        self._character = detail.character

    async def lay_out(self, tab: str) -> None:
        _, character = self._reader._, self._character
        chips = character_chips(_, self._detail.state, is_public=character.is_public)
        note = f"{numbered(_, character.id)} · {character.age_mark.value}"
        with detail_header(character.name, note, character_picture(character, "small"), chips):
            ui.link(_("Character page"), f"/characters/{character.id}").classes("button quiet")
            author = self._detail.author
            measure = ui.button(
                _("Measure…"), on_click=lambda: measure_dialog(self._app, self._reader, author, character)
            )
            measure.props("outline color=negative").classes("apart")
        shown: dict[str, tuple[str, Tab]] = {
            "": (_("Summary"), self._summary),
            "card": (_("Card"), self._card),
            "dialogs": (_("Conversations"), self._dialogs),
            "measures": (_("Measures"), self._measures),
            "reports": (_("Reports"), self._reports),
            "journal": (_("Audit log"), self._journal),
        }
        tab = tab if tab in shown else ""
        tabs(_, f"/admin/characters/{character.id}", {key: name for key, (name, _show) in shown.items()}, tab)
        await shown[tab][1]()

    async def _summary(self) -> None:
        _, detail = self._reader._, self._detail
        with ui.element("p"):
            ui.label(_("Author:")).classes("muted")
            ui.link(detail.author.display_name, f"/admin/users/{detail.author.id}")
        with ui.element("dl").classes("admin-facts"):
            fact(_("Created"), exactly(self._reader, self._character.created_at))
            fact(_("Updated"), exactly(self._reader, self._character.updated_at))
            fact(_("Users who chat with it"), _.number(detail.talkers))
            spoken_facts(_, detail.spoken)
            fact(_("Good replies"), _.number(detail.feedback.up))
            fact(_("Bad replies"), _.number(detail.feedback.down))
        last_days(self._reader, detail.days)

    async def _card(self) -> None:
        """Show the card as plain text: none of it is rendered or run."""
        _, character = self._reader._, self._character
        labels = field_labels(_)
        texts = {name: _as_text(_, name, getattr(character, name)) for name in CARD}
        for title, is_secret in ((_("What users see"), False), (_("What the model sees"), True)):
            told = {labels[name]: text for name, text in texts.items() if (name in SECRETS) == is_secret}
            self._fields(title, told)

    def _fields(self, title: str, texts: dict[str, str]) -> None:
        with ui.element("section").classes("admin-part"):
            Heading(title, level=2)
            with ui.element("dl").classes("admin-facts"):
                for name, text in texts.items():
                    fact(name, text, is_long=True)

    async def _dialogs(self) -> None:
        dialogs_list(self._reader, fixed={"character": self._character.id})

    async def _measures(self) -> None:
        seen = await self._app.moderation.measures.of_character(self._caller, self._character.id)
        measures_timeline(self._reader, seen, self._lift)

    async def _reports(self) -> None:
        reports = await self._app.moderation.report_history.of_character(self._caller, self._character.id)
        reports_of_character(self._reader, reports)

    async def _journal(self) -> None:
        audit_list(self._reader, fixed={"kind": "character", "target": self._character.id})

    async def _lift(self, measure_id: int, why: str) -> None:
        await self._app.moderation.measures.lift(self._caller, measure_id, why)
        ui.navigate.reload()


def _as_text(_: Texts, name: str, value: Any) -> str:
    if name == "gender":
        return gender_words(_)[value]
    if name == "language":
        return language_words(_).get(value, "")
    if name == "interests":
        return ", ".join(value)
    return "\n\n".join(value) if isinstance(value, list) else str(value)
