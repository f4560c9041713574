"""Memory panel (component): shows what a character remembers of a chat, to be read, corrected and forgotten."""

from __future__ import annotations

from typing import ClassVar

from nicegui import ui

from domain.language import Texts
from domain.memory.rows import CHAPTER_LIMIT, FACT_LIMIT, PIN_LIMIT
from domain.model.dialog import CLIENT_ID_LIMIT
from ui.socket.shapes import Flag, Number, Record, Takes, Text


class MemoryPanel(ui.element, component="memory_panel.js"):
    """Opens as soon as it is in the browser. It fetches `feed`/memory, in the shape made by
    ui/chat/memory/memory_words.py, and `feed`/prompt when the person asks for it. `feed`/turn/<id> switches to the
    branch of a message.

    Emits `act` {name, id, text, here, key}, which `answer` answers. The names are pin, pin-message, unpin, pin-fact,
    unpin-fact, correct, forget, know-again, rewrite, retell, read, on, off, size and forget-all.
    """

    TAKES: ClassVar[Takes] = {
        "act": Record(
            {
                "name": Text(20),
                "id": Number(),
                "text": Text(2 * CHAPTER_LIMIT),
                "here": Flag(),
                "key": Text(CLIENT_ID_LIMIT),
            }
        )
    }

    def __init__(self, feed: str, _: Texts) -> None:
        super().__init__()
        self._props["url"] = f"{feed}/memory"
        self._props["turn"] = f"{feed}/turn"
        self._props["prompt"] = f"{feed}/prompt"
        self._props["labels"] = panel_labels(_)
        self._props["limits"] = {"pin": PIN_LIMIT, "fact": FACT_LIMIT, "chapter": CHAPTER_LIMIT}

    def open(self) -> None:
        self.run_method("open")

    def look(self) -> None:
        """Let an open panel fetch what is remembered again, at most once a second, since it may have changed."""
        self.run_method("look")

    def answer(self, key: str, error: str) -> None:
        """Tell the panel that the action `key` is done, or was refused with the sentence `error`, which it shows."""
        self.run_method("answered", key, error)


def panel_labels(_: Texts) -> dict[str, str]:
    return {
        "memory": _("Memory"),
        "close": _("Close"),
        "loading": _("Loading…"),
        "failed": _("Couldn't load what is remembered."),
        "late": _("No answer from the server. Check your connection and try again."),
        "retry": _("Try again"),
        "save": _("Save"),
        "too_long": _("Too long. Characters to cut: {n}"),
        "cancel": _("Cancel"),
        "undo": _("Undo"),
        "more": _("More"),
        **_pin_labels(_),
        **_fact_labels(_),
        **_chapter_labels(_),
        **_setting_labels(_),
    }


def _pin_labels(_: Texts) -> dict[str, str]:
    return {
        "pinned": _("Pinned in memory"),
        "no_pins": _("The character always keeps in mind what you pin."),
        "add": _("Pin something"),
        "words": _("What to keep in mind"),
        "here": _("Only on this branch"),
        "unpin": _("Unpin"),
        "unpinned": _("Unpinned."),
        "to_message": _("to the message"),
    }


def _fact_labels(_: Texts) -> dict[str, str]:
    return {
        "facts": _("Facts"),
        "no_facts": _("As you talk, names, promises and tastes gather here."),
        "verbatim": _("verbatim"),
        "verbatim_why": _("The character still reads the message itself word for word."),
        "pin": _("Pin"),
        "correct": _("Correct"),
        "forget": _("Forget"),
        "forgotten": _("Forgotten."),
        "forgotten_verbatim": _("Forgotten, but the message itself is still read word for word."),
        "before": _("Before"),
    }


def _chapter_labels(_: Texts) -> dict[str, str]:
    return {
        "chapters": _("Chapters"),
        "no_chapters": _("While the chat is short, all of it is read word for word."),
        "not_told": _("The beginning of this chat is not summarized."),
        "summed_up": _("Chapters that are summed up above"),
        "to_beginning": _("to its beginning"),
        "again": _("Summarize again"),
        "recalled": _("Recalled for the last reply"),
        "no_recalled": _("Nothing from long ago was needed."),
        "read": _("Read and remember"),
        "reading": _("The chat is being read."),
    }


def _setting_labels(_: Texts) -> dict[str, str]:
    return {
        "settings": _("Memory settings"),
        "on": _("Remember this chat"),
        "on_hint": _("What no longer fits word for word is kept as a summary, and comes back when it matters."),
        "off_hint": _("Only what fits word for word and what is pinned is read. Nothing new is remembered."),
        "kept_hint": _("Facts and chapters stay, and are read again once you switch this on."),
        "size": _("Length of what the model reads"),
        "size_hint": _("Longer: more of the chat word for word, and each reply costs more."),
        "prompt": _("What the model reads next"),
        "forget_all": _("Forget everything"),
        "forget_all_sure": _("Forget everything remembered from this chat?"),
        "forget_all_hint": _(
            "Pins, facts and chapters are deleted for good, and memory is switched off. The messages stay."
        ),
        "all_forgotten": _("Everything is forgotten."),
    }
