"""Everything that can go wrong in a way a person should hear about.

AppError
├── Invalid            something typed cannot be taken; `field` says where
├── InvalidForm        several of them at once, one for each field
├── NotFound           it is not there, or not for this person (the two look alike on purpose)
├── NotAllowed         the person may see it but not do this
│   ├── ReadOnly       the account may only read; `until` says how long
│   └── NotAdmin       it is for admins only
├── SignedOut          nobody is logged in here any more
├── Blocked            the account is blocked
├── Busy               try again in a moment
├── TooOften           a limit is reached; `until` says when to try again
└── ModelFault         the language model did not answer as it should (domain/llm/faults.py)

The text of an error is a key of the catalogue, in English with named places, such as
`Invalid("At most {limit} characters.", limit=64)`. Whoever shows it puts it through the reader's `Texts`
(domain/language.py). Values are data: they are only ever filled into the places of our own template.
"""

from __future__ import annotations

from datetime import datetime
from math import ceil

from domain.clock import now
from domain.language import N_


class AppError(Exception):
    """A refusal with one plain sentence, fit to be shown.

    `text` is a key of the catalogue, `values` fills its named places, `field` names the input it stands next to.
    """

    def __init__(self, text: str, *, field: str = "", **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return self.text.format(**self.values)


class Invalid(AppError):
    """Something typed cannot be taken."""


class InvalidForm(AppError):
    """What is wrong with a whole form: `errors` holds one `Invalid` for each field."""

    def __init__(self, errors: list[Invalid]) -> None:
        super().__init__(N_("Please look at the marked fields."))
        self.errors = errors


class NotFound(AppError):
    """Not there, or not for this person: a stranger must not learn which."""


class NotAllowed(AppError):
    """Seen, but not to be done by this person."""


class ReadOnly(NotAllowed):
    """The account may only read for now. Whoever shows it fills {time} with `until` in the reader's time zone."""

    def __init__(self, until: datetime | None) -> None:
        text = N_("You may only read here until {time}.") if until else N_("You may only read here.")
        super().__init__(text, field="text", **({"time": until} if until else {}))
        self.until = until


class NotAdmin(NotAllowed):
    """It is for admins only, and the person is none, or none any more."""

    def __init__(self) -> None:
        super().__init__(N_("This is for admins only."))


class SignedOut(AppError):
    """The session has ended: log-out, password change, or time."""


class Blocked(AppError):
    """The account is blocked."""


class Busy(AppError):
    """Too much at once; the same thing may go through in a moment."""


class TooOften(AppError):
    """A limit is reached (domain/limits.py). Whoever shows it fills {time} with `until` in the reader's time zone."""

    def __init__(self, until: datetime, *, field: str = "") -> None:
        super().__init__(N_("You are doing this too often. Please try again after {time}."), field=field, time=until)
        self.until = until

    @property
    def wait(self) -> int:
        """Whole seconds until then, at least one: what HTTP calls Retry-After."""
        return max(1, ceil((self.until - now()).total_seconds()))


class ModelFault(AppError):
    """The language model did not answer as it should; `text` is what the person reads, the cause rides along."""
