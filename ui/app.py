"""Dependencies of every page and route: the domain's services in their groups, built once (domain/services)."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.checks.readiness import Readiness
from domain.rate_limits import RateLimiter
from domain.services.groups import (
    AccountServices,
    AdminServices,
    AuditServices,
    CardServices,
    CharacterServices,
    ChatServices,
    ModerationServices,
    PictureServices,
    Services,
)
from domain.settings.settings import Settings
from storage.bus import Bus
from storage.database import Database
from ui.acting import CredentialCache


@dataclass(frozen=True)
class App:
    settings: Settings
    database: Database
    bus: Bus
    limits: RateLimiter
    readiness: Readiness
    accounts: AccountServices
    characters: CharacterServices
    cards: CardServices
    pictures: PictureServices
    chat: ChatServices
    moderation: ModerationServices
    audit: AuditServices
    admin: AdminServices
    known_people: CredentialCache = field(default_factory=CredentialCache)


def app_over(services: Services) -> App:
    return App(
        settings=services.settings,
        database=services.database,
        bus=services.bus,
        limits=services.limits,
        readiness=services.readiness,
        accounts=services.accounts,
        characters=services.characters,
        cards=services.cards,
        pictures=services.pictures,
        chat=services.chat,
        moderation=services.moderation,
        audit=services.audit,
        admin=services.admin,
    )
