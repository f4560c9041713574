"""Validation and normalisation: of addresses, usernames and display names. Each function returns the clean form or
raises why not.
"""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from domain.accounts.lookalikes import is_plain, mixes_scripts, stands_for_nothing_else
from domain.accounts.user import DISPLAY_NAME_LIMIT, EMAIL_LIMIT, USERNAME_LIMIT
from domain.errors import Invalid
from domain.signs import cleaned, on_one_line

USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
"""Latin letters only: a Cyrillic «а» in «аdmin» cannot be told from a Latin one by eye."""
SHORTEST_USERNAME = 3
NOBODYS_KEY = "@"
RESERVED = {"admin", "administrator", "beseda", "moderator", "root", "support", "system"}

BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Characters that count as letters or symbols but are invisible."""
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories with nothing to see: controls, direction overrides, lone surrogates, private and unassigned."""


def clean_email(typed: str) -> str:
    """The normalised address, if an account may have it; raises `Invalid` for the field `email`."""
    email = well_formed_email(typed)
    if looks_like_another(typed, email):
        raise Invalid("Please write the address in plain letters of one alphabet.", field="email")
    return email


def is_clean_email(typed: str) -> bool:
    """Whether `clean_email` accepts it."""
    try:
        return bool(clean_email(typed))
    except Invalid:
        return False


def well_formed_email(typed: str) -> str:
    """The address in a form that mail can be sent to: the domain normalised, the local part exactly as typed.

    Raises `Invalid` for the field `email`.
    """
    if len(typed) > EMAIL_LIMIT:  # before anything else: normalizing takes the square of the length
        raise Invalid("An address can be at most {limit} characters long.", field="email", limit=EMAIL_LIMIT)
    try:
        email = validate_email(typed.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise Invalid("This does not look like an e-mail address.", field="email") from error
    if len(email_key(email)) > EMAIL_LIMIT:  # the ASCII form of a domain is longer
        raise Invalid("This does not look like an e-mail address.", field="email")
    return email


def looks_like_another(typed: str, email: str) -> bool:
    """Whether the typed text, or the well-formed `email` it stands for, can visually be taken for another address."""
    local, _, domain = email.rpartition("@")  # a typed «xn--…» is here the letters that users see
    return not is_plain(typed.strip()) or any(map(mixes_scripts, [local, *domain.split(".")]))


def email_key(email: str) -> str:
    """The comparison key of an address, used for nothing else: mail goes to `User.email`, and rights are granted by it,
    never by what was typed.

    The local part ignores case and how a letter is composed; the domain is in its ASCII form by IDNA 2008. Whatever is
    not an address gets a key that nobody has.
    """
    if len(email) > EMAIL_LIMIT:
        return NOBODYS_KEY
    email = storable(email).strip()
    local, at, domain = email.rpartition("@") if "@" in email else (email, "", "")
    if stands_for_nothing_else(local):  # else the kelvin sign would become a k
        local = unicodedata.normalize("NFC", unicodedata.normalize("NFC", local).lower())
    return f"{local}{at}{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    """The domain in ASCII: «straße.de» is `xn--strae-oqa.de`, not `strasse.de`. What IDNA rejects is left as it is."""
    if domain.isascii():
        return domain.lower()
    if not stands_for_nothing_else(domain):
        return domain
    try:
        return validate_email(f"anybody@{domain}", check_deliverability=False, test_environment=True).ascii_domain
    except EmailNotValidError:
        return domain


def storable(typed: str) -> str:
    """The typed text made safe for a database query: without NUL and lone surrogates. Such a text finds nothing."""
    return "".join(sign for sign in typed if sign != "\0" and unicodedata.category(sign) != "Cs")


def clean_username(typed: str) -> str | None:
    """The username, None when left empty; raises `Invalid` for the field `username`."""
    typed = typed.strip()
    if not typed:
        return None
    if not SHORTEST_USERNAME <= len(typed) <= USERNAME_LIMIT:
        raise Invalid(
            "A username must be {shortest} to {longest} characters long.",
            field="username",
            shortest=SHORTEST_USERNAME,
            longest=USERNAME_LIMIT,
        )
    if not USERNAME.fullmatch(typed):
        raise Invalid(
            "A username consists of Latin letters and digits; dots, hyphens and underscores are allowed inside it.",
            field="username",
        )
    if typed.casefold() in RESERVED:
        raise Invalid("This username is taken.", field="username")
    return typed


def username_key(typed: str) -> str:
    """The comparison key of a username: case-insensitive, which matters only for ASCII letters here."""
    name = storable(typed).strip()
    return name.lower() if name.isascii() else name


def clean_display_name(typed: str) -> str:
    """The name others see; raises `Invalid` for the field `display_name`."""
    name = cleaned(typed, DISPLAY_NAME_LIMIT, on_one_line)
    if not name:
        raise Invalid("Please tell us what to call you.", field="display_name")
    if len(name) > DISPLAY_NAME_LIMIT:
        raise Invalid("A name can be at most {limit} characters long.", field="display_name", limit=DISPLAY_NAME_LIMIT)
    if not is_visible(name):
        raise Invalid("A name must consist of visible characters.", field="display_name")
    return name


def is_visible(text: str, *, allowed: str = "\u200d") -> bool:
    """Whether every character is visible or in `allowed` (the joiner inside emoji), and at least one shows
    something.
    """
    shows_something = any(not sign.isspace() and sign not in BLANK and sign not in allowed for sign in text)
    rest = text
    for sign in allowed:
        rest = rest.replace(sign, "")
    # The first check is fast and enough for nearly every text; the second also accepts rare spaces.
    hides_nothing = rest.isprintable() or all(unicodedata.category(sign) not in INVISIBLE for sign in rest)
    return (shows_something or not text) and hides_nothing


def without_invisible(text: str, *, allowed: str) -> str:
    """The text without invisible characters, except those in `allowed`."""
    return "".join(sign for sign in text if sign in allowed or unicodedata.category(sign) not in INVISIBLE)
