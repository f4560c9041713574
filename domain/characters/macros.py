"""Macros (template placeholders): parts of the texts of a character and of its books that are filled in for each user
and reply: names, agreeing forms, chance, the clock, the last messages. Their meanings: domain/macros.

A provider's prompt cache is good up to the first change: macros that differ each time (`{{random:…}}`, `{{roll:…}}`,
`{{time}}`, `{{lastMessage}}`) belong late in the prompt, in the instruction after the conversation or in an entry of a
book at a depth; in the context they cost the cache of the whole conversation.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.language import N_
from domain.macros.context import NO_CONTEXT, MacroContext
from domain.macros.forms import Agreement
from domain.macros.meanings import Meanings
from domain.macros.template import Macro, Value, joined, values_of
from domain.model.character import Character
from domain.model.user import FormOfAddress, User

NOBODY = "гость"
"""Name of a visitor who is not logged in."""
MORE, MORE_IN_ALL = 4_000, 16_000
"""Limits on the characters that macros may add to one text, and to all texts of a prompt or of the greetings of a chat:
8,000 times «{{user}}» for somebody with a long name would fill the disk, and the model's window.
"""
MOST_IN_ALL = 3_000
"""Maximum macros in all these texts together."""


@dataclass(frozen=True)
class Form:
    """A line of the editor's menu: the text it inserts, and the catalogue's key of a description of the result."""

    text: str
    told: str


FORMS = (
    Form("{{char}}", N_("What the character is called")),
    Form("{{user}}", N_("The name of whoever is talking to them")),
    Form("{{user:рад|рада}}", N_("By the gender of whoever is talking to them: he, she. If unknown, both are written")),
    Form("{{char:рад|рада}}", N_("By the character's gender: he, she")),
    Form(
        "{{you:ты|вы}}", N_("By how they want to be addressed in Russian: informally, formally. If unknown, formally")
    ),
    Form("{{random:чай,кофе}}", N_("One of these, chosen anew each time")),
    Form("{{pick:чай,кофе}}", N_("One of these, the same throughout a chat")),
    Form("{{roll:6}}", N_("A number from 1 to 6, like the roll of a die; {{roll:2d6}} rolls two")),
    Form("{{time}}", N_("The time by the clock of whoever is talking to them; also {{date}} and {{weekday}}")),
    Form("{{idle_duration}}", N_("How long they had been silent before their last message")),
    Form("{{lastUserMessage}}", N_("What they said last; also {{lastCharMessage}} and {{lastMessage}}")),
    Form("{{// заметка}}", N_("A note to yourself: nobody else sees it, nor does the model")),
)


class Macros:
    """Fills in texts for one reader of one character; None is a visitor.

    If the values would lengthen a text by more than `MORE`, or all texts by more than `MORE_IN_ALL`, or if there are
    more macros than `MOST_IN_ALL`, the rest stays as it is.
    """

    def __init__(self, character: Character, person: User | None, context: MacroContext = NO_CONTEXT) -> None:
        agreement = Agreement(
            character.gender,
            person.gender if person else "",
            is_informal=person is not None and person.form_of_address == FormOfAddress.INFORMAL,
        )
        names = {"char": character.called, "user": person.display_name if person else NOBODY}
        self._meanings = Meanings(names, agreement, context)
        self._room = MORE_IN_ALL
        self._left = MOST_IN_ALL

    def fill(self, text: str, place: str = "") -> str:
        """The text as this user reads it, and as the model does in a conversation with them.

        `place` names its field or its entry of a book, for choices that are made once for a chat.
        """
        pieces, macros = self._meanings.read(text, place, self._left)
        self._left -= macros
        room = at_first = min(MORE, self._room)

        def meant(macro: Macro) -> Value:
            nonlocal room
            value = self._meanings.meant(macro)
            more = len(value) - len(macro.written) if isinstance(value, str) else 0
            if more > room:
                return None
            room -= more
            return value

        filled = joined(values_of(pieces, meant))
        self._room -= max(0, at_first - room)
        return filled

    def fill_all(self, field: str, texts: list[str]) -> list[str]:
        """The texts of a field that holds several."""
        return [self.fill(text, f"{field}.{place}") for place, text in enumerate(texts)]


def filled_in(text: str, character: Character, person: User | None, context: MacroContext = NO_CONTEXT) -> str:
    """Fill in a single text."""
    return Macros(character, person, context).fill(text)
