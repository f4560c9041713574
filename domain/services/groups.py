"""The services of the domain in groups: one for each room that pages and routes call."""

from __future__ import annotations

from dataclasses import dataclass

from domain.accounts.accounts import Accounts
from domain.accounts.first_admin import FirstAdmin
from domain.accounts.identities import Identities
from domain.accounts.log_in import LogIn
from domain.accounts.notices import Notifications
from domain.accounts.profile import ProfileEditing
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
from domain.books.try_out import TryOut
from domain.books.worlds import Worlds
from domain.cards.book_export import BookExport
from domain.cards.book_import import BookImport
from domain.cards.card_export import CardExport
from domain.cards.card_import import CardImport
from domain.cards.card_pictures import CardPictures
from domain.characters.characters import Characters
from domain.characters.drafts import Drafts
from domain.characters.duplicate_restore import DuplicateRestore
from domain.characters.favourites import Favourites
from domain.characters.front_page import FrontPage
from domain.characters.gallery import Gallery
from domain.characters.interests import Interests
from domain.characters.relation import Relations
from domain.characters.suggestions import Suggestions
from domain.characters.versions import CharacterVersions
from domain.characters.votes import Votes
from domain.characters.writing_help import WritingHelp
from domain.chat.ask import ReplyRequests
from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.dialog_copies import DialogCopies
from domain.chat.dialogs import Dialogs
from domain.chat.message_marks import MessageMarks
from domain.chat.model_choice import ModelChoice
from domain.chat.recently_deleted import RecentlyDeleted
from domain.chat.replies.reply_writer import ReplyWriter
from domain.checks.checks import ServerChecks
from domain.checks.readiness import Readiness
from domain.data_export import DataExport
from domain.erasure import AccountErasure
from domain.instances.clock_skew import ClockSkew
from domain.llm.port import LanguageModel
from domain.memory.editing.dialog_memory import DialogMemory
from domain.memory.summaries.keeper import MemoryKeeper
from domain.moderation.appeals import Appeals
from domain.moderation.measures import Measures
from domain.moderation.report_history import ReportHistory
from domain.moderation.report_queue import ReportQueue
from domain.moderation.reports import Reports
from domain.pictures.avatars import Avatars
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from domain.settings.settings import Settings
from domain.statistics.overview import Overview
from domain.trials import Trials
from storage.bus import Bus
from storage.database import Database


@dataclass(frozen=True)
class AccountServices:
    """Accounts: ways in and out, profile, sessions, notices."""

    accounts: Accounts
    first_admin: FirstAdmin
    trials: Trials
    sign_up: SignUp
    log_in: LogIn
    identities: Identities
    sessions: SessionList
    tokens: Tokens
    profile: ProfileEditing
    erasure: AccountErasure
    data_export: DataExport
    notifications: Notifications


@dataclass(frozen=True)
class CharacterServices:
    """Characters: gallery, editing, ratings, help with writing."""

    characters: Characters
    gallery: Gallery
    front_page: FrontPage
    suggestions: Suggestions
    interests: Interests
    favourites: Favourites
    votes: Votes
    relations: Relations
    drafts: Drafts
    duplicates: DuplicateRestore
    writing_help: WritingHelp
    versions: CharacterVersions


@dataclass(frozen=True)
class CardServices:
    """Card files and lorebooks, with their import and export."""

    importing: CardImport
    exporting: CardExport
    book_import: BookImport
    book_export: BookExport
    pictures: CardPictures
    books: Books
    entries: BookEntries
    worlds: Worlds
    try_out: TryOut


@dataclass(frozen=True)
class PictureServices:
    """Uploaded photos, and the avatars of people."""

    avatars: Avatars
    photos: Photos


@dataclass(frozen=True)
class ChatServices:
    """Conversations: writing, branches, the list, files, memory."""

    chat: Chat
    branches: Branches
    dialogs: Dialogs
    copies: DialogCopies
    marks: MessageMarks
    replies: ReplyRequests
    model_choice: ModelChoice
    memory_keeper: MemoryKeeper
    recently_deleted: RecentlyDeleted
    memory: DialogMemory


@dataclass(frozen=True)
class ModerationServices:
    """Reports, measures and appeals."""

    measures: Measures
    appeals: Appeals
    report_history: ReportHistory
    report_queue: ReportQueue
    reports: Reports


@dataclass(frozen=True)
class AuditServices:
    """The journal, and access to dialogs, which it records."""

    log: AuditLog
    names: AuditNames
    dialog_access: DialogAccess


@dataclass(frozen=True)
class AdminServices:
    """Lists, statistics, quotas, announcements, page texts, the server's status."""

    overview: Overview
    staff_notes: StaffNotes
    people: AdminUsers
    characters: AdminCharacters
    dialogs: AdminDialogs
    details: AdminDetails
    quotas: Quotas
    announcements: Announcements
    page_texts: PageTexts
    server_status: ServerHealth
    server_checks: ServerChecks


@dataclass(frozen=True)
class Services:
    """Everything that pages and routes are given, and the background jobs that the server starts and stops."""

    settings: Settings
    database: Database
    bus: Bus
    limits: RateLimiter
    accounts: AccountServices
    characters: CharacterServices
    cards: CardServices
    pictures: PictureServices
    chat: ChatServices
    moderation: ModerationServices
    audit: AuditServices
    admin: AdminServices
    readiness: Readiness
    reply_writer: ReplyWriter
    model: LanguageModel
    clock_skew: ClockSkew
    in_background: list[BackgroundJob]
