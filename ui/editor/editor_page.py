"""Editor page: creating and changing a character."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.characters.drafts import NEW, Draft, fits, resumed
from domain.characters.fields import EDITABLE
from domain.characters.macros import filled_in
from domain.characters.validation import ChangedMeanwhile, truncate
from domain.characters.visibility import is_listed
from domain.characters.writing_prompt import WritingTask
from domain.chat.prompts.prompt import what_the_model_sees
from domain.errors import AppError, Invalid, InvalidForm, NotFound
from domain.llm.token_estimates import tokens_of
from domain.macros.context import MacroContext
from domain.model.character import AgeMark, Character, Gender
from storage.database import DatabaseUnavailable
from ui.account.measure_note import measure_note
from ui.app import App
from ui.books.knowledge import known_by
from ui.cards.card_import import CardImport
from ui.chat.markdown.to_html import to_html
from ui.editor.card_pictures import CardPictures
from ui.editor.editor_form import EditorForm
from ui.editor.editor_labels import editor_labels
from ui.editor.editor_versions import RESTORED, EditorVersions
from ui.request.errors import database_unavailable, sentence, show_errors
from ui.request.visitor import Reader, log_in_address, reader_of
from ui.shell.account_banner import read_only_sentence
from ui.shell.frame import frame, page, sheet
from ui.shell.not_found import not_found_page
from ui.widgets.confirm import ask_confirmation
from ui.widgets.heading import Heading

ON_A_CARD = 160
"""Maximum characters of the description on the card in the preview; one in the gallery shows about as many."""


def register(app: App) -> None:
    @page("/characters/new")
    async def make(request: Request) -> RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address("/characters/new"), 303)
        draft = await app.characters.drafts.of(reader.caller, NEW)
        if _told_that_they_may_only_read(app, reader, reader._("New character")):
            return None
        with frame(app, reader, reader._("New character")):
            Editor(app, reader, fresh_form(reader.caller.user_id), draft, {})
            CardImport(reader, "editor")
        return None

    @page("/characters/{character_id:id}/edit")
    async def change(character_id: int, request: Request) -> HTMLResponse | RedirectResponse | None:
        reader = await reader_of(app, request)
        if reader.caller is None:
            return RedirectResponse(log_in_address(request.url.path), 303)
        try:
            character = await app.characters.characters.get_own(reader.caller, character_id)
        except NotFound as error:
            return HTMLResponse(not_found_page(reader.preferences, sentence(reader, error)), 404)
        if _told_that_they_may_only_read(app, reader, character.name):
            return None
        draft = await app.characters.drafts.of(reader.caller, character_id)
        has_pictures = await app.cards.pictures.are_there(reader.caller, character_id)
        knowledge = await known_by(app, reader, character)
        with frame(app, reader, character.name):
            faults = await measure_note(app.moderation, reader, character)
            editor = Editor(app, reader, character, draft, faults)
            with editor.form:
                knowledge.lay_out()
            if has_pictures:
                editor.offer_card_pictures()
            await editor.versions.offer_undo(request.query_params.get(RESTORED, ""))
            CardImport(reader, "editor")
        return None


def _told_that_they_may_only_read(app: App, reader: Reader, title: str) -> bool:
    """Tell people who may only read so instead of showing the form, before they fill it in. Returns whether it did."""
    refusal = read_only_sentence(reader, reader.must_be_somebody())
    if refusal:
        with sheet(app, reader, title):
            Heading(title)
            ui.label(refusal).classes("lead")
            ui.link(reader._("To my characters"), "/?tab=mine").classes("button quiet start")
    return bool(refusal)


class Editor:
    """The open page. The form holds what is typed and sends it with each event; only saving changes the character."""

    def __init__(
        self, app: App, reader: Reader, character: Character, draft: Draft | None, faults: Mapping[str, str]
    ) -> None:
        self._app = app
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        self._saved = character
        self._resumed = resumed(draft, character, values_of(character))
        self._began = self._resumed.began if character.id is not None else None
        self._drafted = values_of(character) | self._resumed.typed  # the draft as this page knows it
        self._in_turn = asyncio.Lock()  # so that a draft sent before saving is not stored after it
        self._is_saved = False
        self._asking: asyncio.Task[str] | None = None
        ui.context.client.content.classes("editor-page").props("id=content")
        ui.context.client.on_delete(self._stop_asking)
        self._form = self._laid_out(draft, faults)
        self._form.on("show", self._show).on("keep", self._keep).on("discard", self._discard).on("save", self._save)
        self._form.on("known", self._known).on("help", self._help).on("help_cancel", self._stop_asking)
        self.versions = EditorVersions(app, reader, character, self._in_turn, self._leave)
        if character.id is not None:
            self._form.on("versions", self.versions.open)
            self._form.on("duplicate", self._duplicate).on("remove", self._remove).on("restore", self._restore)

    @property
    def form(self) -> EditorForm:
        """The form, which also contains a tab with what the character knows."""
        return self._form

    def offer_card_pictures(self) -> None:
        with self._form.add_slot("pictures"):
            CardPictures(self._app, self._reader, self._saved.id, self._form.take_photo)

    def _laid_out(self, draft: Draft | None, faults: Mapping[str, str]) -> EditorForm:
        saved = values_of(self._saved)
        words = editor_labels(
            self._reader._,
            self._app.settings,
            called=self._saved.name if self._saved.id is not None else None,
            helps=self._app.characters.writing_help.is_there,
            drafted_at=self._reader.moment(draft.saved_at) if draft else "",
        )
        return EditorForm(saved, self._resumed.typed, self._resumed.changed_twice, words, faults)

    def _filled(self, event: GenericEventArguments) -> Character:
        """The character as typed, for the preview and for the model's help. A gender that is not chosen yet counts as
        `OTHER`.
        """
        filled = with_typed(self._saved, event.args["fields"])
        filled.gender = filled.gender or Gender.OTHER
        return filled

    def _show(self, event: GenericEventArguments) -> None:
        _, filled, person = self._reader._, self._filled(event), self._reader.must_be_somebody()
        truncate(filled)
        context = MacroContext(
            language=filled.language or self._reader._.language, zone=ZoneInfo(self._reader.preferences.zone)
        )
        text = what_the_model_sees(filled, person, context)
        greeting = to_html(filled_in(filled.greeting, filled, person, context))
        bio = filled_in(filled.bio, filled, person, context)[:ON_A_CARD]
        self._form.shown(greeting, bio, text, _.plural("{n} token", "{n} tokens", tokens_of(text)))

    async def _keep(self, event: GenericEventArguments) -> None:
        asked = int(event.args["asked"])
        async with self._in_turn:
            if self._is_saved:
                return
            try:
                fields = event.args["fields"]
                kept_at = await self._app.characters.drafts.save(
                    self._caller, self._saved.id or NEW, fields, self._began, self._drafted
                )
            except (AppError, DatabaseUnavailable):
                self._form.not_kept(asked)
            else:
                self._drafted = fields
                self._form.kept(asked, self._reader._.time(kept_at, self._reader.preferences.zone))

    def _known(self, event: GenericEventArguments) -> None:
        """The author has seen what was saved in this field since the draft was begun, and has chosen one of the two."""
        field = str(event.args["field"])
        if self._began and field in self._resumed.changed_twice:
            self._began[field] = values_of(self._saved)[field]

    async def _discard(self) -> None:
        async with self._in_turn:
            with show_errors(self._reader):
                await self._app.characters.drafts.drop(self._caller, self._saved.id or NEW, self._drafted)
                self._drafted = values_of(self._saved)

    async def _save(self, event: GenericEventArguments) -> None:
        async with self._in_turn:
            with show_errors(self._reader):
                try:
                    filled = with_typed(self._saved, event.args["fields"])
                    fields = changed_fields(self._saved, filled)
                    save = self._app.characters.characters.save
                    character = await save(self._caller, filled, fields, began=self._began, drafted=self._drafted)
                except (InvalidForm, Invalid) as refusal:
                    if isinstance(refusal, ChangedMeanwhile) and self._began:
                        self._began |= refusal.theirs  # they have been told, so saving again is allowed
                    errors = refusal.errors if isinstance(refusal, InvalidForm) else [refusal]
                    self._form.refuse({error.field: sentence(self._reader, error) for error in errors})
                    return
                self._leave(await self._where_next(character, then=str(event.args["then"])))
                return
            self._form.again()

    def _leave(self, address: str) -> None:
        self._is_saved = True
        self._form.leave(address)

    async def _where_next(self, character: Character, *, then: str) -> str:
        if then == "knowledge":
            return f"/characters/{character.id}/edit#knowledge"
        if then == "chat":
            zone = self._reader.preferences.zone
            return f"/chat/{await self._app.chat.chat.begin(self._caller, character.id, zone=zone)}"
        is_news = is_listed(character) and not (self._saved.id and is_listed(self._saved))
        said = "published" if is_news else "saved" if character.is_public else "private"
        return f"/characters/{character.id}?saved={said}"

    async def _help(self, event: GenericEventArguments) -> None:
        """May take a minute. Closing the page cancels it, and so does another request."""
        asked, field = int(event.args["asked"]), str(event.args["field"])
        self._stop_asking()
        asking = self._app.characters.writing_help.ask(
            self._caller, self._filled(event), field, WritingTask(event.args["wish"])
        )
        self._asking = asyncio.create_task(asking)
        try:
            self._form.helped(asked, await self._asking)
        except AppError as error:
            self._form.help_refused(asked, sentence(self._reader, error))
        except DatabaseUnavailable as error:
            self._form.help_refused(asked, sentence(self._reader, database_unavailable(error)))
        except asyncio.CancelledError:
            if not self._asking.cancelled():  # this handler itself is being cancelled
                raise

    def _stop_asking(self) -> None:
        if self._asking:
            self._asking.cancel()

    async def _duplicate(self) -> None:
        with show_errors(self._reader):
            copy = await self._app.characters.duplicates.duplicate(self._caller, self._saved.id)
            ui.navigate.to(f"/characters/{copy.id}/edit")

    async def _remove(self) -> None:
        _ = self._reader._
        if await ask_confirmation(
            _,
            _("Delete “{name}”?", name=self._saved.name),
            _("It disappears from the gallery. You can undo this right afterwards."),
        ):
            with show_errors(self._reader):
                await self._app.characters.characters.delete(self._caller, self._saved.id)
                self._form.removed(gone=True)

    async def _restore(self) -> None:
        with show_errors(self._reader):
            await self._app.characters.duplicates.restore(self._caller, self._saved.id)
            self._form.removed(gone=False)


def fresh_form(author_id: int) -> Character:
    """An empty form: private until the author publishes it, and without a gender until one is chosen."""
    empty: dict[str, Any] = {"name": "", "gender": "", "is_public": False}
    return Character(owner_id=author_id, **empty)


def values_of(character: Character) -> dict[str, Any]:
    """The editable fields, as JSON."""
    return {name: getattr(character, name) for name in EDITABLE}


def changed_fields(saved: Character, filled: Character) -> Collection[str]:
    """The fields that the form changed. The others keep what another tab may have saved meanwhile."""
    if saved.id is None:
        return EDITABLE
    return {field for field in EDITABLE if getattr(saved, field) != getattr(filled, field)}


def with_typed(saved: Character, typed: dict[str, Any]) -> Character:
    """A detached character with the form's values. Values that our forms never send stay as they were saved."""
    values = values_of(saved) | {name: typed[name] for name in EDITABLE if name in typed and fits(name, typed[name])}
    if values["gender"] not in ("", *Gender):
        values["gender"] = saved.gender
    if values["age_mark"] not in list(AgeMark):
        values["age_mark"] = saved.age_mark
    gender = values["gender"] and Gender(values["gender"])
    enums = {"gender": gender, "age_mark": AgeMark(values["age_mark"])}
    return Character(id=saved.id, owner_id=saved.owner_id, **values | enums)
