"""The services of the domain, built once and plugged together."""

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
from domain.crossing import Crossing
from domain.data_export import DataExport
from domain.erasure import AccountErasure
from domain.instances.clock_skew import ClockSkew
from domain.limit_counts import InDatabase
from domain.llm.select import language_model, timeouts_of
from domain.mail.outbox import Outbox
from domain.mail.select import mailer
from domain.memory.editing.dialog_memory import DialogMemory
from domain.moderation.appeals import Appeals
from domain.moderation.ban_evasion import BanEvasion
from domain.moderation.measure_expiry import MeasureExpiry
from domain.moderation.measure_notices import MeasureNotifier
from domain.moderation.measures import Measures
from domain.moderation.open_sessions import OpenSessions
from domain.moderation.report_history import ReportHistory
from domain.moderation.report_queue import ReportQueue
from domain.moderation.reports import Reports
from domain.pictures.avatars import Avatars
from domain.pictures.photos import Photos
from domain.pictures.select import picture_files
from domain.rate_limits import InMemory, RateLimiter
from domain.retention import Bin
from domain.secret import signing_secret
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
from domain.services.replies import build_reply_services
from domain.settings.settings import Settings
from domain.statistics.overview import Overview
from domain.statistics.roll_up import RollUp
from domain.trials import Trials
from domain.usage.budget import TokenBudgets
from domain.usage.meter import Meter
from storage.bus import Bus
from storage.database import Database, Observer
from storage.wire.select import wire_for


