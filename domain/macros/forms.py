"""Macro forms: choose the word form that agrees with a speaker's gender or with the form of address.

`{{user:рад|рада}}` and `{{char:рад|рада}}` choose by gender; a third form is for another or an unstated gender.
`{{you:ты|вы}}` chooses by the form of address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FEMALE, MALE = "female", "male"
TWO, THREE = 2, 3


@dataclass(frozen=True)
class Agreement:
    """The genders of character and person, and the form of address between them. A gender may also be unstated."""

    character: str = ""
    person: str = ""
    is_informal: bool = False

    def choose(self, subject: str, forms: Sequence[str]) -> str | None:
        """The form that agrees; None if there are too few or too many to choose from."""
        if subject == "you":
            return forms[0 if self.is_informal else 1] if len(forms) == TWO else None
        if not TWO <= len(forms) <= THREE:
            return None
        he, she, *other = forms
        if subject == "char":
            return {MALE: he, FEMALE: she}.get(self.character, *other or [he])
        return {MALE: he, FEMALE: she}.get(self.person, *other or [_either(he, she)])


def _either(he: str, she: str) -> str:
    """Both forms, for an unstated gender: «рад/рада», or «устал(а)» if one is a mere ending."""
    if he and she:
        return f"{he}/{she}"
    return f"({he or she})" if he or she else ""
