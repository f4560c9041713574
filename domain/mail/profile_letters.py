"""Account mails: confirmation of a new address, and deletion of the account."""

from __future__ import annotations

from domain.language import Texts
from domain.mail.letters import Button, Code, Mail, written


def new_address_letter(_: Texts, to: str, link: str, code: str) -> Mail:
    return written(
        to,
        _("Confirm your new Beseda address: {code}", code=code),
        _("Hello! Someone, probably you, wants to use this address for their Beseda account."),
        _("Open this link to confirm it:"),
        Button(_("Confirm address"), link),
        _("or enter this code on the page where you requested this email:"),
        Code(code),
        _("Both work for 30 minutes. If it wasn't you, just ignore this email."),
    )


def address_taken_letter(_: Texts, to: str) -> Mail:
    return written(
        to,
        _("Someone wanted to use your address on Beseda"),
        _("Hello! Someone wanted to use this address for another Beseda account. It stays with yours."),
        _("If it was you: an address can belong to only one account. If not, you don't need to do anything."),
    )


def address_changed_letter(_: Texts, to: str, new: str) -> Mail:
    return written(
        to,
        _("Your Beseda address has changed"),
        _("Hello! Your Beseda account now has a different address: {address}.", address=new),
        _("If it wasn't you, someone knows your password: contact whoever runs this server right away."),
    )


def leaving_letter(_: Texts, to: str, code: str) -> Mail:
    return written(
        to,
        _("Deleting your Beseda account: {code}", code=code),
        _("Hello! Someone, probably you, wants to delete this Beseda account and all its chats."),
        _("Enter this code on the page where you requested this email:"),
        Code(code),
        _("It works for 30 minutes. If it wasn't you, don't enter it anywhere, and nothing will happen."),
    )
