"""Moderation mails: a measure was imposed or lifted, an appeal was answered."""

from __future__ import annotations

from datetime import datetime

from domain.clock import now
from domain.language import N_, Texts
from domain.mail.letters import Button, Mail, written

OF_PEOPLE = {
    "warning": N_("You have been given a warning in Beseda."),
    "hidden": N_("Your characters are no longer shown to others in Beseda's gallery."),
    "read_only": N_("For now you can only read in Beseda: you cannot write or change anything."),
    "blocked": N_("Your account in Beseda is blocked."),
}
OF_CHARACTERS = {
    "hidden": N_("Your character {name} is no longer shown in Beseda's gallery."),
    "to_mend": N_("Your character {name} is hidden until you have fixed it."),
    "blocked": N_("Your character {name} is blocked: nobody can talk with it."),
}
"""Texts by the kind of measure (domain/moderation/measure.py)."""


def measure_letter(
    _: Texts, to: str, kind: str, character: str, *, reason: str, words: str, until: datetime | None, link: str
) -> Mail:
    """Build the mail; `character` is the name of the character under the measure, "" if it is the user; `reason` is a
    key of the catalogue.
    """
    term = [_("Until: {moment}.", moment=_moment(_, until))] if until else []
    return written(
        to,
        _("A decision about your account in Beseda"),
        happened(_, kind, character),
        _("The reason: {reason}.", reason=_(reason)),
        *([words] if words else []),
        *term,
        _("You can also read this in Beseda, and answer it once if you disagree:"),
        Button(_("Open Beseda"), link),
        _rules(_, link),
    )


def lifted_letter(_: Texts, to: str, kind: str, character: str, link: str) -> Mail:
    return written(
        to,
        _("A decision about your account in Beseda has ended"),
        _("This is over and no longer has any effect:"),
        happened(_, kind, character),
        Button(_("Open Beseda"), link),
    )


def appeal_letter(_: Texts, to: str, kind: str, character: str, *, granted: bool, answer: str, link: str) -> Mail:
    return written(
        to,
        _("An answer to what you wrote about a decision in Beseda"),
        _("Somebody has looked at this once more:"),
        happened(_, kind, character),
        _("You were right: it is lifted.") if granted else _("It stays as it is."),
        *([answer] if answer else []),
        Button(_("Open Beseda"), link),
        _rules(_, link),
    )


def happened(_: Texts, kind: str, character: str) -> str:
    """The effect of the measure in one sentence."""
    return _(OF_CHARACTERS[kind], name=character) if character else _(OF_PEOPLE[kind])


def _rules(_: Texts, link: str) -> str:
    return _("The rules: {rules}. Whom to write to: {contact}.", rules=f"{link}/rules", contact=f"{link}/contact")


def _moment(_: Texts, moment: datetime) -> str:
    """A time in UTC, since the recipient's time zone is unknown."""
    return f"{_.day(moment, now())}, {_.time(moment)} UTC"
