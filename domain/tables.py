"""Every table, imported in one place: migrations compare the database with what is declared here."""

from domain.accounts.identities import ExternalIdentity
from domain.accounts.links import MailedLink
from domain.accounts.sessions import LoginSession
from domain.accounts.user import User
from domain.admin.reports import Report
from domain.characters.character import Character, Picture
from domain.characters.drafts import Draft
from domain.characters.favourites import Favourite
from domain.characters.interests import Interest, KnownInterest
from domain.characters.votes import Vote
from domain.chat.dialog import Dialog, Message
from domain.limits import LimitCount
from domain.mail.outbox import OutgoingLetter

__all__ = [
    "Character",
    "Dialog",
    "Draft",
    "ExternalIdentity",
    "Favourite",
    "Interest",
    "KnownInterest",
    "LimitCount",
    "LoginSession",
    "MailedLink",
    "Message",
    "OutgoingLetter",
    "Picture",
    "Report",
    "User",
    "Vote",
]