def build_services(settings: Settings, meter: Meter | None = None, observer: Observer | None = None) -> Services:
    """Everything built and plugged together; nothing runs yet."""
    database = Database(
        settings.database, echo=settings.db_echo, connections=settings.db_connections, observer=observer
    )
    files = picture_files(settings)
    bus = Bus(
        wire_for(settings.database, settings.bus_url, instance=settings.instance_name, secret=signing_secret(settings)),
        Crossing(),
    )
    limits = RateLimiter(InDatabase(database) if settings.counts_in_database else InMemory(), settings.limit_times)
    photos = Photos(database, files, limits)
    card_workers = Workers()
    card_export = CardExport(database, photos, limits, card_workers)
    card_pictures = CardPictures(database, photos, limits)
    model = language_model(settings)
    deadlines = timeouts_of(settings)
    budgets = TokenBudgets(settings.daily_tokens)
    replies = build_reply_services(
        settings, database, bus, model=model, limits=limits, deadlines=deadlines, budgets=budgets, meter=meter
    )
    reply_writer, memory_keeper = replies.writer, replies.memory_keeper
    trials = Trials(database, limits, messages=settings.trial_messages)
    abandoned_replies = AbandonedReplies(database, bus, reply_writer.is_writing)
    list_relay = DialogListRelay(database, bus)
    outbox = Outbox(database, mailer(settings))
    links = MailedLinks(database, limits, secret=signing_secret(settings))
    password_attempts = PasswordAttempts(limits)
    chat = Chat(database, bus, reply_writer)
    dialogs = Dialogs(database, bus, limits)
    devices = SessionList(database, bus)
    ban_evasion = BanEvasion(database, limits, secret=signing_secret(settings))
    notifier = MeasureNotifier(bus, outbox, address=settings.address)

    measure_expiry = MeasureExpiry(database, bus, reply_writer, notifier)
    clock_skew = ClockSkew(database)
    in_background: list[BackgroundJob] = [
        bus.wire,
        clock_skew,
        *replies.in_background,
        abandoned_replies,
        DistantReplies(database, bus, reply_writer.is_writing),
        Bin(database),
        trials,
        measure_expiry,
        OpenSessions(database, bus),
        ban_evasion,
        outbox,
        list_relay,
        RollUp(database),
        PhotoSweeper(database, photos),
        Popularity(database),
        devices.use,
        card_workers,
    ]
    return Services(
        settings=settings,
        database=database,
        bus=bus,
        limits=limits,
        accounts=AccountServices(
            accounts=Accounts(database, bus),
            first_admin=FirstAdmin(database),
            trials=trials,
            sign_up=SignUp(
                database, links, outbox, ban_evasion, address=settings.address, admin_emails=settings.admin_addresses
            ),
            log_in=LogIn(database, links, password_attempts, outbox, bus, address=settings.address),
            identities=Identities(database, ban_evasion, switched_on(settings), settings.admin_addresses),
            sessions=devices,
            tokens=Tokens(
                database,
                bus,
                devices,
                secret=signing_secret(settings),
                minutes=settings.access_token_expire_minutes,
                issuer=settings.address,
            ),
            profile=ProfileEditing(
                database,
                bus,
                links=links,
                password_attempts=password_attempts,
                outbox=outbox,
                ban_evasion=ban_evasion,
                address=settings.address,
            ),
            erasure=AccountErasure(
                database,
                bus,
                reply_writer=reply_writer,
                photos=photos,
                links=links,
                password_attempts=password_attempts,
                outbox=outbox,
                ban_evasion=ban_evasion,
            ),
            data_export=DataExport(database, dialogs, photos, card_export, limits),
            notifications=Notifications(database),
        ),
        characters=CharacterServices(
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
                model,
                reply_writer.places,
                limits,
                deadlines=deadlines,
                budgets=budgets,
                prices=settings.prices,
                meter=meter,
            ),
            versions=CharacterVersions(database, limits),
        ),
        cards=CardServices(
            importing=CardImport(database, photos, limits, card_workers, card_pictures),
            exporting=card_export,
            pictures=card_pictures,
            book_import=BookImport(database, limits, card_workers),
            book_export=BookExport(database, limits, card_workers),
            books=Books(database, limits),
            entries=BookEntries(database, limits),
            worlds=Worlds(database, limits),
            try_out=TryOut(database, limits),
        ),
        pictures=PictureServices(avatars=Avatars(database, photos), photos=photos),
        chat=ChatServices(
            chat=chat,
            branches=Branches(database, bus, reply_writer),
            recently_deleted=RecentlyDeleted(database),
            dialogs=dialogs,
            copies=DialogCopies(database, bus, limits),
            marks=MessageMarks(database, bus),
            replies=ReplyRequests(database, bus, reply_writer, chat),
            model_choice=ModelChoice(database, settings.models, settings.temperature, reply_writer.prompts),
            memory_keeper=memory_keeper,
            memory=DialogMemory(database, bus, limits, replies.memory_reader, memory_keeper),
        ),
        moderation=ModerationServices(
            measures=Measures(database, bus, reply_writer, notifier),
            appeals=Appeals(database, bus, reply_writer, notifier),
            report_history=ReportHistory(database),
            report_queue=ReportQueue(database, bus),
            reports=Reports(database, bus, limits),
        ),
        audit=AuditServices(
            log=AuditLog(database),
            names=AuditNames(database),
            dialog_access=DialogAccess(
                database, bus, reply_writer, replies.memory_reader, tell_the_person=settings.tell_when_read
            ),
        ),
        admin=AdminServices(
            overview=Overview(database),
            staff_notes=StaffNotes(database),
            people=AdminUsers(database, budgets),
            characters=AdminCharacters(database),
            dialogs=AdminDialogs(database),
            details=AdminDetails(database, bus),
            quotas=Quotas(database, budgets),
            announcements=Announcements(database, bus),
            page_texts=PageTexts(database, contact=settings.contact),
            server_status=ServerHealth(
                database, reply_writer, settings.data_dir, bucket=files if settings.pictures_url else None
            ),
            server_checks=ServerChecks(settings, database, model, limits),
        ),
        readiness=Readiness(database, bus.wire, clock_skew),
        reply_writer=reply_writer,
        model=model,
        clock_skew=clock_skew,
        in_background=in_background,
    )
