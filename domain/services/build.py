"""The services of the domain, built once and wired together, a group at a time."""

from __future__ import annotations

from domain.admin.announcements import Announcements
from domain.admin.characters import AdminCharacters
from domain.admin.details import AdminDetails
from domain.admin.dialogs import AdminDialogs
from domain.admin.page_texts import PageTexts
from domain.admin.people import AdminUsers
from domain.admin.quotas import Quotas
from domain.admin.server_status import ServerHealth
from domain.admin.staff_notes import StaffNotes
from domain.audit.dialog_access import DialogAccess
from domain.audit.journal import AuditLog
from domain.audit.names import AuditNames
from domain.background.job import BackgroundJob
from domain.books.book_entries import BookEntries
from domain.books.books import Books
from domain.books.copies import copy_knowledge
from domain.books.try_out import TryOut
from domain.books.worlds import Worlds
from domain.cards.book_export import BookExport
from domain.cards.book_import import BookImport
from domain.cards.card_export import CardExport
from domain.cards.card_import import CardImport
from domain.cards.card_pictures import CardPictures
from domain.cards.workers import Workers
from domain.characters.characters import Characters
from domain.characters.drafts import Drafts
from domain.characters.duplicate_restore import DuplicateRestore
from domain.characters.favourites import Favourites
from domain.characters.front_page import FrontPage
from domain.characters.gallery import Gallery
from domain.characters.interests import Interests
from domain.characters.popularity import Popularity
from domain.characters.relation import Relations
from domain.characters.suggestions import Suggestions
from domain.characters.unused_photos import PhotoSweeper
from domain.characters.versions import CharacterVersions
from domain.characters.votes import Votes
from domain.characters.writing_help import WritingHelp
from domain.chat.ask import ReplyRequests
from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.dialog_copies import DialogCopies
from domain.chat.dialogs import Dialogs
from domain.chat.list_updates import DialogListRelay
from domain.chat.message_marks import MessageMarks
from domain.chat.model_choice import ModelChoice
from domain.chat.recently_deleted import RecentlyDeleted
from domain.chat.replies.abandoned_replies import AbandonedReplies
from domain.chat.replies.distant_replies import DistantReplies
from domain.checks.checks import ServerChecks
from domain.checks.readiness import Readiness
from domain.instances.clock_skew import ClockSkew
from domain.llm.select import timeouts_of
from domain.memory.editing.dialog_memory import DialogMemory
from domain.moderation.appeals import Appeals
from domain.moderation.measure_expiry import MeasureExpiry
from domain.moderation.measures import Measures
from domain.moderation.open_sessions import OpenSessions
from domain.moderation.report_history import ReportHistory
from domain.moderation.report_queue import ReportQueue
from domain.moderation.reports import Reports
from domain.pictures.avatars import Avatars
from domain.retention import Bin
from domain.services.accounts import build_accounts
from domain.services.groups import (
    AdminServices,
    AuditServices,
    CardServices,
    CharacterServices,
    ChatServices,
    ModerationServices,
    PictureServices,
    Services,
)
from domain.services.shared import Shared, build_shared
from domain.settings.settings import Settings
from domain.statistics.overview import Overview
from domain.statistics.roll_up import RollUp
from domain.usage.meter import Meter
from storage.database import Observer


def build_services(settings: Settings, meter: Meter | None = None, observer: Observer | None = None) -> Services:
    """Build everything and wire it together; nothing runs yet."""
    shared = build_shared(settings, meter, observer)
    card_workers = Workers()
    clock_skew = ClockSkew(shared.database)
    chat = _chat(shared)
    cards = _cards(shared, card_workers)
    accounts = build_accounts(shared, chat.dialogs, cards.exporting)
    return Services(
        settings=settings,
        database=shared.database,
        bus=shared.bus,
        limits=shared.limits,
        accounts=accounts,
        characters=_characters(shared),
        cards=cards,
        pictures=PictureServices(avatars=Avatars(shared.database, shared.photos), photos=shared.photos),
        chat=chat,
        moderation=_moderation(shared),
        audit=_audit(shared),
        admin=_admin(shared),
        readiness=Readiness(shared.database, shared.bus.wire, clock_skew),
        reply_writer=shared.replies.writer,
        model=shared.model,
        clock_skew=clock_skew,
        in_background=[
            shared.bus.wire,
            clock_skew,
            *shared.replies.in_background,
            accounts.trials,
            accounts.sessions.use,
            *_in_background(shared),
            card_workers,
        ],
    )


