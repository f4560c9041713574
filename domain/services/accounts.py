"""The services of accounts, built and wired together: ways in and out, profile, sessions."""

from __future__ import annotations

from domain.accounts.accounts import Accounts
from domain.accounts.first_admin import FirstAdmin
from domain.accounts.identities import Identities
from domain.accounts.log_in import LogIn
from domain.accounts.mailed_links import MailedLinks
from domain.accounts.notices import Notifications
from domain.accounts.password_attempts import PasswordAttempts
from domain.accounts.profile import ProfileEditing
from domain.accounts.providers import switched_on
from domain.accounts.sessions_list import SessionList
from domain.accounts.sign_up import SignUp
from domain.accounts.tokens import Tokens
from domain.cards.card_export import CardExport
from domain.chat.dialogs import Dialogs
from domain.data_export import DataExport
from domain.erasure import AccountErasure
from domain.secret import signing_secret
from domain.services.groups import AccountServices
from domain.services.shared import Shared
from domain.trials import Trials


def build_accounts(shared: Shared, dialogs: Dialogs, card_export: CardExport) -> AccountServices:
    settings, database, bus, limits = shared.settings, shared.database, shared.bus, shared.limits
    outbox, ban_evasion, address = shared.outbox, shared.ban_evasion, settings.address
    links = MailedLinks(database, limits, secret=signing_secret(settings))
    password_attempts = PasswordAttempts(limits)
    sessions = SessionList(database, bus)
    admin_emails = settings.admin_addresses
    return AccountServices(
        accounts=Accounts(database, bus),
        first_admin=FirstAdmin(database),
        trials=Trials(database, limits, messages=settings.trial_messages),
        sign_up=SignUp(database, links, outbox, ban_evasion, address=address, admin_emails=admin_emails),
        log_in=LogIn(database, links, password_attempts, outbox, bus, address=address),
        identities=Identities(database, ban_evasion, switched_on(settings), admin_emails),
        sessions=sessions,
        tokens=Tokens(
            database,
            bus,
            sessions,
            secret=signing_secret(settings),
            minutes=settings.access_token_expire_minutes,
            issuer=address,
        ),
        profile=ProfileEditing(
            database,
            bus,
            links=links,
            password_attempts=password_attempts,
            outbox=outbox,
            ban_evasion=ban_evasion,
            address=address,
        ),
        erasure=AccountErasure(
            database,
            bus,
            reply_writer=shared.replies.writer,
            photos=shared.photos,
            links=links,
            password_attempts=password_attempts,
            outbox=outbox,
            ban_evasion=ban_evasion,
        ),
        data_export=DataExport(database, dialogs, shared.photos, card_export, limits),
        notifications=Notifications(database),
    )
