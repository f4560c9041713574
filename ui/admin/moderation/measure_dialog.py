"""Moderation dialog: an admin takes a measure: subject, kind, term, reason, wording; its effects are told first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from domain.errors import AppError
from domain.language import Texts
from domain.mail.measure_letters import measure_letter
from domain.model.character import Character
from domain.model.user import User
from domain.moderation.enforcement import Decision
from domain.moderation.measure import FOR_CHARACTERS, FOR_PEOPLE, Measure, MeasureKind
from domain.moderation.reasons import REASONS, TEMPLATES
from domain.moderation.reports import Complaint
from domain.text import WORDS_LIMIT
from ui.admin.moderation.measures_timeline import measure_names
from ui.admin.moderation.terms import DurationPicker
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.action_button import ActionButton
from ui.widgets.choice_field import ChoiceField
from ui.widgets.dialog import name_dialog
from ui.widgets.labels import labels_to_mend

ON_CHARACTER, ON_PERSON = "character", "person"
Then = Callable[[Measure], Awaitable[None]]


def measure_dialog(
    app: App,
    reader: Reader,
    person: User,
    character: Character | None = None,
    *,
    reason: Complaint = Complaint.OTHER,
    report_id: int | None = None,
    then: Then | None = None,
) -> None:
    """Open it for a person, or for a character, whose author can be chosen instead.

    `then` is called with the measure once it is taken; by default the page is reloaded.
    """
    MeasureWindow(app, reader, MeasureTarget(person, character, report_id), reason, then or _reload)


async def _reload(_measure: Measure) -> None:
    ui.navigate.reload()


@dataclass(frozen=True)
class MeasureTarget:
    """Subject of a measure, a person or a character of theirs, and the report that led to it."""

    person: User
    character: Character | None
    report_id: int | None


class MeasureWindow:
    def __init__(self, app: App, reader: Reader, concerned: MeasureTarget, reason: Complaint, then: Then) -> None:
        self._app = app
        self._reader = reader
        self._person = person = concerned.person
        self._character = character = concerned.character
        self._report_id = concerned.report_id
        self._then = then
        _ = reader._
        with ui.dialog(value=True) as self._window, ui.card().classes("admin-window measure-window"):
            self._window.on("hide", self._window.delete)
            name_dialog(self._window, _("Measure: {name}", name=character.name if character else person.display_name))
            self._lay_out(reason)
            with ui.element("div").classes("actions"):
                ui.button(_("Cancel"), on_click=self._window.close).props("flat")
                ActionButton(_("Take measure"), self._ask, self._window).props("unelevated color=primary")
        self._show_kinds()

    def _lay_out(self, reason: Complaint) -> None:
        _ = self._reader._
        whom = {ON_CHARACTER: _("the character"), ON_PERSON: _("the author, {name}", name=self._person.display_name)}
        self._whom = ui.radio(whom, value=ON_CHARACTER if self._character else ON_PERSON, on_change=self._show_kinds)
        self._whom.props("inline").set_visibility(self._character is not None)
        self._whom.props["aria-label"] = _("Against")
        self._kind = ui.radio({}, on_change=self._show_effect).props("autofocus")
        self._kind.props["aria-label"] = _("Action")
        self._effect = ui.label().classes("effect").props("role=status")
        self._field = ChoiceField(labels_to_mend(_), label=_("Field to fix"))
        self._field_words = self._text(_("What's wrong with it"))
        self._term = DurationPicker(self._reader)
        reasons = {each.value: _(words) for each, words in REASONS.items()}
        self._reason = ChoiceField(reasons, label=_("Reason"), value=reason.value, on_change=self._fill)
        self._words = self._text(_("Message to the user"))
        self._words.value = self._template = self._template_of(reason)
        self._note = self._text(_("Note for admins"))
        self._letter = ui.checkbox(_("Send by email too"), value=bool(self._person.email))
        self._letter.set_enabled(bool(self._person.email))
        with ui.element("details").classes("fold").on("toggle", self._preview):
            with ui.element("summary"):
                ui.label(_("Email preview"))
            self._letter_text = ui.label().classes("letter-text")
        for said in (self._whom, self._kind, self._field_words, self._reason, self._words, *self._term.choices):
            said.on_value_change(self._follow)

    def _text(self, label: str) -> ui.textarea:
        return ui.textarea(label).props(f"outlined autogrow maxlength={WORDS_LIMIT}")

    @property
    def _is_on_character(self) -> bool:
        return self._character is not None and self._whom.value == ON_CHARACTER

    def _show_kinds(self) -> None:
        names = measure_names(self._reader._)
        allowed = FOR_CHARACTERS if self._is_on_character else FOR_PEOPLE
        self._kind.set_options({each.value: names[each] for each in allowed}, value=allowed[0].value)
        self._show_effect()

    def _show_effect(self) -> None:
        kind = MeasureKind(self._kind.value)
        self._effect.text = effects(self._reader._, is_on_character=self._is_on_character)[kind]
        self._field.set_visibility(kind == MeasureKind.TO_MEND)
        self._field_words.set_visibility(kind == MeasureKind.TO_MEND)
        self._term.set_visibility(kind not in {MeasureKind.WARNING, MeasureKind.TO_MEND})

    def _template_of(self, reason: Complaint) -> str:
        """The template in the language of the person who will read it."""
        return Texts(self._person.language)(TEMPLATES[reason])

    def _fill(self) -> None:
        """Another reason brings another template; what an admin wrote themselves stays."""
        template = self._template_of(Complaint(self._reason.value))
        if (self._words.value or "") in {"", self._template}:
            self._words.value = template
        self._template = template

    def _follow(self) -> None:
        """A letter preview that was opened follows later changes; while the input is invalid, it stays as it is."""
        if self._letter_text.text:
            with suppress(AppError):
                self._write_letter()

    def _preview(self) -> None:
        with show_errors(self._reader, self._fields):
            self._write_letter()

    def _write_letter(self) -> None:
        asked = self._decision()
        letter = measure_letter(
            Texts(self._person.language),
            self._person.email or "",
            asked.kind,
            self._character.name if self._character and self._is_on_character else "",
            reason=REASONS[asked.reason],
            words="\n\n".join(filter(None, [asked.words, asked.field_words])),
            until=asked.until,
            link=self._app.settings.address,
        )
        self._letter_text.text = f"{letter.subject}\n\n{letter.text}"

    @property
    def _fields(self) -> dict[str, ui.input | ui.textarea | ui.select]:
        return {
            "until": self._term.field,
            "field": self._field,
            "field_words": self._field_words,
            "words": self._words,
            "note": self._note,
        }

    def _decision(self) -> Decision:
        kind = MeasureKind(self._kind.value)
        mends = kind == MeasureKind.TO_MEND
        return Decision(
            kind=kind,
            reason=Complaint(self._reason.value),
            words=self._words.value or "",
            note=self._note.value or "",
            until=self._until(kind),
            field=(self._field.value or "") if mends else "",
            field_words=(self._field_words.value or "") if mends else "",
            report_id=self._report_id,
            sends_letter=bool(self._letter.value),
        )

    def _until(self, kind: MeasureKind) -> datetime | None:
        return None if kind in {MeasureKind.WARNING, MeasureKind.TO_MEND} else self._term.until()

    async def _ask(self) -> None:
        """A permanent block has to be confirmed, everything else is done at once."""
        with show_errors(self._reader, self._fields):
            decision = self._decision()
            if decision.kind != MeasureKind.BLOCKED or decision.until is not None or await self._is_sure():
                await self._take(decision)

    async def _is_sure(self) -> bool:
        _, name = self._reader._, self._person.display_name
        if self._is_on_character and self._character:
            name = self._character.name
        with ui.dialog() as asking, ui.card().classes("admin-window"):
            name_dialog(asking, _("Block {name} permanently?", name=name))
            ui.label(self._effect.text).classes("muted")
            with ui.element("div").classes("actions"):
                ui.button(_("Cancel"), on_click=lambda: asking.submit(False)).props("unelevated autofocus")
                ui.button(_("Block permanently"), on_click=lambda: asking.submit(True)).props("flat color=negative")
        is_sure = bool(await asking)
        asking.delete()
        return is_sure

    async def _take(self, decision: Decision) -> None:
        caller, measures = self._reader.must_be_logged_in(), self._app.moderation.measures
        if self._is_on_character and self._character:
            measure = await measures.impose_on_character(caller, self._character.id, decision)
        else:
            measure = await measures.impose_on_user(caller, self._person.id, decision)
        self._window.close()
        await self._then(measure)


def effects(_: Texts, *, is_on_character: bool) -> dict[MeasureKind, str]:
    """Effects of each kind of measure, in words."""
    if is_on_character:
        return {
            MeasureKind.HIDDEN: _(
                "It disappears from the gallery and search for everyone but the author. Anyone with the link can "
                "still chat with it."
            ),
            MeasureKind.TO_MEND: _("It stays hidden until the author fixes the field and an admin has another look."),
            MeasureKind.BLOCKED: _(
                "Nobody can chat with it, and replies being written stop. Existing chats can still be read."
            ),
        }
    return {
        MeasureKind.WARNING: _("They read your message. Nothing else happens."),
        MeasureKind.HIDDEN: _(
            "All their characters disappear from the gallery and search for everyone else; existing chats go on."
        ),
        MeasureKind.READ_ONLY: _(
            "They can read and download what they have. They can't write, create, edit, rate or report anything."
        ),
        MeasureKind.BLOCKED: _(
            "Within a second all their open pages show the reason and their replies stop. Nobody can chat with "
            "their characters. They can read why, appeal once, download their chats and delete the account."
        ),
    }
