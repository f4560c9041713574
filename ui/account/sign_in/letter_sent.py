"""E-mail confirmation: a form asks for the address; once a letter is sent there, a page says to look into the mailbox,
or to type the code here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.accounts.log_in import LogIn
from domain.accounts.mailed_links import Onward
from domain.accounts.sign_up import SignUp
from domain.language import Texts
from domain.settings.settings import Settings
from ui.account.sign_in.code_form import CodeForm
from ui.request.errors import show_errors
from ui.request.notice import notify
from ui.request.visitor import Reader, door
from ui.widgets.heading import Heading

Ask = Callable[[str, str, str, Onward], Awaitable[None]]
AGAIN_AFTER = 60  # seconds before another letter may be requested


def letter_sent(
    settings: Settings,
    reader: Reader,
    to: str,
    way: SignUp | LogIn,
    ask: Ask,
    *,
    link_page: str,
    ask_page: str,
    then: str,
) -> None:
    """`ask` has another letter sent, given the e-mail address, the language, the IP address and the `Onward`.

    The right code is exchanged for a token, which is appended to `link_page`; `ask_page` asks for another address.
    """
    _ = reader._

    async def open_by_code() -> bool:
        with show_errors(reader, {"code": form.code}):
            token = await way.open_by_code(to, form.typed)
            ui.navigate.to(f"{link_page}/{token}")
            return True
        return False

    async def send_again() -> None:
        again.disable()
        with show_errors(reader):
            await ask(to, reader.preferences.language, reader.ip, onward(reader, then))
            notify(_("A new email is on its way. The old link no longer works."))
        ui.timer(AGAIN_AFTER, again.enable, once=True)

    Heading(_("Check your email"))
    ui.label(_("We sent an email to {address}. Open the link in it, or enter its code here.", address=to)).classes(
        "lead"
    )
    if settings.prints_letters:
        ui.label(
            _("This server can't send email yet. The message is in the server's log: ask whoever runs it.")
        ).classes("letter-note")
    form = CodeForm(_, open_by_code)
    form.code.props("autofocus")
    with form:
        ui.button(_("Continue")).props("unelevated color=primary type=submit").classes("full")
    with ui.element("div").classes("aside muted"):
        again = ui.button(_("Send again"), on_click=send_again).props("flat dense")
        ui.link(_("Use another address"), door(ask_page, then))


def onward(reader: Reader, then: str) -> Onward:
    """State carried by a letter's link: the address to go on to, and the trial from before the sign-up."""
    return Onward(then, reader.trial.caller if reader.trial else None)


def address_form(reader: Reader, ask: Ask, sent_page: str, then: str) -> None:
    """The form for the address: `ask` has a letter sent to it, and `sent_page` says so."""
    _ = reader._

    async def send() -> None:
        with show_errors(reader, {"email": email}):
            await ask(email.value, reader.preferences.language, reader.ip, onward(reader, then))
            ui.navigate.to(door(sent_page, then, to=email.value.strip()))

    with ui.element("form").on("submit.prevent", send).props("novalidate"):
        email = ui.input(_("Email")).props(
            "outlined type=email name=email autocomplete=email inputmode=email autofocus"
        )
        ui.button(_("Send email")).props("unelevated color=primary type=submit").classes("full")


def new_password_field(_: Texts, label: str) -> ui.input:
    field = ui.input(label, password=True, password_toggle_button=True)
    field.props("outlined name=password autocomplete=new-password").props["hint"] = _("At least 8 characters")
    return field
