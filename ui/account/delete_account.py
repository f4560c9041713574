"""Account deletion: a collapsible section with a choice, a proof and one question."""

from __future__ import annotations

from nicegui import ui

from domain.services.groups import AccountServices
from ui.account.data_export import data_export_link
from ui.account.farewell_page import FAREWELL
from ui.request.errors import show_errors
from ui.request.notice import notify
from ui.request.visitor import Reader
from ui.widgets.confirm import ask_confirmation


def delete_account_section(accounts: AccountServices, reader: Reader) -> None:
    _ = reader._
    with ui.expansion(_("Delete account")).classes("leaving") as fold:
        fold.props["toggle-aria-label"] = _("Delete account")
        ui.label(
            _("Your chats, private characters, ratings and logins are deleted immediately and permanently.")
        ).classes("lead")
        ui.label(
            _(
                "A fingerprint of your address and linked accounts is kept for a day, so that daily limits don't "
                "start over, or for as long as a measure against you is in force. Your address can't be "
                "recovered from it."
            )
        ).classes("muted")
        data_export_link(_("Download my data first"))
        DeleteAccountForm(accounts, reader)


class DeleteAccountForm:
    """People without a password prove who they are by a code from a letter."""

    def __init__(self, accounts: AccountServices, reader: Reader) -> None:
        self._accounts = accounts
        self._reader = reader
        self._caller = reader.must_be_logged_in()
        _ = reader._
        with ui.element("form").on("submit.prevent", self._ask).props("novalidate"):
            ui.label(_("Your public characters:")).props("id=public-fate")
            fates = {"keep": _("stay in the gallery without your name"), "delete": _("are deleted as well")}
            person = reader.must_be_somebody()
            if person.is_blocked or person.is_hidden:  # the domain keeps none of their characters
                del fates["keep"]
            self._fate = ui.radio(fates, value=next(iter(fates))).props("aria-labelledby=public-fate")
            if reader.must_be_somebody().password_hash:
                self._proof = ui.input(_("Your password"), password=True, password_toggle_button=True)
                self._proof.props("outlined name=proof autocomplete=current-password")
            else:
                ui.button(_("Email me a code"), on_click=self._post_code).props("flat type=button").classes("start")
                self._proof = ui.input(_("Code from the email")).classes("code")
                self._proof.props("outlined name=proof inputmode=numeric autocomplete=one-time-code maxlength=6")
            ui.button(_("Delete my account")).props("outline color=negative type=submit").classes("start")

    async def _post_code(self) -> None:
        with show_errors(self._reader, {"proof": self._proof}):
            await self._accounts.erasure.mail_code(self._caller)
            notify(self._reader._("The email is on its way."))

    async def _ask(self) -> None:
        _ = self._reader._
        if not await ask_confirmation(_, _("Delete your account?"), _("This can't be undone.")):
            return
        ui.run_javascript("window.leaving = true")  # else the end of the session would redirect to the log-in
        with show_errors(self._reader, {"proof": self._proof}):
            await self._accounts.erasure.delete(
                self._caller, str(self._proof.value or ""), keep_public=self._fate.value == "keep"
            )
            ui.navigate.to(FAREWELL)
            return
        ui.run_javascript("window.leaving = false")
