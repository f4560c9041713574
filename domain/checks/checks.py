"""Checks of what the server needs, one after the other: for the command line, and for admins on the State page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from domain.accounts.sessions import Caller, authorize_admin
from domain.checks.address_check import check_address
from domain.checks.backup_check import check_backups
from domain.checks.bus_check import check_bus
from domain.checks.database_check import check_database
from domain.checks.finding import Finding, Verdict
from domain.checks.machine_check import check_clock, check_disk
from domain.checks.mail_check import check_mail
from domain.checks.model_check import check_model
from domain.checks.pictures_check import check_pictures
from domain.llm.port import LanguageModel
from domain.rate_limits import SERVER_CHECKS, RateLimiter
from domain.settings.settings import Settings
from storage.database import Database
from storage.url import SQLITE


async def run_checks(settings: Settings, database: Database, model: LanguageModel) -> AsyncGenerator[Finding]:
    """Only addresses from the settings are asked; the model writes one short reply, which may cost something."""
    at_database = await check_database(database)
    yield at_database
    async for finding in check_model(settings, model):
        yield finding
    yield await check_mail(settings)
    yield await asyncio.to_thread(check_disk, settings.data_dir)
    if settings.pictures_url:
        yield await check_pictures(settings)
    if at_database.verdict != Verdict.WRONG:
        yield await check_backups(database)
        if database.dialect != SQLITE:
            yield await check_bus(settings)
        yield await check_clock(settings, database)
    yield await check_address(settings)


class ServerChecks:
    def __init__(self, settings: Settings, database: Database, model: LanguageModel, limits: RateLimiter) -> None:
        self._settings = settings
        self._database = database
        self._model = model
        self._limits = limits

    async def run(self, caller: Caller) -> AsyncGenerator[Finding]:
        """For admins; each finding comes as soon as it is there. Raises `RateLimited`."""
        async with self._database.read() as db:
            await authorize_admin(db, caller)
        await self._limits.take(SERVER_CHECKS, caller.user_id)
        async for finding in run_checks(self._settings, self._database, self._model):
            yield finding
