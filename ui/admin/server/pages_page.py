"""Pages page: the texts of rules, privacy and contact, in each language, with their history."""

from __future__ import annotations

from urllib.parse import urlencode

from nicegui import ui

from domain.admin.page_texts import TEXT_LIMIT, PageKind, PageVersion, default_text
from domain.language import LANGUAGES
from ui.admin.shell.cells import exactly
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.app import App
from ui.request.errors import show_errors
from ui.request.notice import notify
from ui.request.visitor import Reader
from ui.shell.account_menu import LANGUAGE_NAMES
from ui.shell.footer import SITE_PAGES
from ui.site.page_body import page_body
from ui.widgets.heading import Heading
from ui.widgets.unsaved_text import guard, text_is_saved

HERE = "/admin/pages"


def register(app: App) -> None:
    @admin_page(app, HERE)
    async def pages(reader: Reader, kind: str = "", language: str = "") -> None:
        _ = reader._
        asked = PageKind(kind) if kind in set(PageKind) else PageKind.RULES
        spoken = language if language in LANGUAGES else _.language
        async with admin_frame(app, reader, _("Pages"), here=HERE):
            admin_head(_("Pages"))
            _choices(reader, asked, spoken)
            await _PageEditor(app, reader, asked, spoken).lay_out()


def _choices(reader: Reader, kind: PageKind, language: str) -> None:
    """Links to choose the page and its language."""
    with ui.element("nav").classes("chips") as choices:
        for each in PageKind:
            for spoken in LANGUAGES:
                words = f"{reader._(SITE_PAGES[f'/{each}'])} · {LANGUAGE_NAMES[spoken]}"
                link = ui.link(words, f"{HERE}?{urlencode({'kind': each, 'language': spoken})}").classes("chip")
                if (each, spoken) == (kind, language):
                    link.props("aria-current=page")
    choices.props["aria-label"] = reader._("Pages")


class _PageEditor:
    def __init__(self, app: App, reader: Reader, kind: PageKind, language: str) -> None:
        self._texts = app.admin.page_texts
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._kind = kind
        self._language = language

    async def lay_out(self) -> None:
        _, versions = self._reader._, await self._versions()
        with ui.element("div").classes("admin-form"):
            hint = _("Markdown: ## heading, **bold**, - list. {contact} is replaced with the CONTACT setting.")
            ui.label(hint).classes("muted")
            # Filled at creation: a value set later is an event, which would overwrite what was typed meanwhile.
            self._text = guard(ui.textarea(_("Text"), value=self._live(versions)))
            self._text.props(f"outlined autogrow maxlength={TEXT_LIMIT} counter")
            with ui.element("div").classes("actions"):
                ui.button(_("Save"), on_click=self._save).props("unelevated color=primary data-once")
                ui.link(_("View page"), f"/{self._kind}", new_tab=True).classes("button quiet")
        self._history = ui.element("div").classes("admin-form")
        self._show(versions)

    async def _save(self) -> None:
        with show_errors(self._reader, {"text": self._text}):
            await self._texts.save(self._caller, self._kind, self._language, self._text.value or "")
            notify(self._reader._("Saved."), kind="positive")
            await self._renew()

    async def _restore(self, version_id: int) -> None:
        with show_errors(self._reader):
            await self._texts.restore(self._caller, version_id)
            await self._renew()

    async def _renew(self) -> None:
        versions = await self._versions()
        self._text.value = self._live(versions)
        text_is_saved()
        self._show(versions)

    async def _versions(self) -> list[PageVersion]:
        return await self._texts.history(self._caller, self._kind, self._language)

    def _live(self, versions: list[PageVersion]) -> str:
        return versions[0].text if versions else default_text(self._kind, self._language)

    def _show(self, versions: list[PageVersion]) -> None:
        _, original = self._reader._, default_text(self._kind, self._language)
        self._history.clear()
        with self._history:
            Heading(_("Versions"), level=2)
            for number, version in enumerate(versions):
                self._version(version, is_shown=number == 0)
            with ui.element("details").classes("fold admin-card"):
                with ui.element("summary"):
                    ui.label(_("Original text"))
                page_body(original)
                ui.button(_("Copy to the field above"), on_click=lambda: self._text.set_value(original)).props(
                    "outline"
                )

    def _version(self, version: PageVersion, *, is_shown: bool) -> None:
        _ = self._reader._
        with ui.element("details").classes("fold admin-card"):
            with ui.element("summary"):
                ui.label(f"{exactly(self._reader, version.at)} · {version.author or '—'}")
                if is_shown:
                    ui.label(_("live")).classes("mark good")
            page_body(version.text)
            if not is_shown:
                ui.button(_("Restore this version"), on_click=lambda: self._restore(version.id)).props("outline")
