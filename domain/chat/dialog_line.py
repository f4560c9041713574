"""Lines of the list of dialogs and of its search results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.chat.dialog_search import snippet_of
from domain.model.character import Character
from domain.model.dialog import Dialog, Message


@dataclass(frozen=True)
class DialogLine:
    """A dialog as shown in the list, or among search results."""

    dialog: Dialog
    character: Character
    last: Message | None
    found_message_id: int | None = None
    """The newest message that contains the search words; None if the title or the name does."""
    snippet: str = ""
    """A snippet of that message around the search words."""

    @property
    def name(self) -> str:
        return self.dialog.title or self.character.name


@dataclass(frozen=True)
class SearchResult:
    """Search results; incomplete if the search timed out before all dialogs had been searched."""

    lines: list[DialogLine]
    is_whole: bool


def line_of(
    dialog: Dialog, character: Character, last: Message | None, hit: Message | None, words: Sequence[str]
) -> DialogLine:
    if hit is None:
        return DialogLine(dialog, character, last)
    return DialogLine(dialog, character, last, hit.id, snippet_of(hit.text, words))