def _in_background(shared: Shared) -> list[BackgroundJob]:
    """The background jobs that belong to no group of services."""
    database, bus, writer = shared.database, shared.bus, shared.replies.writer
    return [
        AbandonedReplies(database, bus, writer.is_writing),
        DistantReplies(database, bus, writer.is_writing),
        Bin(database),
        MeasureExpiry(database, bus, writer, shared.notifier),
        OpenSessions(database, bus),
        shared.ban_evasion,
        shared.outbox,
        DialogListRelay(database, bus),
        RollUp(database),
        PhotoSweeper(database, shared.photos),
        Popularity(database),
    ]


def _characters(shared: Shared) -> CharacterServices:
    database, photos, limits = shared.database, shared.photos, shared.limits
    return CharacterServices(
        characters=Characters(database, photos, limits),
        gallery=Gallery(database, limits),
        front_page=FrontPage(database),
        suggestions=Suggestions(database),
        interests=Interests(database),
        favourites=Favourites(database),
        votes=Votes(database),
        relations=Relations(database),
        drafts=Drafts(database, limits),
        duplicates=DuplicateRestore(database, photos, limits, [copy_knowledge]),
        writing_help=WritingHelp(
            database,
            shared.model,
            shared.replies.writer.places,
            limits,
            deadlines=timeouts_of(shared.settings),
            budgets=shared.budgets,
            prices=shared.settings.prices,
            meter=shared.meter,
        ),
        versions=CharacterVersions(database, limits),
    )


def _cards(shared: Shared, workers: Workers) -> CardServices:
    database, photos, limits = shared.database, shared.photos, shared.limits
    pictures = CardPictures(database, photos, limits)
    return CardServices(
        importing=CardImport(database, photos, limits, workers, pictures),
        exporting=CardExport(database, photos, limits, workers),
        pictures=pictures,
        book_import=BookImport(database, limits, workers),
        book_export=BookExport(database, limits, workers),
        books=Books(database, limits),
        entries=BookEntries(database, limits),
        worlds=Worlds(database, limits),
        try_out=TryOut(database, limits),
    )


def _chat(shared: Shared) -> ChatServices:
    database, bus, limits, replies = shared.database, shared.bus, shared.limits, shared.replies
    settings, writer = shared.settings, shared.replies.writer
    chat = Chat(database, bus, writer)
    return ChatServices(
        chat=chat,
        branches=Branches(database, bus, writer),
        recently_deleted=RecentlyDeleted(database),
        dialogs=Dialogs(database, bus, limits),
        copies=DialogCopies(database, bus, limits),
        marks=MessageMarks(database, bus),
        replies=ReplyRequests(database, bus, writer, chat),
        model_choice=ModelChoice(database, settings.models, settings.temperature, writer.prompts),
        memory_keeper=replies.memory_keeper,
        memory=DialogMemory(database, bus, limits, replies.memory_reader, replies.memory_keeper),
    )


def _moderation(shared: Shared) -> ModerationServices:
    database, bus, writer, notifier = shared.database, shared.bus, shared.replies.writer, shared.notifier
    return ModerationServices(
        measures=Measures(database, bus, writer, notifier),
        appeals=Appeals(database, bus, writer, notifier),
        report_history=ReportHistory(database),
        report_queue=ReportQueue(database, bus),
        reports=Reports(database, bus, shared.limits),
    )


def _audit(shared: Shared) -> AuditServices:
    database, bus, replies, tells = shared.database, shared.bus, shared.replies, shared.settings.tell_when_read
    return AuditServices(
        log=AuditLog(database),
        names=AuditNames(database),
        dialog_access=DialogAccess(database, bus, replies.writer, replies.memory_reader, tell_the_person=tells),
    )


def _admin(shared: Shared) -> AdminServices:
    settings, database, bus, budgets = shared.settings, shared.database, shared.bus, shared.budgets
    bucket = shared.files if settings.pictures_url else None
    return AdminServices(
        overview=Overview(database),
        staff_notes=StaffNotes(database),
        people=AdminUsers(database, budgets),
        characters=AdminCharacters(database),
        dialogs=AdminDialogs(database),
        details=AdminDetails(database, bus),
        quotas=Quotas(database, budgets),
        announcements=Announcements(database, bus),
        page_texts=PageTexts(database, contact=settings.contact),
        server_status=ServerHealth(database, shared.replies.writer, settings.data_dir, bucket=bucket),
        server_checks=ServerChecks(settings, database, shared.model, shared.limits),
    )
