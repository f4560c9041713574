"""Findings of a check: its subject, verdict and advice. They name settings, never their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.language import N_, Texts


class Subject(StrEnum):
    DATABASE = "database"
    MODEL = "model"
    MAIL = "mail"
    DISK = "disk"
    PICTURES = "pictures"
    BACKUP = "backup"
    BUS = "bus"
    CLOCK = "clock"
    ADDRESS = "address"


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"
    """It works, but perhaps not as intended."""
    WRONG = "wrong"


SUBJECTS = {
    Subject.DATABASE: N_("Database"),
    Subject.MODEL: N_("Model"),
    Subject.MAIL: N_("Mail"),
    Subject.DISK: N_("Disk"),
    Subject.PICTURES: N_("Pictures"),
    Subject.BACKUP: N_("Backups"),
    Subject.BUS: N_("Instances"),
    Subject.CLOCK: N_("Clock"),
    Subject.ADDRESS: N_("Public address"),
}
VERDICTS = {Verdict.OK: N_("fine"), Verdict.NOTE: N_("note"), Verdict.WRONG: N_("wrong")}


PLAIN = 20
"""Numbers from this on are shown without a fraction, which would mean nothing."""


@dataclass(frozen=True)
class Finding:
    """`text` and `advice` are keys of the catalogue, `values` fill the placeholders of both."""

    subject: Subject
    verdict: Verdict
    text: str
    advice: str = ""
    values: Mapping[str, str | float] = field(default_factory=dict)

    def in_words(self, _: Texts) -> str:
        values = {name: value if isinstance(value, str) else _number(_, value) for name, value in self.values.items()}
        return " ".join(_(text, **values) for text in (self.text, self.advice) if text)


def _number(_: Texts, value: float) -> str:
    """As exact as a measurement is worth: «0,1», «7,5», «930»."""
    return _.number(round(value)) if value >= PLAIN else _.number(max(round(value, 1), 0.1))
