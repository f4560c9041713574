"""Character form (component): a single element, since what is typed stays in the browser until it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from nicegui import ui

from domain.characters.drafts import KINDS
from domain.characters.writing_prompt import WritingTask
from ui.socket.shapes import Flag, Number, OneOf, Record, Small, Takes, Text

THEN = ("", "chat", "knowledge")
"""Destinations after saving: the character's page, a new chat, the character's knowledge in the editor."""


@dataclass(frozen=True)
class Fields:
    """The whole form, valid or not. `longest` limits all texts together; it is higher than the limits of all fields, so
    that the domain can say what is too long.
    """

    longest: int = 300_000
    most_in_a_list: int = 100

    def fits(self, value: object) -> bool:
        if not isinstance(value, dict) or not value.keys() <= KINDS.keys():
            return False
        texts = [each for each in value.values() if isinstance(each, str)]
        others = []
        for each in value.values():
            if isinstance(each, list):
                if len(each) > self.most_in_a_list or not all(isinstance(text, str) for text in each):
                    return False
                texts += each
            elif not isinstance(each, str):
                others.append(each)
        return sum(map(len, texts)) <= self.longest and Small(deepest=1).fits(others)


class EditorForm(ui.element, component="editor_form.js"):
    """Starts with `saved`, overlaid by `typed` if there is a draft; both are keyed by the names in `EDITABLE`. `twice`
    are the fields of `typed` in which somebody else saved something meanwhile.

    Emits with {fields}: `show` (typed: preview it), `keep` {asked} (store as a draft), `save` {then}, `help` {asked,
    field, wish}. Emits `known` {field} (the person has chosen in a field of `twice`), `versions` {unsaved}. Emits
    without arguments: `discard`, `help_cancel`, `duplicate`, `remove`, `restore`.

    `words` are the other props, made by ui/editor/editor_labels.py. `faults` are the fields that an admin wants fixed,
    each with a sentence.
    """

    TAKES: ClassVar[Takes] = {
        "show": Record({"fields": Fields()}),
        "keep": Record({"fields": Fields(), "asked": Number()}),
        "save": Record({"fields": Fields(), "then": OneOf(frozenset(THEN))}),
        "help": Record(
            {"fields": Fields(), "asked": Number(), "field": Text(40), "wish": OneOf(frozenset(WritingTask))}
        ),
        "known": Record({"field": OneOf(frozenset(KINDS))}),
        "versions": Record({"unsaved": Flag()}),
        **dict.fromkeys(("discard", "help_cancel", "duplicate", "remove", "restore")),
    }

    def __init__(
        self,
        saved: Mapping[str, Any],
        typed: Mapping[str, Any],
        twice: Sequence[str],
        words: Mapping[str, Any],
        faults: Mapping[str, str],
    ) -> None:
        super().__init__()
        self._props.update({"saved": dict(saved), "typed": dict(typed) or None, "twice": list(twice)})
        self._props.update({"faults": dict(faults), **words})

    def shown(self, greeting: str, bio: str, text: str, tokens: str) -> None:
        """Show the preview: the first bubble as safe HTML, the beginning of the description, what the model is told,
        and how many tokens that is.
        """
        self.run_method("shown", {"greeting": greeting, "bio": bio, "text": text, "tokens": tokens})

    def kept(self, asked: int, time: str) -> None:
        self.run_method("kept", asked, time)

    def not_kept(self, asked: int) -> None:
        self.run_method("notKept", asked)

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show a sentence for each invalid field, above the form and at the field."""
        self.run_method("refuse", dict(errors))

    def again(self) -> None:
        """Saving failed for now, though no field is invalid: let the person try again."""
        self.run_method("again")

    def leave(self, address: str) -> None:
        """Leave the page without asking, since the form is saved."""
        self.run_method("leave", address)

    def take_photo(self, token: str) -> None:
        """Take a picture that the card brought, as if it had been uploaded."""
        self.run_method("takePhoto", token)

    def removed(self, *, gone: bool) -> None:
        self.run_method("removed", gone)

    def helped(self, asked: int, text: str) -> None:
        self.run_method("helped", asked, text)

    def help_refused(self, asked: int, sentence: str) -> None:
        self.run_method("helpRefused", asked, sentence)
