"""Command line and composition root: the only place where Beseda's parts are built and plugged together."""

from __future__ import annotations

import sys
from importlib.util import find_spec

if sys.platform == "win32" or not all(map(find_spec, ("fcntl", "resource"))):  # before what needs them is imported
    sys.exit(
        "Beseda cannot start. It runs on Linux and macOS. On Windows start it within WSL: "
        "https://learn.microsoft.com/windows/wsl/install"
    )

if __name__ == "__main__":  # Ctrl+C ends it quietly during the imports below, too
    from domain.environment.interrupted import end_quietly_when_interrupted

    end_quietly_when_interrupted()

    import gc
    import os

    gc.disable()  # imported objects stay alive, and collecting among them takes a tenth of the startup
    # We use no pydantic plugins. To find that out, it would read the metadata of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

    from domain.environment.late_methods import compile_methods_late

    compile_methods_late()

import argparse
import asyncio
import gc
import logging
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

from domain.backup.commands import add_backup_commands
from domain.environment.load_settings import InvalidSetting, load_settings, setting_warnings
from domain.log_format import announce, formatter_for, writes_json
from domain.settings.settings import Settings
from storage.bus import Bus
from storage.database import Database
from storage.sqlite_file import FileInUse, only_server_of
from ui.serving.listeners import listeners_for

if TYPE_CHECKING:  # loaded when the server starts: --help and errors in settings should not wait for NiceGUI
    from domain.services.groups import Services
    from ui.app import App
    from ui.metrics.endpoint import MetricsEndpoint
    from ui.web import Lifespan

log = logging.getLogger("beseda")

THREADS_GIVE_WAY = 0.001
"""Thread switch interval in seconds: how long a busy thread may keep the interpreter lock (GIL) from the event loop.
Python's default is five times as long, and the loop may have to wait for it several times in a row.
"""


