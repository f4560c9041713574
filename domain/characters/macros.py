"""Macros (template placeholders): parts of a character's texts that are filled in for each user: names and agreeing
forms.

`{{char}}` and `{{user}}` are names; which form agrees is decided in domain/macro_forms.py. Letter case and spaces make
no difference. Anything else is left as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.language import N_
from domain.macro_forms import MACRO, Agreement
from domain.model.character import Character
from domain.model.user import FormOfAddress, User

NOBODY = "гость"
"""The name of a visitor who is not logged in."""
MORE, MORE_IN_ALL = 4_000, 16_000
"""Limits on the characters that macros may add to one text, and to all texts of a prompt or of the greetings of a chat:
8,000 times «{{user}}» for somebody with a long name would fill the disk, and the model's window.
"""


@dataclass(frozen=True)
class Form:
    """A line of the editor's menu: what it inserts, and a key of the catalogue that describes the result."""

    text: str
    told: str


FORMS = (
    Form("{{char}}", N_("The character's name")),
    Form("{{user}}", N_("The name of whoever is talking to them")),
    Form("{{user:рад|рада}}", N_("By the gender of whoever is talking to them: he, she. If unknown, both are written")),
    Form("{{char:рад|рада}}", N_("By the character's gender: he, she")),
    Form(
        "{{you:ты|вы}}", N_("By how they want to be addressed in Russian: informally, formally. If unknown, formally")
    ),
)


class Macros:
    """Fills in texts for one reader of one character; None is a visitor.

    Names are inserted as they are and never scanned again, so nobody's name can be a macro. Where names would lengthen
    a text by more than `MORE`, or all of them by more than `MORE_IN_ALL`, the rest stays as it is.
    """

    def __init__(self, character: Character, person: User | None) -> None:
        self._agreement = Agreement(
            character.gender,
            person.gender if person else "",
            is_informal=person is not None and person.form_of_address == FormOfAddress.INFORMAL,
        )
        self._names = {"char": character.name, "user": person.display_name if person else NOBODY}
        self._room = MORE_IN_ALL

    def fill(self, text: str) -> str:
        """The text as this user reads it, and the model in a conversation with them."""
        room = at_first = min(MORE, self._room)

        def meant(found: re.Match[str]) -> str:
            nonlocal room
            put_in = self._agreement.meant(found, self._names)
            more = len(put_in) - len(found[0])
            if more > room:
                return found[0]
            room -= more
            return put_in

        filled = MACRO.sub(meant, text)
        self._room -= max(0, at_first - room)
        return filled


def filled_in(text: str, character: Character, person: User | None) -> str:
    """Fill in a single text."""
    return Macros(character, person).fill(text)
