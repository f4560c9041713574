"""Beseda's command line, and the only place where its parts are built and plugged together."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from domain.settings import BadSetting, Settings, load_settings, signing_secret, warnings_about
from storage.bus import Bus
from storage.database import Database
from storage.files import Files

if TYPE_CHECKING:  # loaded when the server starts: --help and a bad setting should not wait for NiceGUI
    from domain.llm.port import LanguageModel
    from ui.app import App
    from ui.web import Lifespan

log = logging.getLogger("beseda")

DRAIN = 2  # seconds that open requests get when the server goes down


def main() -> int:
    command = _parser().parse_args()
    try:
        settings = load_settings()
    except BadSetting as error:
        print(f"Beseda cannot start. {error}", file=sys.stderr)
        return 2
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    for talkative in ("alembic", "httpx", "httpx2", "openai", "nicegui"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    for warning in warnings_about(settings):
        log.warning(warning)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"Beseda cannot start. DATA_DIR: {error.strerror}", file=sys.stderr)
        return 2
    return int(command.run(settings, command))


def serve(settings: Settings, command: argparse.Namespace) -> int:
    if failed := migrate(settings, command):
        return failed
    import uvicorn

    from ui.web import build

    _trace_only_if_asked(settings)
    web = build(*_plugged_together(settings))
    server = uvicorn.Server(
        uvicorn.Config(
            web,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,  # addresses of letters' links would stand in it
            timeout_graceful_shutdown=DRAIN,
            server_header=False,
            ws_per_message_deflate=False,  # 50 KB and some CPU a page, to make a few small messages smaller
        )
    )
    # uvicorn ends gracefully on SIGTERM and then sends it to itself once more: that one must not spoil the exit code.
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        server.run()
    except KeyboardInterrupt:
        print("\n  До встречи!", flush=True)
    return 0 if server.started else 1


def migrate(settings: Settings, _command: argparse.Namespace) -> int:
    from sqlalchemy.exc import OperationalError

    import domain.tables  # noqa: F401 - Alembic compares with what is declared
    from storage.migrate import SchemaTooNew, upgrade

    try:
        upgrade(settings.database)
    except SchemaTooNew as error:
        print(f"Beseda cannot start. {error}", file=sys.stderr)
        return 2
    except OperationalError as error:
        log.debug("The database's own words", exc_info=error)
        print("Beseda cannot start. DATABASE_URL: this database does not answer or refuses us.", file=sys.stderr)
        return 2
    return 0


def admin(settings: Settings, command: argparse.Namespace) -> int:
    from domain.accounts.accounts import Accounts
    from domain.errors import AppError
    from domain.mail.console import ConsoleMailer

    async def change() -> None:
        database = Database(settings.database)
        accounts = Accounts(database, ConsoleMailer(), Bus(), address=settings.address, secret=signing_secret(settings))
        await accounts.set_admin(command.email, is_admin=command.deed == "grant")
        await database.close()

    if failed := migrate(settings, command):
        return failed
    try:
        asyncio.run(change())
    except AppError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{command.email}: {'is an admin now' if command.deed == 'grant' else 'is no admin any more'}")
    return 0


def _plugged_together(settings: Settings) -> tuple[App, Lifespan]:
    from fastapi import FastAPI

    from domain.accounts.accounts import Accounts
    from domain.characters.characters import Characters
    from domain.characters.demo import settle_demo_characters
    from domain.characters.photos import Photos
    from domain.chat.branches import Branches
    from domain.chat.chat import Chat
    from domain.chat.choices import Choices
    from domain.chat.dialogs import Dialogs
    from domain.chat.keeper import Keeper
    from domain.chat.retelling import Retelling
    from domain.chat.turns import Turns
    from domain.mail.console import ConsoleMailer
    from ui.app import App

    database = Database(settings.database, echo=settings.db_echo)
    files = Files(settings.data_dir / "pictures")
    bus = Bus()
    photos = Photos(database, files)
    model = language_model(settings)
    turns = Turns(
        database,
        bus,
        model,
        places=settings.llm_concurrency,
        reply_tokens=settings.llm_max_reply_tokens,
        window=settings.llm_window,
    )
    keeper = Keeper(database, bus, turns.is_writing)
    retelling = Retelling(database, bus)
    accounts = Accounts(database, ConsoleMailer(), bus, address=settings.address, secret=signing_secret(settings))
    app = App(
        settings=settings,
        database=database,
        files=files,
        bus=bus,
        accounts=accounts,
        characters=Characters(database, photos),
        photos=photos,
        chat=Chat(database, bus, turns),
        branches=Branches(database, bus, turns),
        choices=Choices(database, settings.models, settings.temperature),
        dialogs=Dialogs(database, bus),
    )

    @asynccontextmanager
    async def lifespan(_web: FastAPI) -> AsyncGenerator[None]:
        await keeper.start()
        await settle_demo_characters(database, photos)
        warming = asyncio.create_task(_warm(model))
        print(f"\n  Беседа: {settings.address}\n", flush=True)
        yield
        await warming
        await turns.close(settings.shutdown_grace)
        await keeper.close()
        await retelling.close()
        await database.close()

    return app, lifespan


def language_model(settings: Settings) -> LanguageModel:
    """The model that answers: the provider's, or the built-in one when none is connected."""
    if settings.is_demo:
        from domain.llm.demo import DemoModel

        return DemoModel(pause=settings.demo_pause)
    from domain.llm.yandex import ChatModel

    return ChatModel(
        base_url=settings.model_address,
        api_key=settings.api_key.get_secret_value(),
        folder_id=settings.folder_id,
        model=settings.model,
        temperature=settings.temperature,
        max_reply_tokens=settings.llm_max_reply_tokens,
        max_retries=0,  # domain/chat/turns.py asks again, in its queue
    )


async def _warm(model: LanguageModel) -> None:
    """Load the slow library while nobody waits for it yet, instead of within somebody's first reply."""
    from domain.errors import ModelFault
    from domain.llm.yandex import ChatModel

    if isinstance(model, ChatModel):
        try:
            await asyncio.to_thread(model.warm)
        except ModelFault:
            log.warning("BASE_URL cannot be the address of a model: everything works but the replies.")
    gc.freeze()  # what is loaded by now stays: a full collection need not stop everybody for 70 ms to find that out


def _trace_only_if_asked(settings: Settings) -> None:
    """LangSmith listens to environment variables of its own; ours decide alone."""
    import os

    key = settings.langsmith_api.get_secret_value()
    for name in ("LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGCHAIN_TRACING"):
        os.environ[name] = "true" if key else "false"
    if key:
        os.environ["LANGSMITH_API_KEY"] = key
        os.environ["LANGSMITH_PROJECT"] = settings.langsmith_project or "beseda"
        log.warning("LANGSMITH_API is set: every conversation is sent to LangSmith, abroad.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py", description="Beseda: talk with characters.")
    parser.set_defaults(run=serve)
    commands = parser.add_subparsers(metavar="COMMAND")
    commands.add_parser("serve", help="start the server (this is what happens without a command)").set_defaults(
        run=serve
    )
    commands.add_parser("migrate", help="bring the database up to date and stop").set_defaults(run=migrate)
    rights = commands.add_parser("admin", help="give somebody the right to administer, or take it")
    rights.add_argument("deed", choices=("grant", "revoke"))
    rights.add_argument("email", metavar="EMAIL")
    rights.set_defaults(run=admin)
    return parser


if __name__ == "__main__":
    sys.exit(main())
