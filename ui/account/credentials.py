"""Credentials: the owner of an account changes its username, password and e-mail address."""

from __future__ import annotations

from nicegui import ui

from domain.services.groups import AccountServices
from ui.account.sign_in.code_form import CodeForm
from ui.request.errors import show_errors
from ui.request.notice import notify
from ui.request.visitor import Reader
from ui.widgets.heading import Heading


class UsernameForm:
    """A name to log in with instead of the address."""

    def __init__(self, accounts: AccountServices, reader: Reader) -> None:
        self._accounts = accounts
        self._reader = reader
        _ = reader._
        Heading(_("Username"), level=3)
        with ui.element("form").on("submit.prevent", self._change).props("novalidate"):
            self._name = ui.input(_("Username"), value=reader.must_be_somebody().username or "")
            self._name.props("outlined name=username autocomplete=username autocapitalize=none spellcheck=false")
            self._name.props["hint"] = _("Latin letters and digits; you can log in with it instead of your address")
            ui.button(_("Change username")).props("unelevated color=primary type=submit").classes("start")

    async def _change(self) -> None:
        with show_errors(self._reader, {"username": self._name}):
            caller = self._reader.must_be_logged_in()
            self._name.value = await self._accounts.profile.choose_username(caller, str(self._name.value or ""))
            notify(self._reader._("Saved."))


class PasswordForm:
    """A new password; the current one is asked for where the domain requires it."""

    def __init__(self, accounts: AccountServices, reader: Reader, *, asks_old: bool) -> None:
        self._accounts = accounts
        self._reader = reader
        _ = reader._
        Heading(_("Password"), level=3)
        with ui.element("form").on("submit.prevent", self._change).props("novalidate"):
            self._old = ui.input(_("Current password"), password=True, password_toggle_button=True)
            self._old.props("outlined name=old autocomplete=current-password").set_visibility(asks_old)
            self._new = ui.input(_("New password"), password=True, password_toggle_button=True)
            self._new.props("outlined name=password autocomplete=new-password").props["hint"] = _(
                "At least 8 characters. You will be logged out on all other devices."
            )
            ui.button(_("Change password")).props("unelevated color=primary type=submit").classes("start")

    async def _change(self) -> None:
        profile, caller = self._accounts.profile, self._reader.must_be_logged_in()
        with show_errors(self._reader, {"old": self._old, "password": self._new}):
            self._old.set_visibility(await profile.asks_old_password(caller))  # this may have changed
            await profile.set_password(caller, str(self._old.value or ""), str(self._new.value or ""))
            self._old.value = self._new.value = ""
            notify(self._reader._("Password changed."))


class EmailForm:
    """A new address: it is entered here, and confirmed by the link or code in the letter."""

    def __init__(self, accounts: AccountServices, reader: Reader) -> None:
        self._accounts = accounts
        self._reader = reader
        _, person = reader._, reader.must_be_somebody()
        Heading(_("Email"), level=3)
        self._present = ui.label(_("Your address: {address}", address=person.email or "—")).classes("muted")
        with ui.element("form").on("submit.prevent", self._ask).props("novalidate") as self._asking:
            self._email = ui.input(_("New email")).props("outlined type=email name=email autocomplete=email")
            self._old = ui.input(_("Current password"), password=True, password_toggle_button=True)
            self._old.props("outlined name=old autocomplete=current-password")
            ui.button(_("Change email")).props("unelevated color=primary type=submit").classes("start")
        self._confirming = CodeForm(_, self._confirm)
        with self._confirming:
            self._sent = ui.label().classes("letter-note")
            self._sent.move(target_index=0)
            with ui.element("div").classes("actions"):
                ui.button(_("Confirm address")).props("unelevated color=primary type=submit")
                ui.button(_("Use another address"), on_click=self._begin_anew).props("flat type=button")
        self._confirming.set_visibility(False)

    async def _ask(self) -> None:
        _ = self._reader._
        with show_errors(self._reader, {"email": self._email, "old": self._old}):
            email = str(self._email.value or "")
            await self._accounts.profile.ask_new_email(
                self._reader.must_be_logged_in(), str(self._old.value or ""), email
            )
            text = _("We sent an email to {address}. Open the link in it, or enter its code here.", address=email)
            self._sent.text = text
            self._asking.set_visibility(False)
            self._confirming.set_visibility(True)
            self._confirming.code.run_method("focus")

    async def _confirm(self) -> bool:
        _ = self._reader._
        with show_errors(self._reader, {"code": self._confirming.code}):
            token = await self._accounts.profile.open_by_code(str(self._email.value or ""), self._confirming.typed)
            email = await self._accounts.profile.confirm_email(token)
            self._present.text = _("Your address: {address}", address=email)
            self._email.value = self._old.value = ""
            self._begin_anew()
            notify(_("Email changed."))
        return False

    def _begin_anew(self) -> None:
        self._confirming.code.value = ""
        self._asking.set_visibility(True)
        self._confirming.set_visibility(False)
