"""The letters Beseda writes, in the reader's language, and what is asked of whoever sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.language import Texts


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    text: str


class Mailer(Protocol):
    @property
    def prints_letters(self) -> bool:
        """Whether letters go to the server's log, so that a page can say where to look."""

    async def send(self, letter: Letter) -> None:
        """Hand the letter over."""


def sign_up_letter(_: Texts, to: str, link: str, code: str) -> Letter:
    lines = [
        _("Hello! Somebody, probably you, wants to talk with characters in Beseda."),
        _("Open this link to finish signing up:"),
        link,
        _("or type this code on the page where you asked for the letter: {code}", code=code),
        _("Both are good for 30 minutes. If it was not you, just leave this letter alone."),
    ]
    return Letter(to, _("Your way into Beseda: {code}", code=code), "\n\n".join(lines))


def already_here_letter(_: Texts, to: str, link: str) -> Letter:
    lines = [
        _("Hello! Somebody, probably you, wants to sign up in Beseda with this address."),
        _("You have an account here already. Log in:"),
        link,
        _("If it was not you, just leave this letter alone."),
    ]
    return Letter(to, _("You already have an account in Beseda"), "\n\n".join(lines))
