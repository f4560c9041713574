"""Database schema: imports every table in one place, since migrations compare the database with what is declared
here.
"""

import domain.admin.characters  # noqa: F401 - adds the indexes of its list to the table of characters
from domain.accounts.first_admin import FirstAdminLink
from domain.accounts.identities import ExternalIdentity
from domain.accounts.known_browsers import KnownBrowser
from domain.accounts.mailed_links import MailedLink
from domain.accounts.notices import Notification
from domain.accounts.sessions import LoginSession
from domain.admin.announcements import Announcement
from domain.admin.page_texts import PageText
from domain.admin.staff_notes import StaffNote
from domain.audit.dialog_access import AccessGrant
from domain.backup.records import BackupRecord
from domain.characters.drafts import Draft
from domain.characters.favourites import Favourite
from domain.characters.interests import Interest, KnownInterest
from domain.characters.reply_feedback import FeedbackTotal
from domain.characters.starter_characters import StarterSet
from domain.characters.votes import Vote
from domain.idempotency import IdempotencyKey
from domain.instances.claims import ClaimedTask
from domain.instances.membership import RunningInstance
from domain.limit_counts import LimitCount
from domain.llm.place_rows import ModelPlace
from domain.mail.outbox import QueuedMail
from domain.memory.rows import MemoryChapter, MemoryFact, MemoryPin, MemoryVector
from domain.model.audit_entry import AuditEntry
from domain.model.book import Book, BookEntry, CharacterWorld, DialogWorld
from domain.model.character import Character
from domain.model.character_card import CharacterCard
from domain.model.character_version import CharacterVersion
from domain.model.dialog import Dialog, Message
from domain.model.picture import Picture
from domain.model.user import User
from domain.moderation.appeal import Appeal
from domain.moderation.measure import Measure
from domain.moderation.reports import Report
from domain.moderation.retained_measure import RetainedKey, RetainedMeasure, RetainedUsage
from domain.statistics.daily_totals import CharacterDay, PersonDay
from domain.statistics.hourly_totals import HourModel, HourTotal
from domain.statistics.person_stats import UserStats
from domain.usage.usage import Usage

__all__ = [
    "AccessGrant",
    "Announcement",
    "Appeal",
    "AuditEntry",
    "BackupRecord",
    "Book",
    "BookEntry",
    "Character",
    "CharacterCard",
    "CharacterDay",
    "CharacterVersion",
    "CharacterWorld",
    "ClaimedTask",
    "Dialog",
    "DialogWorld",
    "Draft",
    "ExternalIdentity",
    "Favourite",
    "FeedbackTotal",
    "FirstAdminLink",
    "HourModel",
    "HourTotal",
    "IdempotencyKey",
    "Interest",
    "KnownBrowser",
    "KnownInterest",
    "LimitCount",
    "LoginSession",
    "MailedLink",
    "Measure",
    "MemoryChapter",
    "MemoryFact",
    "MemoryPin",
    "MemoryVector",
    "Message",
    "ModelPlace",
    "Notification",
    "PageText",
    "PersonDay",
    "Picture",
    "QueuedMail",
    "Report",
    "RetainedKey",
    "RetainedMeasure",
    "RetainedUsage",
    "RunningInstance",
    "StaffNote",
    "StarterSet",
    "Usage",
    "User",
    "UserStats",
    "Vote",
]
