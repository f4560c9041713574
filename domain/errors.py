"""Error hierarchy: everything that can go wrong in a way the user should be told.

AppError
├── Invalid            an input is not valid; `field` says which
├── InvalidForm        several of them at once, one per field
├── NotFound           it does not exist, or not for this user (indistinguishable on purpose)
│   └── Gone           it was the user's own, and they have deleted it
├── NotAllowed         no permission: the user may see it but not do this
│   ├── ReadOnly       the account is read-only; `until` says how long
│   ├── NotAdmin       it is for admins only
│   └── NeedsAccount   it is for people who have signed up
├── SignedOut          nobody is logged in here any more
├── Blocked            the account is blocked
├── Busy               try again in a moment
├── RateLimited        a rate limit is exceeded; `until` says when to try again
└── ModelFault         the language model did not answer as it should (domain/llm/faults.py)

The text of an error is a key of the catalogue, in English with placeholders, such as
`Invalid("At most {limit} characters.", limit=64)`. It is translated where it is shown, by the reader's `Texts`
(domain/language.py). Values are data: they are only ever filled into the placeholders of our own template.
"""

from __future__ import annotations

from datetime import datetime
from math import ceil

from domain.clock import now
from domain.language import N_


class AppError(Exception):
    """A refusal with one plain sentence that can be shown to the user.

    `text` is a key of the catalogue, `values` fills its placeholders, `field` names the input it is shown next to.
    """

    def __init__(self, text: str, *, field: str = "", **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return self.text.format(**self.values)


class Invalid(AppError):
    """Validation error: an input is not valid."""


class InvalidForm(AppError):
    """Validation errors of a whole form: `errors` holds one `Invalid` per field."""

    def __init__(self, errors: list[Invalid]) -> None:
        super().__init__(N_("Check the marked fields."))
        self.errors = errors


class NotFound(AppError):
    """It does not exist, or not for this user: a stranger must not learn which."""


class Gone(NotFound):
    """It was the user's own, and they have deleted it. What an open page fetches of it then is no mistake."""


class NotAllowed(AppError):
    """The user may see it but has no permission to do this."""


class ReadOnly(NotAllowed):
    """The account is read-only for now. Where it is shown, fill {time} with `until` in the reader's time zone."""

    def __init__(self, until: datetime | None) -> None:
        text = (
            N_("Until {time} you can read here but not write.")
            if until
            else N_("For now you can read here but not write.")
        )
        super().__init__(text, field="text", **({"time": until} if until else {}))
        self.until = until


class NotAdmin(NotAllowed):
    """It is for admins only, and the user is not (or no longer) an admin."""

    def __init__(self) -> None:
        super().__init__(N_("This is for admins only."))


class NeedsAccount(NotAllowed):
    """It is for people with an account, and the user is only trying the place out (domain/trials.py)."""

    def __init__(self) -> None:
        super().__init__(N_("Please sign up first: this needs an account."), field="text")


class SignedOut(AppError):
    """The session has ended: log-out, password change, or time."""


class Blocked(AppError):
    """The account is blocked."""


class Busy(AppError):
    """Overloaded: the same request may succeed in a moment."""


class RateLimited(AppError):
    """A rate limit is exceeded (domain/rate_limits.py). Where it is shown, fill {time} with `until` in the reader's
    time zone.
    """

    def __init__(self, until: datetime, *, field: str = "") -> None:
        super().__init__(N_("Too many requests. Try again after {time}."), field=field, time=until)
        self.until = until

    @property
    def wait(self) -> int:
        """Whole seconds until then, at least one: the value of HTTP's Retry-After."""
        return max(1, ceil((self.until - now()).total_seconds()))


class ModelFault(AppError):
    """The language model did not answer as it should; `text` is what the person reads, the cause is chained."""
