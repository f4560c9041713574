"""Moderation mails: a measure was imposed or lifted, an appeal was answered."""

from __future__ import annotations

from datetime import datetime

from domain.clock import now
from domain.language import N_, Texts
from domain.mail.letters import Button, Mail, written

OF_PEOPLE = {
    "warning": N_("You have been given a warning on Beseda."),
    "hidden": N_("Your characters are no longer shown to others in the Beseda gallery."),
    "read_only": N_("For now you can only read on Beseda: you can't write or change anything."),
    "blocked": N_("Your Beseda account is blocked."),
}
OF_CHARACTERS = {
    "hidden": N_("Your character {name} is no longer shown in the Beseda gallery."),
    "to_mend": N_("Your character {name} is hidden until you fix it."),
    "blocked": N_("Your character {name} is blocked: nobody can chat with them."),
}
"""Effect of a measure, by its kind (domain/moderation/measure.py)."""

LIFTED_OF_PEOPLE = {
    "warning": N_("Your warning on Beseda has been withdrawn."),
    "hidden": N_("Your characters are no longer hidden from the Beseda gallery."),
    "read_only": N_("Your Beseda account is no longer limited to reading."),
    "blocked": N_("Your Beseda account is no longer blocked."),
}
LIFTED_OF_CHARACTERS = {
    "hidden": N_("Your character {name} is no longer hidden from the Beseda gallery."),
    "to_mend": N_("Your character {name} is no longer hidden."),
    "blocked": N_("Your character {name} is no longer blocked."),
}
"""Effect of lifting such a measure, or of its expiry."""


def measure_letter(
    _: Texts, to: str, kind: str, character: str, *, reason: str, words: str, until: datetime | None, link: str
) -> Mail:
    """Build the mail; `character` is the name of the character under the measure, "" if it is the user; `reason` is a
    key of the catalogue.
    """
    term = [_("Until: {moment}.", moment=_moment(_, until))] if until else []
    return written(
        to,
        _("A decision about your Beseda account"),
        happened(_, kind, character),
        _("Reason: {reason}.", reason=_(reason)),
        *([words] if words else []),
        *term,
        _("You can also read this on Beseda, and appeal once if you disagree:"),
        Button(_("Open Beseda"), f"{link}/notices"),
        _rules(_, link),
    )


def lifted_letter(_: Texts, to: str, kind: str, character: str, link: str) -> Mail:
    return written(
        to,
        _("A decision about your Beseda account is no longer in force"),
        lifted(_, kind, character),
        Button(_("Open Beseda"), f"{link}/notices"),
    )


def appeal_letter(_: Texts, to: str, kind: str, character: str, *, granted: bool, answer: str, link: str) -> Mail:
    outcome = [_("You were right, and it has been lifted."), lifted(_, kind, character)]
    return written(
        to,
        _("A reply to your message about a decision on Beseda"),
        _("We have looked at this decision again:"),
        happened(_, kind, character),
        *(outcome if granted else [_("The decision stands.")]),
        *([answer] if answer else []),
        Button(_("Open Beseda"), f"{link}/notices"),
        _rules(_, link),
    )


def happened(_: Texts, kind: str, character: str) -> str:
    """The effect of the measure in one sentence."""
    return _(OF_CHARACTERS[kind], name=character) if character else _(OF_PEOPLE[kind])


def lifted(_: Texts, kind: str, character: str) -> str:
    """The end of the measure in one sentence."""
    return _(LIFTED_OF_CHARACTERS[kind], name=character) if character else _(LIFTED_OF_PEOPLE[kind])


def _rules(_: Texts, link: str) -> str:
    return _("Rules: {rules}. Contact: {contact}.", rules=f"{link}/rules", contact=f"{link}/contact")


def _moment(_: Texts, moment: datetime) -> str:
    """A time in UTC, since the recipient's time zone is unknown."""
    return f"{_.day(moment, now())}, {_.time(moment)} UTC"
