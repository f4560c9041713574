"""Mail addresses: checked, cleaned, and the key by which they are compared."""

from __future__ import annotations

import unicodedata
from email.utils import parseaddr
from typing import TYPE_CHECKING

from domain.confusables import has_no_lookalikes, is_nfkc_stable, mixes_scripts
from domain.errors import Invalid
from domain.text import without_unstorable

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

EMAIL_LIMIT = 254

NOBODYS_KEY = "@"


def clean_email(typed: str) -> str:
    """The normalised address, if an account may have it; raises `Invalid` for the field `email`."""
    email = well_formed_email(typed)
    if looks_like_another(typed, email):
        raise Invalid("Use letters of a single alphabet in the address.", field="email")
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
    if len(typed) > EMAIL_LIMIT:  # before anything else: the time to normalise grows with the square of the length
        raise Invalid("An address can be at most {limit} characters long.", field="email", limit=EMAIL_LIMIT)
    read = _read(typed.strip())
    if read is None or len(email_key(read.normalized)) > EMAIL_LIMIT:  # the ASCII form of a domain is longer
        raise Invalid("This doesn't look like an email address.", field="email")
    return read.normalized


def looks_like_another(typed: str, email: str) -> bool:
    """Whether the typed text, or the well-formed `email` it stands for, can visually be taken for another address."""
    local, _, domain = email.rpartition("@")  # a typed «xn--…» has become the letters that users see
    return not has_no_lookalikes(typed.strip()) or any(map(mixes_scripts, [local, *domain.split(".")]))


def email_key(email: str) -> str:
    """The comparison key of an address, used for nothing else: mail goes to `User.email`, and rights are granted by it,
    never by what was typed.

    The local part ignores case and how a letter is composed; the domain is in its ASCII form by IDNA 2008. Whatever is
    not an address gets a key that nobody has.
    """
    if len(email) > EMAIL_LIMIT:
        return NOBODYS_KEY
    email = without_unstorable(email).strip()
    local, at, domain = email.rpartition("@") if "@" in email else (email, "", "")
    if is_nfkc_stable(local):  # else the kelvin sign would become a k
        local = unicodedata.normalize("NFC", unicodedata.normalize("NFC", local).lower())
    return f"{local}{at}{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    """The domain in ASCII: «straße.de» is `xn--strae-oqa.de`, not `strasse.de`. What IDNA rejects is left as it is."""
    if domain.isascii():
        return domain.lower()
    if not is_nfkc_stable(domain):
        return domain
    read = _read(f"anybody@{domain}")
    return read.ascii_domain if read and read.ascii_domain else domain


def is_sender(text: str) -> bool:
    """Whether it is an address, optionally with a name before it."""
    _name, address = parseaddr(text)
    return _read(address) is not None and text.isprintable()


def _read(address: str) -> ValidatedEmail | None:
    """The library's reading of an address; None if it is not one."""
    from email_validator import EmailNotValidError, validate_email  # imported with the first address, not at the start

    try:
        return validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
