"""Mail messages: the mails Beseda sends, in the recipient's language, each as plain text and as simple HTML with the
same content.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Protocol

from domain.language import Texts


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True)
class Button:
    """A call to action: in HTML a button, in plain text the bare URL on a line of its own."""

    label: str
    address: str


@dataclass(frozen=True)
class Code:
    """A one-time code to be typed elsewhere: in HTML large, in plain text at the end of the previous line."""

    digits: str


class MailDeferred(Exception):
    """Transient failure: the mail server did not accept the mail now; a retry may succeed."""


class MailRejected(MailDeferred):
    """Permanent failure: the mail server will never accept this mail."""


class Mailer(Protocol):
    """A mail transport."""

    async def send(self, letter: Mail) -> None:
        """Send the mail; raises `MailDeferred`, or `MailRejected` if a retry is pointless."""


def sign_up_letter(_: Texts, to: str, link: str, code: str) -> Mail:
    return written(
        to,
        _("Your Beseda code: {code}", code=code),
        _("Hello! Someone, probably you, wants to chat with the characters of Beseda."),
        _("Open this link to finish signing up:"),
        Button(_("Finish signing up"), link),
        _("or enter this code on the page where you requested this email:"),
        Code(code),
        _("Both work for 30 minutes. If it wasn't you, just ignore this email."),
    )


def already_here_letter(_: Texts, to: str, link: str) -> Mail:
    return written(
        to,
        _("You already have a Beseda account"),
        _("Hello! Someone, probably you, wants to sign up for Beseda with this address."),
        _("You already have an account. Log in here:"),
        Button(_("Log in"), link),
        _("If it wasn't you, just ignore this email."),
    )


def log_in_letter(_: Texts, to: str, link: str, code: str) -> Mail:
    return written(
        to,
        _("Your Beseda login code: {code}", code=code),
        _("Hello! Someone, probably you, wants to log in to Beseda. You can also set a new password there."),
        _("Open this link to log in:"),
        Button(_("Log in"), link),
        _("or enter this code on the page where you requested this email:"),
        Code(code),
        _("Both work for 30 minutes. If it wasn't you, just ignore this email."),
    )


def nobody_here_letter(_: Texts, to: str, link: str) -> Mail:
    return written(
        to,
        _("No Beseda account with this address"),
        _("Hello! Someone, probably you, wants to log in to Beseda with this address."),
        _("There is no account with it. Maybe you signed up with another address; or sign up now:"),
        Button(_("Sign up"), link),
        _("If it wasn't you, just ignore this email."),
    )


def written(to: str, subject: str, *parts: str | Button | Code) -> Mail:
    """Build a mail from its paragraphs."""
    return Mail(to, subject, "\n\n".join(map(_as_text, parts)), _PAGE.format("\n".join(map(_as_html, parts))))


def _as_text(part: str | Button | Code) -> str:
    match part:
        case Button(_, address):
            return address
        case Code(digits):
            return digits
    return part


def _as_html(part: str | Button | Code) -> str:
    match part:
        case Button(label, address):
            return f'<p><a href="{escape(address)}" style="{_BUTTON}">{escape(label)}</a></p>'
        case Code(digits):
            return f'<p style="{_CODE}">{escape(digits)}</p>'
    return f"<p>{escape(part)}</p>"


# Some mail clients drop the style sheet, so essential styles are inline. Colours of text and background are left to the
# client: it knows whether its reader prefers light or dark.
_BUTTON = (
    "display: inline-block; padding: 10px 20px; border-radius: 8px;"
    " background: #b4532a; color: #ffffff; text-decoration: none"
)
_CODE = "font-size: 32px; letter-spacing: 6px"
_PAGE = """\
<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<style>
:root {{ color-scheme: light dark; }}
p {{ margin: 0 0 16px; }}
</style>
</head>
<body style="margin: 0 auto; max-width: 480px; padding: 24px 16px; font: 16px/1.5 system-ui, sans-serif">
{}
</body>
</html>
"""
