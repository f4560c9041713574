"""Dialog settings panel: beside a conversation, who the character is, and what the person chose for this dialog."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from domain.characters.visibility import may_read_text
from domain.llm.model_names import readable_names
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import FormOfAddress
from domain.services.groups import CardServices, ChatServices
from ui.chat.backdrop.backdrop import Backdrop
from ui.chat.memory.worlds_dialog import choose_worlds
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.choice_field import ChoiceField
from ui.widgets.covering_drawer import mind_focus
from ui.widgets.heading import Heading
from ui.widgets.picture import picture
from ui.widgets.picture_urls import character_picture

STEP = 0.1


def dialog_panel(
    chat: ChatServices,
    cards: CardServices,
    reader: Reader,
    dialog: Dialog,
    character: Character,
    *,
    open_memory: Callable[[], None],
    backdrop: Backdrop | None,
) -> Callable[[], None]:
    """The panel, closed; returns a function that toggles it. On small screens it covers the conversation."""
    drawer = ui.right_drawer(value=False, bordered=True).props("width=320 breakpoint=1280").classes("panel")
    mind_focus(drawer)

    def toggle() -> None:
        if not drawer.default_slot.children:  # filled when first opened: most visits never do, and elements cost memory
            with drawer:
                _who(reader, character)
                if not reader.must_be_somebody().is_trial:
                    _window_button(reader._("What the character remembers"), open_memory)
                    _window_button(reader._("Worlds in this chat"), lambda: choose_worlds(cards, reader, dialog.id))
                    if backdrop:
                        backdrop.switch()
                    _form_of_address(chat, reader, dialog)
                if not chat.chat.is_demo and not reader.must_be_somebody().is_trial:
                    _replies(chat, reader, dialog, character)
        drawer.toggle()

    return toggle


def _who(reader: Reader, character: Character) -> None:
    picture(character_picture(character, "large")).classes("panel-portrait")
    Heading(character.name, level=2)
    if character.teaser and may_read_text(reader.user, character):
        ui.label(character.teaser).classes("muted")
    ui.link(reader._("About the character"), f"/characters/{character.id}").classes("button quiet")


def _window_button(label: str, open_window: Callable[[], Any]) -> None:
    button = ui.button(label, on_click=open_window, color=None)
    button.props("flat no-caps").classes("button quiet").props["aria-haspopup"] = "dialog"


def _form_of_address(chat: ChatServices, reader: Reader, dialog: Dialog) -> None:
    _, caller = reader._, reader.must_be_logged_in()
    forms = {
        FormOfAddress.UNSAID.value: _("as in my profile"),
        FormOfAddress.INFORMAL.value: _("informal («ты»)"),
        FormOfAddress.FORMAL.value: _("formal («вы»)"),
    }

    async def choose() -> None:
        with show_errors(reader):
            await chat.dialogs.choose_form_of_address(caller, dialog.id, str(field.value))

    field = ChoiceField(
        forms, label=_("How to address you in Russian"), value=dialog.form_of_address.value, on_change=choose
    )
    field.props["hint"] = _("In this chat, from the next reply on")


def _replies(chat: ChatServices, reader: Reader, dialog: Dialog, character: Character) -> None:
    Heading(reader._("Replies"), level=2)
    if len(chat.model_choice.models) > 1:
        _model(chat, reader, dialog)
    _temperature(chat, reader, dialog, character)


def _model(chat: ChatServices, reader: Reader, dialog: Dialog) -> None:
    caller = reader.must_be_logged_in()
    chosen = dialog.model or chat.model_choice.models[0]
    known = readable_names([*chat.model_choice.models, chosen])

    async def choose() -> None:
        with show_errors(reader, {"model": field}):
            await chat.model_choice.choose_model(caller, dialog.id, field.value or chat.model_choice.models[0])

    field = ChoiceField(known, label=reader._("Model"), value=chosen, on_change=choose)
    field.props["hint"] = reader._("Starting with the next reply")


def _temperature(chat: ChatServices, reader: Reader, dialog: Dialog, character: Character) -> None:
    _, caller, dialog_id = reader._, reader.must_be_logged_in(), dialog.id
    usual, chosen = chat.model_choice.usual_temperature(character), dialog.temperature

    async def choose(temperature: float | None) -> None:
        with show_errors(reader):
            await chat.model_choice.choose_temperature(caller, dialog_id, temperature)
        show(temperature)

    def show(temperature: float | None) -> None:
        shown = _.number(usual if temperature is None else temperature)
        said.text = _("Creativity: {value} (default)", value=shown) if temperature is None else ""
        said.text = said.text or _("Creativity: {value}", value=shown)
        back.set_visibility(temperature is not None)

    async def reset() -> None:
        slider.value = usual
        await choose(None)

    with ui.element("div").classes("panel-temperature"):
        said = ui.label()
        slider = ui.slider(min=0, max=1, step=STEP, value=usual if chosen is None else chosen)
        slider.props["aria-label"] = _("Creativity")
        slider.on("change", lambda: choose(float(slider.value)))
        ui.label(_("Lower: steady and precise. Higher: livelier, with surprises.")).classes("muted small")
        back = ui.button(_("Reset to default"), on_click=reset).props("flat dense")
    show(chosen)
