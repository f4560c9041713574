"""Admin role: who has it, and the rule that the last admin able to act can be neither removed nor blocked."""

from __future__ import annotations

import logging
from collections.abc import Collection

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.email_address import email_key
from domain.model.audit_entry import record_audit
from domain.model.user import User
from storage.database import LOCK_FOR_UPDATE

log = logging.getLogger(__name__)


async def is_last_admin(db: AsyncSession, user: User) -> bool:
    """Whether nobody else could act as admin. Locks the rows of all admins, in one order, until the transaction ends:
    two admins who remove each other at the same moment wait for one another.
    """
    if not user.is_admin:
        return False
    able = {each.id for each in await _locked_admins(db) if not each.is_blocked}
    return able == {user.id}


async def is_there_an_admin(db: AsyncSession, *, beside: User | None = None) -> bool:
    """Whether anybody besides `beside` can act as admin. Locks nothing."""
    able = select(User.id).where(col(User.is_admin), col(User.is_blocked).is_(False), col(User.deleted_at).is_(None))
    others = able.where(User.id != beside.id) if beside else able
    return (await db.exec(others.limit(1))).first() is not None


async def is_only_admin(db: AsyncSession, admin: User) -> bool:
    """Whether there is no other admin to ask. It does not matter if one comes or goes meanwhile."""
    return not await is_there_an_admin(db, beside=admin)


async def lock_to_delete(db: AsyncSession, user: User) -> None:
    """Lock the user's row for deletion, so that nothing can be added to the account. If the user is an admin, the
    admins before them are locked first, which keeps the common lock order.
    """
    if user.is_admin:
        await _locked_admins(db, col(User.id) < user.id)
    await db.exec(select(User.id).where(User.id == user.id).with_for_update())


async def _locked_admins(db: AsyncSession, *which: ColumnElement[bool]) -> list[User]:
    admins = select(User).where(col(User.is_admin), col(User.deleted_at).is_(None), *which)
    return list(await db.exec(admins.order_by(col(User.id)).with_for_update(**LOCK_FOR_UPDATE)))


def make_admin_if_listed(db: AsyncSession, user: User, addresses: Collection[str]) -> None:
    """Grant the admin role if the user's verified address is among those of the settings.

    The address must match exactly: where a mail server tells `Boss@` from `boss@`, they are two people.
    """
    if user.is_admin or user.email is None:
        return
    if user.email in addresses:
        user.is_admin = True
        record_admin_change(db, user)
    elif user.email_key in {email_key(each) for each in addresses}:
        log.warning("Person %s has an address of ADMIN_EMAILS but for its case, and is made no admin by it", user.id)


def record_admin_change(db: AsyncSession, user: User) -> None:
    """Record in the audit log that the admin role was granted or revoked: by the command line, the settings or the
    first admin's link.
    """
    action = "user.made_admin" if user.is_admin else "user.made_no_admin"
    record_audit(
        db, None, action, "user", user.id, person_id=user.id, changes={"admin": [not user.is_admin, user.is_admin]}
    )
