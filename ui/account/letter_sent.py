"""E-mail confirmation: a form asks for the address; after a letter was sent there, a page says to look into the
mailbox, or to type the code here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from nicegui import ui

from domain.accounts.log_in import LogIn
from domain.accounts.sign_up import SignUp
from domain.language import Texts
from domain.settings import Settings
from ui.request.errors import show_errors
from ui.request.notice import notify
from ui.request.visitor import Reader
from ui.widgets.heading import Heading

Ask = Callable[[str, str, str], Awaitable[None]]
AGAIN_AFTER = 60  # seconds


def letter_sent(
    settings: Settings, reader: Reader, to: str, way: SignUp | LogIn, ask: Ask, *, link_page: str, ask_page: str
) -> None:
    """`ask` has another letter sent, given the e-mail address, the language and the IP address.

    `link_page` is followed by the token that the right code is exchanged for; at `ask_page` one enters an address.
    """
    _ = reader._

    async def open_by_code() -> None:
        with show_errors(reader, {"code": code}):
            token = await way.open_by_code(to, code.value)
            ui.navigate.to(f"{link_page}/{token}")

    async def send_again() -> None:
        again.disable()
        with show_errors(reader):
            await ask(to, reader.preferences.language, reader.ip)
            notify(_("A new e-mail is on its way; the old link no longer works."))
        ui.timer(AGAIN_AFTER, again.enable, once=True)

    Heading(_("E-mail sent"))
    ui.label(_("We have sent an e-mail to {address}. Open the link in it, or type its code here.", address=to)).classes(
        "lead"
    )
    if settings.prints_letters:
        ui.label(_("This server has no mail set up: the e-mail is printed in the server's log, in a frame.")).classes(
            "letter-note"
        )
    with ui.element("form").on("submit.prevent", open_by_code).props("novalidate"):
        code = (
            ui.input(_("Code from the e-mail"))
            .props("outlined name=code inputmode=numeric autocomplete=one-time-code maxlength=6 autofocus")
            .classes("code")
        )
        ui.button(_("Continue")).props("unelevated color=primary type=submit").classes("full")
    with ui.element("div").classes("aside muted"):
        again = ui.button(_("Send again"), on_click=send_again).props("flat dense")
        ui.link(_("Another address"), ask_page)


def address_form(reader: Reader, ask: Ask, sent_page: str) -> None:
    """Where the address is entered: `ask` has a letter sent to it, and `sent_page` says so."""
    _ = reader._

    async def send() -> None:
        with show_errors(reader, {"email": email}):
            await ask(email.value, reader.preferences.language, reader.ip)
            ui.navigate.to(f"{sent_page}?to={quote(email.value.strip(), safe='@')}")

    with ui.element("form").on("submit.prevent", send).props("novalidate"):
        email = ui.input(_("E-mail")).props(
            "outlined type=email name=email autocomplete=email inputmode=email autofocus"
        )
        ui.button(_("Send the e-mail")).props("unelevated color=primary type=submit").classes("full")


def new_password_field(_: Texts, label: str) -> ui.input:
    field = ui.input(label, password=True, password_toggle_button=True)
    field.props("outlined name=password autocomplete=new-password").props["hint"] = _("8 characters or more")
    return field
