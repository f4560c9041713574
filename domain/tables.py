"""Every table, imported in one place: migrations compare the database with what is declared here."""

from domain.accounts.links import SignUpLink
from domain.accounts.sessions import LoginSession
from domain.accounts.user import User
from domain.characters.character import Character, Picture
from domain.chat.dialog import Dialog, Message

__all__ = ["Character", "Dialog", "LoginSession", "Message", "Picture", "SignUpLink", "User"]
