"""What every page and route is given: the domain's services, built once in main.py."""

from __future__ import annotations

from dataclasses import dataclass

from domain.accounts.accounts import Accounts
from domain.characters.characters import Characters
from domain.characters.photos import Photos
from domain.chat.branches import Branches
from domain.chat.chat import Chat
from domain.chat.choices import Choices
from domain.chat.dialogs import Dialogs
from domain.settings import Settings
from storage.bus import Bus
from storage.database import Database
from storage.files import Files


@dataclass(frozen=True)
class App:
    settings: Settings
    database: Database
    files: Files
    bus: Bus
    accounts: Accounts
    characters: Characters
    photos: Photos
    chat: Chat
    branches: Branches
    dialogs: Dialogs
    choices: Choices
