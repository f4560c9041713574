"""Card import (component): card files are chosen, dropped on the page or pasted, previewed, and imported."""

from __future__ import annotations

from typing import Any, Literal

from nicegui import ui

from domain.cards.card_import import LARGEST_FILE
from domain.cards.faults import SENTENCES, Fault
from domain.language import Texts
from domain.model.character import AgeMark
from ui.request.visitor import Reader, door
from ui.widgets.labels import gender_words


class CardImport(ui.element, component="card_import.js"):
    """Takes files that are dropped anywhere on the page, and sends them itself (ui/cards/card_routes.py) rather than
    over the page's socket. Visitors without an account are told to sign up.
    """

    def __init__(self, reader: Reader, place: Literal["gallery", "editor"]) -> None:
        super().__init__()
        _ = reader._
        self._props["labels"] = _labels(_, place)
        self._props["options"] = {
            "genders": [{"value": gender.value, "text": words} for gender, words in gender_words(_).items()],
            "age_marks": [mark.value for mark in AgeMark],
        }
        self._props["limit"] = LARGEST_FILE
        self._props["place"] = place
        self._props["door"] = "" if reader.account else door("/sign-up", "/?tab=mine")


def _labels(_: Texts, place: str) -> dict[str, Any]:
    drops = {
        "gallery": _("Drop cards here: you'll see what's in them before anything is imported."),
        "editor": _("Drop cards here: they become new characters, and what you have typed stays."),
    }
    return {
        "title": _("Import cards"),
        "drop": drops[place],
        "stranger": _(
            "To import characters, sign up first: your files stay where they are, so drop them here again afterwards."
        ),
        "sign_up": _("Sign up"),
        "log_in": _("Log in"),
        "to_list": _("Back to the list"),
        "close": _("Close"),
        "sure": _("Not imported yet: {n}. Close anyway? The files stay on your device."),
        "stay": _("Go back"),
        "leave_all": _("Close"),
        "retry": _("Try again"),
        "retry_all": _("Try all again ({n})"),
        "offline": _("No connection. The import will continue by itself once you're back online."),
        "more": _("Add files"),
        "take": _("Import this"),
        "take_all": _("Import all ({n})"),
        "leave_out": _("Leave out"),
        "to_mine": _("To my characters"),
        "open": _("Open page"),
        "edit": _("Edit"),
        "chat": _("Start chat"),
        "made": _("Imported. Only you can see this character until you publish it."),
        "made_world": _("Imported as a world: attach it to characters and chats."),
        "gender": _("Gender"),
        "age_mark": _("Age rating"),
        "book": _("Lorebook"),
        "kept": _("Kept for export"),
        "kept_why": _("This isn't shown anywhere here, but it's included when you export the card."),
        "too_large": _(SENTENCES[Fault.TOO_LARGE]),
        "unsent": _("Couldn't send this file. Check your connection and try again."),
        "said_read": _("Read: {read} of {all}."),
        "said_done": _("Imported: {done} of {all}."),
        "said_failed": " " + _("Failed: {failed}."),
        **_states(_),
    }


def _states(_: Texts) -> dict[str, str]:
    return {
        "waiting": _("Waiting…"),
        "reading": _("Reading…"),
        "ready": _("Ready to import."),
        "wanted": _("Waiting…"),
        "keeping": _("Importing…"),
        "done": _("Imported."),
        "failed": "",
    }
