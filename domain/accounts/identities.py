"""External identities (OAuth, OpenID Connect): who a user is at another site (Yandex ID, VK ID, Google, GitHub …), and
which account that logs in to.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, UniqueConstraint, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.admins import make_admin_if_listed
from domain.accounts.former_accounts import FormerAccounts
from domain.accounts.providers import SUBJECT_LIMIT, Provider, ProviderProfile
from domain.accounts.sessions import Caller, LoginMethod, authenticate, open_session
from domain.accounts.validation import clean_display_name
from domain.clock import now
from domain.email_address import clean_email, email_key
from domain.errors import Invalid, NotAllowed
from domain.language import N_, Texts
from domain.model.user import DISPLAY_NAME_LIMIT, User
from storage.database import LOCK_FOR_REFERENCE, LOCK_FOR_UPDATE, Database, violates
from storage.tables import NO_ID_REUSE, Table

ADDRESS_TAKEN = N_(
    "There is already an account here with that email address. Log in to it as usual, then link the two in your "
    "profile."
)
ANOTHERS = N_("That login is already linked to another account here. Log in with it to see which one.")
ONE_EACH = N_("Another account from that site is already linked. Unlink that one first.")
LAST_WAY = N_("This is the only way to log in to your account. Set a password or add an email address first.")


class ExternalIdentity(Table, table=True):
    """An account is found by provider and subject, never by the e-mail address that a provider claims."""

    __tablename__ = "external_identity"

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    provider: str = Field(max_length=32)
    """The provider, by its `Provider.kept_as`."""
    subject: str = Field(max_length=SUBJECT_LIMIT)
    created_at: datetime = Field(default_factory=now)

    __table_args__ = (UniqueConstraint("provider", "subject"), NO_ID_REUSE)


@dataclass(frozen=True)
class ProviderLogIn:
    """A log-in by another site. `ticket`: domain/accounts/sessions.py."""

    ticket: str
    is_newcomer: bool
    """Whether the log-in created the account."""


class Identities:
    """Log-in through other sites. `providers` are those that are configured; users with an address in `admin_emails`
    become admins.
    """

    def __init__(
        self,
        database: Database,
        ban_evasion: FormerAccounts,
        providers: tuple[Provider, ...],
        admin_emails: Collection[str] = (),
    ) -> None:
        self._database = database
        self._ban_evasion = ban_evasion
        self._admin_emails = admin_emails
        self.providers = providers

    async def log_in(
        self, provider: Provider, profile: ProviderProfile, *, language: str, device: str = "", browser: str = ""
    ) -> ProviderLogIn:
        """Log in whoever the provider says it is; an unknown identity gets a new account.

        Raises `NotAllowed` if the address of a new identity already belongs to an account here: the user proves that
        they are the same person by logging in and linking the two.
        """
        try:
            return await self._let_in(provider, profile, language, device, browser)
        except IntegrityError as error:
            if not _somebody_was_faster(error):
                raise
        # the second attempt finds what the other one created
        return await self._let_in(provider, profile, language, device, browser)

    async def _let_in(
        self, provider: Provider, profile: ProviderProfile, language: str, device: str, browser: str
    ) -> ProviderLogIn:
        former: Sequence[int] = ()
        async with self._database.write() as db:
            # In this order: a first log-in creates both at once, so whoever sees the address of a faster one also sees
            # its identity.
            is_taken = await _address_is_taken(db, profile)
            found = select(User).join(ExternalIdentity).where(*_is(provider, profile))
            user = (await db.exec(found.with_for_update(**LOCK_FOR_REFERENCE, of=User))).first()
            is_newcomer = user is None
            if user is None:
                if is_taken:
                    raise NotAllowed(ADDRESS_TAKEN)
                user = await _newcomer(db, provider, profile, language)
                make_admin_if_listed(db, user, self._admin_emails)
                former = await self._ban_evasion.reapply(db, user, *self._fingerprints(provider, profile, user))
            ticket = open_session(db, user, LoginMethod.PROVIDER, device, browser)
        await self._ban_evasion.transfer_counts(former, user.id)
        return ProviderLogIn(ticket, is_newcomer)

    def _fingerprints(self, provider: Provider, profile: ProviderProfile, user: User) -> list[str]:
        address = [self._ban_evasion.of_address(user.email)] if user.email else []
        return [self._ban_evasion.of_identity(provider.kept_as, profile.subject), *address]

    async def link(self, caller: Caller, provider: Provider, profile: ProviderProfile) -> None:
        """Link the identity to the caller's account, so that it logs in to it too. Raises `Invalid` or `NotAllowed`."""
        try:
            async with self._database.write() as db:
                user = await _changing(db, caller)
                mine = select(ExternalIdentity.subject).where(
                    ExternalIdentity.user_id == user.id, ExternalIdentity.provider == provider.kept_as
                )
                linked = (await db.exec(mine)).first()
                if linked == profile.subject:
                    return
                if linked:
                    raise Invalid(ONE_EACH)
                db.add(ExternalIdentity(user_id=user.id, provider=provider.kept_as, subject=profile.subject))
                fingerprint = self._ban_evasion.of_identity(provider.kept_as, profile.subject)
                former = await self._ban_evasion.reapply(db, user, fingerprint)
        except IntegrityError as error:
            if violates(error, "uq_external_identity_provider_subject"):
                raise NotAllowed(ANOTHERS) from error
            raise
        await self._ban_evasion.transfer_counts(former, user.id)

    async def unlink(self, caller: Caller, provider: Provider) -> None:
        """Unlink the provider; idempotent. Raises `NotAllowed` if the account would be left with no way to log in."""
        async with self._database.write() as db:
            user = await _changing(db, caller)
            linked = await self._linked(db, user)
            others = [each for each in linked if each != provider]
            if provider in linked and not (user.password_hash or user.email or others):
                raise NotAllowed(LAST_WAY)
            unlinked = await db.exec(
                delete(ExternalIdentity)
                .where(col(ExternalIdentity.user_id) == user.id, col(ExternalIdentity.provider) == provider.kept_as)
                .returning(col(ExternalIdentity.subject))
            )
            for subject in unlinked.scalars().all():
                await self._ban_evasion.store_for_released_key(
                    db, user, self._ban_evasion.of_identity(provider.kept_as, subject)
                )

    async def list_own(self, caller: Caller) -> list[Provider]:
        """The providers linked to the caller's account."""
        async with self._database.read() as db:
            return await self._linked(db, await authenticate(db, caller))

    async def _linked(self, db: AsyncSession, user: User) -> list[Provider]:
        """Only configured providers: the others cannot log in."""
        kept = set(await db.exec(select(ExternalIdentity.provider).where(ExternalIdentity.user_id == user.id)))
        return [provider for provider in self.providers if provider.kept_as in kept]


