"""What people call themselves: addresses, usernames, names. Each function gives the clean form or says why not."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from domain.accounts.user import DISPLAY_NAME_LIMIT, EMAIL_LIMIT, USERNAME_LIMIT
from domain.errors import Invalid
from domain.signs import cleaned, on_one_line

USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
"""Latin letters only: a Cyrillic «а» in «аdmin» cannot be told from a Latin one by eye."""
SHORTEST_USERNAME = 3
RESERVED = {"admin", "administrator", "beseda", "moderator", "root", "support", "system"}

BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Signs that count as letters or symbols and show nothing."""
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories with nothing to see: controls, direction overrides, lone surrogates, private and unassigned."""


def clean_email(typed: str) -> str:
    """The address, fit to be written to; raises `Invalid` for the field `email`."""
    typed = typed.strip()
    if len(typed) > EMAIL_LIMIT:
        raise Invalid("An address has at most {limit} characters.", field="email", limit=EMAIL_LIMIT)
    try:
        email = validate_email(typed, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise Invalid("This does not look like an e-mail address.", field="email") from error
    if len(email_key(email)) > EMAIL_LIMIT:  # some single signs are compared as whole phrases
        raise Invalid("This does not look like an e-mail address.", field="email")
    return email


def email_key(email: str) -> str:
    """How addresses are compared: without regard to case and to how a letter is composed."""
    return unicodedata.normalize("NFKC", storable(email).strip()).casefold()


def storable(typed: str) -> str:
    """What somebody typed, fit for a question to the database: no NUL, no lone surrogate. It finds nothing then."""
    return "".join(sign for sign in typed if sign != "\0" and unicodedata.category(sign) != "Cs")


def clean_username(typed: str) -> str | None:
    """The username, None when left empty; raises `Invalid` for the field `username`."""
    typed = typed.strip()
    if not typed:
        return None
    if not SHORTEST_USERNAME <= len(typed) <= USERNAME_LIMIT:
        raise Invalid(
            "A username has {shortest} to {longest} characters.",
            field="username",
            shortest=SHORTEST_USERNAME,
            longest=USERNAME_LIMIT,
        )
    if not USERNAME.fullmatch(typed):
        raise Invalid(
            "A username is made of Latin letters and digits; dots, hyphens and underscores may stand inside.",
            field="username",
        )
    if typed.casefold() in RESERVED:
        raise Invalid("This username is taken.", field="username")
    return typed


def clean_display_name(typed: str) -> str:
    """The name others see; raises `Invalid` for the field `display_name`."""
    name = cleaned(typed, DISPLAY_NAME_LIMIT, on_one_line)
    if not name:
        raise Invalid("Please say what to call you.", field="display_name")
    if len(name) > DISPLAY_NAME_LIMIT:
        raise Invalid("A name has at most {limit} characters.", field="display_name", limit=DISPLAY_NAME_LIMIT)
    if not is_visible(name):
        raise Invalid("A name is made of letters and signs that can be seen.", field="display_name")
    return name


def is_visible(text: str, *, allowed: str = "\u200d") -> bool:
    """Whether every sign can be seen or is in `allowed` (the joiner inside emoji), and at least one shows something."""
    shows_something = any(not sign.isspace() and sign not in BLANK and sign not in allowed for sign in text)
    rest = text
    for sign in allowed:
        rest = rest.replace(sign, "")
    # The first question is quick and enough for nearly every text; the second also lets rare spaces through.
    hides_nothing = rest.isprintable() or all(unicodedata.category(sign) not in INVISIBLE for sign in rest)
    return (shows_something or not text) and hides_nothing


def without_invisible(text: str, *, allowed: str) -> str:
    """The text without the signs that cannot be seen, but for those in `allowed`."""
    return "".join(sign for sign in text if sign in allowed or unicodedata.category(sign) not in INVISIBLE)
