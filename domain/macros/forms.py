"""Macro forms: which of the forms that a text offers agrees with whom it is said by and to.

`{{user:рад|рада}}` and `{{char:рад|рада}}` choose by gender, where a third form is for another or unstated one;
`{{you:ты|вы}}` chooses by the form of address. The macros of characters' texts (domain/characters/macros.py) and the
lines of the demo model (domain/llm/demo) are filled in by these rules; its lines know no others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MACRO = re.compile(r"{{\s*(char|user|you)\s*(?::([^{}]*))?}}", re.IGNORECASE)
FEMALE, MALE = "female", "male"
TWO, THREE = 2, 3


@dataclass(frozen=True)
class Agreement:
    """Who speaks and who is spoken to, as far as it shows in a word's form; a gender may also be unstated."""

    character: str = ""
    person: str = ""
    is_informal: bool = False

    def choose(self, subject: str, forms: Sequence[str]) -> str | None:
        """The agreeing one of the forms; None if there are too few or too many to choose from."""
        if subject == "you":
            return forms[0 if self.is_informal else 1] if len(forms) == TWO else None
        if not TWO <= len(forms) <= THREE:
            return None
        he, she, *other = forms
        if subject == "char":
            return {MALE: he, FEMALE: she}.get(self.character, *other or [he])
        return {MALE: he, FEMALE: she}.get(self.person, *other or [_either(he, she)])

    def meant(self, found: re.Match[str], names: dict[str, str]) -> str:
        """What stands for a macro; `names` are those of `char` and `user`. One that means nothing stays as written."""
        subject, choices = found[1].lower(), found[2]
        chosen = names.get(subject) if choices is None else self.choose(subject, _forms(choices))
        return found[0] if chosen is None else chosen

    def fill(self, text: str, names: dict[str, str]) -> str:
        """The text with every macro filled in."""
        return MACRO.sub(lambda found: self.meant(found, names), text)


def _forms(choices: str) -> list[str]:
    return [each.strip() for each in choices.split("|")]


def _either(he: str, she: str) -> str:
    """Both forms, if the gender is unstated: «рад/рада», and for a mere ending «устал(а)»."""
    if he and she:
        return f"{he}/{she}"
    return f"({he or she})" if he or she else ""
