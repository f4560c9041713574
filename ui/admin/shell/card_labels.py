"""Labels of a card: what the fields of a character are called on the admins' pages."""

from __future__ import annotations

from domain.language import Texts


def card_labels(_: Texts) -> dict[str, str]:
    """The texts of a card by the names of their fields, in the order in which they are shown."""
    return {
        "name": _("Name"),
        "gender": _("Gender"),
        "teaser": _("Teaser"),
        "bio": _("Biography"),
        "interests": _("Interests"),
        "greeting": _("First message"),
        "other_greetings": _("Other first messages"),
        "notes": _("Author's notes"),
        "context": _("Context"),
        "personality": _("Personality"),
        "scenario": _("Scenario"),
        "examples": _("Examples"),
        "after_history": _("After the conversation"),
    }
