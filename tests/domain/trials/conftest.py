"""Fixtures: the product's services with the built-in model, and strangers who talk in them before they sign up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.accounts.sessions import Caller
from domain.chat.tree.events import ReplyEnded
from domain.model.character import Character
from domain.services.build import build_services
from domain.services.groups import Services
from domain.settings.settings import Settings
from tests.domain.conftest import People, filled


@dataclass
class Stranger:
    """A person in a browser of their own, with the session of their trial."""

    services: Services
    caller: Caller
    dialog_id: int

    async def say(self, words: str, client_id: str = "") -> None:
        """Say something and wait for the end of the reply."""
        over = asyncio.Event()
        forget = self.services.bus.subscribe(ReplyEnded, self.dialog_id, lambda _fact: over.set())
        await self.services.chat.chat.send(self.caller, self.dialog_id, words, client_id or words)
        await over.wait()
        forget()

    async def ask_again(self) -> None:
        """Ask for another reply to the last message and wait for its end."""
        over = asyncio.Event()
        forget = self.services.bus.subscribe(ReplyEnded, self.dialog_id, lambda _fact: over.set())
        conversation = await self.services.chat.chat.open(self.caller, self.dialog_id)
        await self.services.chat.branches.regenerate(self.caller, conversation.messages[-1].id)
        await over.wait()
        forget()


@dataclass
class Place:
    services: Services
    people: People

    async def stranger(self, character: Character, ip: str = "192.0.2.1") -> Stranger:
        """Press «Начать чат» and enter."""
        begun = await self.services.accounts.trials.begin(None, character.id, language="ru", ip=ip)
        assert begun.ticket
        return Stranger(self.services, await self.people.enter(begun.ticket), begun.dialog_id)


@pytest.fixture
async def services(database_url: str, tmp_path: Path) -> AsyncGenerator[Services]:
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=database_url, demo_pause=0)
    services = build_services(settings)
    yield services
    await services.reply_writer.close()
    await services.database.close()


@pytest.fixture
def place(services: Services, people: People) -> Place:
    return Place(services, people)


@pytest.fixture
async def marina(services: Services, boris: Caller) -> Character:
    """A character to talk with, made by Boris."""
    return await services.characters.characters.save(boris, filled(greeting="Заходи, здесь тепло."))
