"""Account mails: confirmation of a new address, and deletion of the account."""

from __future__ import annotations

from domain.language import Texts
from domain.mail.letters import Button, Code, Mail, written


def new_address_letter(_: Texts, to: str, link: str, code: str) -> Mail:
    return written(
        to,
        _("Your new address in Beseda: {code}", code=code),
        _("Hello! Somebody, probably you, wants to use this address for their account in Beseda."),
        _("Open this link to confirm it:"),
        Button(_("Confirm the address"), link),
        _("or type this code on the page where you asked for this e-mail:"),
        Code(code),
        _("Both are valid for 30 minutes. If it was not you, just ignore this e-mail."),
    )


def address_taken_letter(_: Texts, to: str) -> Mail:
    return written(
        to,
        _("Somebody wanted to use your address in Beseda"),
        _("Hello! Somebody wanted to use this address for another account in Beseda. It stays with yours."),
        _("If it was you: an address can belong to only one account. If not, there is nothing you need to do."),
    )


def address_changed_letter(_: Texts, to: str, new: str) -> Mail:
    return written(
        to,
        _("Your address in Beseda has changed"),
        _("Hello! Your account in Beseda now belongs to another address: {address}.", address=new),
        _("If it was not you, somebody knows your password: please write to whoever runs this server at once."),
    )


def leaving_letter(_: Texts, to: str, code: str) -> Mail:
    return written(
        to,
        _("Deleting your account in Beseda: {code}", code=code),
        _("Hello! Somebody, probably you, wants to delete this account in Beseda, with all its conversations."),
        _("Type this code on the page where you asked for this e-mail:"),
        Code(code),
        _("It is valid for 30 minutes. If it was not you, do not type it anywhere, and nothing will happen."),
    )
