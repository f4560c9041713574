"""Macro forms: which of the forms that a text offers agrees with whom it is said by and to.

`{{user:рад|рада}}` and `{{char:рад|рада}}` choose by gender, where a third form is for another or unstated one;
`{{you:ты|вы}}` chooses by the form of address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def _either(he: str, she: str) -> str:
    """Both forms, if the gender is unstated: «рад/рада», and for a mere ending «устал(а)»."""
    if he and she:
        return f"{he}/{she}"
    return f"({he or she})" if he or she else ""
