"""Dependencies shared by several groups of services: database, bus, model, and the reply services."""

from __future__ import annotations

from dataclasses import dataclass

from domain.crossing import Crossing
from domain.limit_counts import InDatabase
from domain.llm.port import LanguageModel
from domain.llm.select import language_model
from domain.mail.outbox import Outbox
from domain.mail.select import mailer
from domain.moderation.ban_evasion import BanEvasion
from domain.moderation.measure_notices import MeasureNotifier
from domain.pictures.photos import Photos
from domain.pictures.select import picture_files
from domain.rate_limits import InMemory, RateLimiter
from domain.secret import signing_secret
from domain.services.replies import ReplyServices, build_reply_services
from domain.settings.settings import Settings
from domain.usage.budget import TokenBudgets
from domain.usage.meter import Meter
from storage.bus import Bus
from storage.database import Database, Observer
from storage.files import Files
from storage.wire.select import wire_for


@dataclass(frozen=True)
class Shared:
    """Dependencies shared by several groups of services."""

    settings: Settings
    database: Database
    bus: Bus
    limits: RateLimiter
    files: Files
    photos: Photos
    model: LanguageModel
    budgets: TokenBudgets
    replies: ReplyServices
    outbox: Outbox
    ban_evasion: BanEvasion
    notifier: MeasureNotifier
    meter: Meter | None


def build_shared(settings: Settings, meter: Meter | None, observer: Observer | None) -> Shared:
    secret = signing_secret(settings)
    database = Database(
        settings.database, echo=settings.db_echo, connections=settings.db_connections, observer=observer
    )
    wire = wire_for(settings.database, settings.bus_url, instance=settings.instance_name, secret=secret)
    bus = Bus(wire, Crossing())
    limits = RateLimiter(InDatabase(database) if settings.counts_in_database else InMemory(), settings.limit_times)
    files = picture_files(settings)
    model = language_model(settings)
    budgets = TokenBudgets(settings.daily_tokens)
    outbox = Outbox(database, mailer(settings))
    return Shared(
        settings=settings,
        database=database,
        bus=bus,
        limits=limits,
        files=files,
        photos=Photos(database, files, limits),
        model=model,
        budgets=budgets,
        replies=build_reply_services(settings, database, bus, model=model, limits=limits, budgets=budgets, meter=meter),
        outbox=outbox,
        ban_evasion=BanEvasion(database, limits, secret=secret),
        notifier=MeasureNotifier(bus, outbox, address=settings.address),
        meter=meter,
    )