async def _address_is_taken(db: AsyncSession, profile: ProviderProfile) -> bool:
    email = _usable_email(profile)
    if email is None:
        return False
    return (await db.exec(select(User.id).where(User.email_key == email_key(email)))).first() is not None


async def _newcomer(db: AsyncSession, provider: Provider, profile: ProviderProfile, language: str) -> User:
    """Create an account without a password. The address is kept only if the provider has verified it."""
    email = _usable_email(profile)
    _ = Texts(language)
    name = _usable_name(profile, _("Guest"))
    user = User(email=email, email_key=email and email_key(email), display_name=name, language=_.language)
    db.add(user)
    await db.flush()
    db.add(ExternalIdentity(user_id=user.id, provider=provider.kept_as, subject=profile.subject))
    await db.flush()
    return user


async def _changing(db: AsyncSession, caller: Caller) -> User:
    """Lock the caller's row until the end of the transaction: of two concurrent changes to their log-in methods the
    second sees the first.
    """
    user = await authenticate(db, caller)
    await db.refresh(user, with_for_update=LOCK_FOR_UPDATE)
    return user


def _is(provider: Provider, profile: ProviderProfile) -> tuple[bool, bool, bool]:
    """Conditions in SQL, which SQLModel's types call bool."""
    return (
        ExternalIdentity.provider == provider.kept_as,
        ExternalIdentity.subject == profile.subject,
        col(User.deleted_at).is_(None),  # type: ignore[return-value]  # one of those conditions
    )


def _usable_email(profile: ProviderProfile) -> str | None:
    if profile.email_is_verified:
        with suppress(Invalid):
            return clean_email(profile.email)
    return None


def _usable_name(profile: ProviderProfile, otherwise: str) -> str:
    """The provider's display name, cut to our limit, or `otherwise`; it may hold characters that we accept from
    nobody.
    """
    with suppress(Invalid):
        return clean_display_name(" ".join(profile.name[: 2 * DISPLAY_NAME_LIMIT].split())[:DISPLAY_NAME_LIMIT])
    return otherwise


def _somebody_was_faster(error: IntegrityError) -> bool:
    """Whether the account was created concurrently: of two first log-ins at the same moment a constraint refuses
    one.
    """
    return violates(error, "uq_external_identity_provider_subject") or violates(error, "uq_user_email_key")
