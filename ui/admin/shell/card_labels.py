"""Labels of a card: what the fields of a character are called on the admins' pages."""

from __future__ import annotations

from domain.language import Texts


def card_labels(_: Texts) -> dict[str, str]:
    """The texts of a card by the names of their fields, in the order in which they are shown."""
    return {
        "name": _("Name"),
        "nickname": _("Called in conversation"),
        "gender": _("Gender"),
        "language": _("Card language"),
        "teaser": _("Tagline"),
        "bio": _("About the character"),
        "interests": _("Interests"),
        "greeting": _("Greeting"),
        "other_greetings": _("Alternative greetings"),
        "notes": _("Author's notes"),
        "context": _("Who this is (for the model)"),
        "personality": _("Traits"),
        "scenario": _("Scenario"),
        "examples": _("Example dialogues"),
        "after_history": _("Final instruction"),
    }
