"""OAuth buttons («Log in with …»): a link for each enabled provider, and the sentence for a log-in that failed."""

from __future__ import annotations

import re
from enum import StrEnum

from nicegui import ui

from domain.accounts.identities import ADDRESS_TAKEN, ANOTHERS, ONE_EACH
from domain.accounts.providers import Provider
from domain.errors import AppError
from domain.language import N_
from domain.services.groups import AccountServices
from ui.request.visitor import Reader, door

DOORS = "/log-in/with"
"""Prefix of the OAuth routes: `/<provider>` redirects to the provider, which redirects back to `/<provider>/back`."""


MARKS = {"yandex": "Я", "vk": "VK", "github": "GH"}


class Refusal(StrEnum):
    """Reason that a log-in failed, as a code in the address: a sentence there could be made up by anybody."""

    CANCELLED = "cancelled"
    STALE = "stale"
    BLOCKED = "blocked"
    ADDRESS_TAKEN = "address"
    ANOTHERS = "anothers"
    ONE_EACH = "one"
    FAILED = "failed"


SENTENCES = {
    Refusal.CANCELLED: N_("Login with {provider} was cancelled."),
    Refusal.STALE: N_("That took too long, or you started again in another tab. Please try again."),
    Refusal.BLOCKED: N_("Your account is blocked."),
    Refusal.ADDRESS_TAKEN: ADDRESS_TAKEN,
    Refusal.ANOTHERS: ANOTHERS,
    Refusal.ONE_EACH: ONE_EACH,
    Refusal.FAILED: N_("{provider} didn't respond as expected. Try again later, or log in another way."),
}


def refusal_of(error: AppError) -> Refusal:
    """The domain's refusals are recognised by their text."""
    return next((refusal for refusal, text in SENTENCES.items() if text == error.text), Refusal.FAILED)


def provider_buttons(accounts: AccountServices, reader: Reader, then: str = "/") -> None:
    """Empty if no provider is enabled. `then` is the address to go to afterwards."""
    _ = reader._
    provider_refusal(accounts, reader)
    if not accounts.identities.providers:
        return
    with ui.element("div").classes("providers"):
        ui.label(_("or")).classes("providers-or muted")
        for provider in accounts.identities.providers:
            with ui.link(target=door(f"{DOORS}/{provider.key}", then)).classes("button quiet provider"):
                provider_mark(provider)
                ui.label(_("Log in with {provider}", provider=_(provider.name)))


def provider_refusal(accounts: AccountServices, reader: Reader) -> None:
    """The sentence for the code in the page's address, after a log-in by a provider that failed."""
    _, asked = reader._, ui.context.client.request.query_params
    provider = next((each for each in accounts.identities.providers if each.key == asked.get("by")), None)
    if provider is None or asked.get("refused") not in set(Refusal):
        return
    with ui.element("div").classes("letter-note").props("role=alert"):
        ui.label(_(SENTENCES[Refusal(asked["refused"])], provider=_(provider.name)))
        if re.fullmatch(r"[0-9a-f]{8}", asked.get("reference", "")):
            ui.label(_("Reference for support: {reference}", reference=asked["reference"])).classes("muted")


def provider_mark(provider: Provider) -> None:
    """A letter or two, hidden from screen readers."""
    ui.label(MARKS.get(provider.key, provider.name[:1].upper())).classes("provider-mark").props("aria-hidden=true")