def main() -> int:
    command = _parser().parse_args()
    try:
        settings = load_settings()
    except InvalidSetting as error:
        _log_in_lines("INFO", os.environ.get("LOG_FORMAT", "text"))
        return _refuse(error)
    _log_in_lines(settings.log_level, settings.log_format, settings.instance)
    for talkative in ("alembic", "authlib", "httpx", "httpx2", "langchain_openai", "openai", "nicegui", "pymorphy3"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    for warning in setting_warnings(settings):
        log.warning(warning)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _refuse(f"DATA_DIR: {error.strerror}")
    return int(command.run(settings, command))


def _refuse(why: object) -> int:
    line = f"Beseda cannot start. {why}"
    if writes_json():
        log.critical(line)
    else:
        print(line, file=sys.stderr)
    return 2


def _refuse_folder(settings: Settings, why: str | None) -> int:
    name = "DATABASE_URL" if settings.database_url else "DATA_DIR"
    return _refuse(f"{name}: the database's file, or its folder, cannot be written to ({why}).")


def _log_in_lines(level: str, log_format: str, instance: str = "") -> None:
    lines = logging.StreamHandler()
    lines.setFormatter(formatter_for(log_format, instance))
    logging.basicConfig(level=level, handlers=[lines])
    logging.captureWarnings(True)  # else Python's own warnings would be the only output that is not log records


def serve(settings: Settings, _command: argparse.Namespace) -> int:
    sys.setswitchinterval(THREADS_GIVE_WAY)
    gc.disable()  # objects loaded here stay alive, and collecting among them takes a quarter of the startup
    if failed := _check_outbound(settings):
        return failed
    with ExitStack() as held:
        try:
            held.enter_context(only_server_of(settings.database))
        except FileInUse:
            return _refuse("DATABASE_URL: another server is running on this SQLite file. Several need PostgreSQL.")
        except OSError as error:
            return _refuse_folder(settings, error.strerror)
        return _upgrade(settings, by_server=True) or _serve(settings)


def _serve(settings: Settings) -> int:
    try:
        listeners = listeners_for(settings)
    except OSError as error:
        return _refuse(f"HOST, PORT: {error.strerror}")
    from ui.serving.framework import import_framework

    import_framework()
    from domain.llm.select import trace_only_if_asked
    from domain.services.build import build_services
    from ui.serving.server import server_for
    from ui.web import build

    trace_only_if_asked(settings)
    try:
        metrics = _metrics(settings)
    except OSError as error:
        return _refuse(f"METRICS_HOST, METRICS_PORT: {error.strerror}")
    meter = metrics.meter if metrics else None
    services = build_services(settings, meter, meter)
    if metrics:
        _read_when_scraped(metrics, services)
    web = build(*server_over(services))
    gc.freeze()  # all this lives as long as the process: no collection, nor NiceGUI's startup, need look at it
    server = server_for(web, services)
    if failed := _join_the_others(services):
        return failed
    server.run(listeners)
    if server.is_interrupted:
        announce("\n  До встречи!")
    return 0 if server.started else 1


def _join_the_others(services: Services) -> int:
    """Register this process as an instance over this database, with fingerprints of the settings all must share."""
    from domain.instances.membership import Membership, SettingsDiffer
    from domain.instances.shared_settings import fingerprints
    from storage.database import DatabaseUnavailable

    settings, database = services.settings, services.database
    membership = Membership(database, settings.instance_name, fingerprints(settings))

    async def join() -> None:
        try:
            await membership.join()
        finally:
            await database.close()  # its connections belong to this event loop; the server runs another

    try:
        asyncio.run(join())
    except SettingsDiffer as error:
        return _refuse(error)
    except DatabaseUnavailable as error:
        return _refuse(f"DATABASE_URL: {error}")
    services.in_background.append(membership)
    return 0


def _check_outbound(settings: Settings) -> int:
    from domain.environment.outbound import prepare_outbound

    try:
        prepare_outbound(settings)
    except InvalidSetting as error:
        return _refuse(error)
    return 0


def _metrics(settings: Settings) -> MetricsEndpoint | None:
    if not settings.metrics_port:
        return None
    from ui.metrics.endpoint import MetricsEndpoint

    return MetricsEndpoint(settings)


def _read_when_scraped(metrics: MetricsEndpoint, services: Services) -> None:
    from domain.admin.server_figures import ServerFigures
    from ui.metrics.open_pages import OpenPages

    figures = ServerFigures(
        services.database, services.bus, services.reply_writer, services.clock_skew, services.settings.data_dir
    )
    metrics.sources = [figures.of_process, figures.of_database, OpenPages().figures]
    services.in_background.append(metrics)


def migrate(settings: Settings, _command: argparse.Namespace) -> int:
    return _upgrade(settings, by_server=False)


def _upgrade(settings: Settings, *, by_server: bool) -> int:
    from sqlalchemy.exc import DBAPIError

    import domain.tables  # noqa: F401 - Alembic compares with what is declared
    from storage.backup.refused import Refused
    from storage.migrate import SchemaTooNew, UpgradeFailed, upgrade
    from storage.pooler import refuse_pooled_transactions
    from storage.postgres import wait_for_answer

    if by_server:
        wait_for_answer(settings.database)
    try:
        if by_server:
            refuse_pooled_transactions(settings.database)
        upgrade(settings.database, by_server=by_server)
    except FileInUse:
        return _refuse("DATABASE_URL: a server is running on this SQLite file, of the version before. Stop it first.")
    except (Refused, SchemaTooNew, UpgradeFailed) as error:
        if error.__cause__:
            log.error("The cause of what follows", exc_info=error.__cause__)  # noqa: TRY400 - the cause, not our words
        return _refuse(error)
    except OSError as error:
        return _refuse_folder(settings, error.strerror)
    except DBAPIError as error:
        log.debug("The database's own words", exc_info=error)
        if getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
            return _refuse_folder(settings, str(error.orig))
        return _refuse("DATABASE_URL: this database does not answer or refuses us.")
    return 0


def admin(settings: Settings, command: argparse.Namespace) -> int:
    from domain.accounts.accounts import Accounts
    from domain.errors import AppError

    async def change() -> None:
        database = Database(settings.database)
        await Accounts(database, Bus()).set_admin(command.email, is_admin=command.action == "grant")
        await database.close()

    if failed := migrate(settings, command):
        return failed
    try:
        asyncio.run(change())
    except AppError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{command.email}: {'is an admin now' if command.action == 'grant' else 'is no longer an admin'}")
    return 0


def demo(settings: Settings, command: argparse.Namespace) -> int:
    if failed := migrate(settings, command):
        return failed
    from domain.sample_data.console import fill_and_report

    try:
        return asyncio.run(fill_and_report(settings, command.characters, command.dialogs))
    except KeyboardInterrupt:
        print("\nStopped. What was added so far stays.", file=sys.stderr)
        return 1


def check(settings: Settings, _command: argparse.Namespace) -> int:
    from domain.checks.console import print_checks

    return _check_outbound(settings) or asyncio.run(print_checks(settings))


def build_server(settings: Settings) -> tuple[App, Lifespan]:
    """The application and the lifespan that the web server is built from."""
    from domain.services.build import build_services

    return server_over(build_services(settings))


def server_over(services: Services) -> tuple[App, Lifespan]:
    from ui.app import app_over
    from ui.serving.lifespan import life

    app = app_over(services)
    return app, life(app, services.reply_writer, services.model, services.in_background)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py", description="Beseda: talk with characters.")
    parser.set_defaults(run=serve)
    commands = parser.add_subparsers(metavar="COMMAND")
    commands.add_parser("serve", help="start the server (this is what happens without a command)").set_defaults(
        run=serve
    )
    commands.add_parser("migrate", help="bring the database up to date and stop").set_defaults(run=migrate)
    rights = commands.add_parser("admin", help="give somebody the right to administer, or take it")
    rights.add_argument("action", choices=("grant", "revoke"))
    rights.add_argument("email", metavar="EMAIL")
    rights.set_defaults(run=admin)
    commands.add_parser("check", help="try what the server needs, and say what to do").set_defaults(run=check)
    filling = commands.add_parser("demo", help="fill the database with made-up people, characters and dialogs")
    filling.add_argument("--characters", type=_number, default=100, metavar="N", help="default: 100")
    filling.add_argument("--dialogs", type=_number, default=300, metavar="M", help="default: 300")
    filling.set_defaults(run=demo)
    add_backup_commands(commands)
    return parser


def _number(typed: str) -> int:
    if not typed.isdecimal():
        raise argparse.ArgumentTypeError(f"{typed!r} is not a number from 0 up")
    return int(typed)


def _leave(code: int) -> NoReturn:
    """End the process. With a bucket the interpreter is not finalized first: a thread of obstore about to call into it
    would abort the process instead, whatever the outcome.
    """
    if "obstore" in sys.modules:
        logging.shutdown()
        for stream in filter(None, (sys.stdout, sys.stderr)):  # either may have been closed from the start
            stream.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    gc.freeze()
    gc.enable()
    _leave(main())
