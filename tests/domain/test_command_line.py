"""Command line: main.py as an operator runs it, a process with a folder and an environment."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from domain.accounts.accounts import Accounts
from domain.accounts.log_in import LogIn
from domain.accounts.sessions_list import SessionList
from storage.migrate import differences
from tests.domain.conftest import PASSWORD, People
from tests.ports import free_port
from tests.storage.old_database import upgrade_to

MAIN = Path(__file__).parents[2] / "main.py"
LONG_SECRET = "kR7" * 11
PATIENCE = 180  # seconds: far more than a command takes, on a busy machine too


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, MAIN, *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8", **environment},
        timeout=PATIENCE,
    )


def test_help_names_every_command(tmp_path: Path) -> None:
    answer = run(tmp_path, "--help")
    assert answer.returncode == 0
    for command in ("serve", "migrate", "check", "admin", "demo", "backup", "verify", "restore", "move"):
        assert command in answer.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "name"),
    [("PORT=eighty", "PORT"), ("API_KEY=AQVN-key", "FOLDER_ID"), ("DATABASE_URL=sqlite://", "DATABASE_URL")],
)
def test_a_bad_setting_stops_the_start_with_one_line(tmp_path: Path, setting: str, name: str) -> None:
    (tmp_path / ".env").write_text(f"{setting}\n")
    answer = run(tmp_path, "migrate")
    assert answer.returncode == 2
    assert answer.stdout == ""
    [line] = answer.stderr.splitlines()
    assert line.startswith("Beseda cannot start. ")
    assert name in line


@pytest.mark.slow
def test_a_data_folder_that_cannot_be_one_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    answer = run(tmp_path, "migrate", DATA_DIR="taken")
    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) == 1
    assert "DATA_DIR" in answer.stderr


@pytest.mark.slow
def test_migrate_makes_the_tables_and_may_be_repeated(tmp_path: Path) -> None:
    for _ in range(2):
        answer = run(tmp_path, "migrate", DATA_DIR="new/data")
        assert answer.returncode == 0, answer.stderr
    assert differences(f"sqlite:///{tmp_path}/new/data/beseda.db") == []


@pytest.mark.slow
def test_check_says_in_the_terminals_language_what_is_wrong_and_ends_with_it(tmp_path: Path) -> None:
    assert run(tmp_path, "migrate").returncode == 0
    sound = run(tmp_path, "check", PORT="9", LANG="ru_RU.UTF-8")
    assert (sound.returncode, sound.stderr) == (0, "")
    assert [line.split("  ")[0] for line in sound.stdout.splitlines()] == [
        *("База данных", "Модель", "Почта", "Диск", "Резервные копии", "Часы", "Адрес для людей")
    ]
    nobody = {"BASE_URL": "http://127.0.0.1:9/v1", "LLM_MODEL": "m", "API_KEY": "a-secret"}
    unsound = run(tmp_path, "check", PORT="9", LANG="C", **nobody)
    assert unsound.returncode == 1
    assert "Check BASE_URL" in unsound.stdout
    assert "secret" not in unsound.stdout + unsound.stderr


@pytest.mark.slow
def test_admin_rights_for_nobody_are_an_error(tmp_path: Path) -> None:
    answer = run(tmp_path, "admin", "grant", "nobody@example.org")
    assert answer.returncode == 1
    assert "There is no account with nobody@example.org." in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_misspelt_command_is_an_error(tmp_path: Path) -> None:
    answer = run(tmp_path, "admin", "grnt", "ira@example.org")
    assert answer.returncode == 2
    assert "grnt" in answer.stderr


@pytest.mark.slow
async def test_admin_rights_are_granted_while_the_server_runs(
    database_url: str, accounts: Accounts, log_in: LogIn, devices: SessionList, people: People, tmp_path: Path
) -> None:
    await people.come("ira")
    answer = run(tmp_path, "admin", "grant", "Ira@example.org", DATABASE_URL=database_url)
    assert answer.returncode == 1  # if a mail server distinguishes them, they are two people
    assert "Did you mean ira@example.org?" in answer.stderr
    answer = run(tmp_path, "admin", "grant", "ira@example.org", DATABASE_URL=database_url)
    assert answer.returncode == 0, answer.stderr
    assert "is an admin now" in answer.stdout
    token = await accounts.activate_session(await log_in.by_password("ira@example.org", PASSWORD))
    visitor = await devices.authenticate(token)
    assert visitor
    assert visitor.user.is_admin


def test_a_database_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    address = "postgresql://somebody:a-secret@127.0.0.1:9/nowhere"
    answer = run(tmp_path, "migrate", DATABASE_URL=address, JWT_SECRET=LONG_SECRET)
    assert answer.returncode == 2
    [line] = answer.stderr.splitlines()
    assert "DATABASE_URL" in line
    assert "a-secret" not in line


@pytest.mark.slow
def test_a_port_for_metrics_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {"PORT": str(free_port()), "METRICS_PORT": str(taken.getsockname()[1])}
        answer = run(tmp_path, "serve", **ports, LOG_LEVEL="WARNING")
    assert answer.returncode == 2
    [line] = answer.stderr.splitlines()
    assert line == "Beseda cannot start. METRICS_HOST, METRICS_PORT: Address already in use"


@pytest.mark.slow
def test_a_refusal_is_json_where_the_log_is(tmp_path: Path) -> None:
    unread = {"PORT": "eighty"}
    unfit = {"DATABASE_URL": "postgresql://somebody:a-secret@127.0.0.1:9/nowhere", "JWT_SECRET": LONG_SECRET}
    for settings in (unread, unfit):
        answer = run(tmp_path, "migrate", LOG_FORMAT="json", **settings)
        assert answer.returncode == 2
        record = json.loads(answer.stderr)
        assert (record["level"], record["message"][:21]) == ("CRITICAL", "Beseda cannot start. ")


@pytest.mark.parametrize("lacking", ["sys.platform = 'win32'", "sys.modules['resource'] = None"])
def test_a_system_that_is_not_served_is_told_so_in_one_line(tmp_path: Path, lacking: str) -> None:
    program = f"import sys; {lacking}; import runpy; runpy.run_path({str(MAIN)!r}, run_name='__main__')"
    answer = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE
    )
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert line.startswith("Beseda cannot start. It runs on Linux and macOS.")
    assert "WSL" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["serve", pytest.param("check", marks=pytest.mark.slow)])
def test_what_keeps_the_models_client_from_being_built_is_told_before_the_start(tmp_path: Path, command: str) -> None:
    model = {"BASE_URL": "https://llm.example.org/v1", "LLM_MODEL": "m"}
    for name, value in (("ALL_PROXY", "socks://127.0.0.1:7891/"), ("SSL_CERT_FILE", "/no/such/file.pem")):
        answer = run(tmp_path, command, **model, **{name: value})
        assert answer.returncode == 2
        [line] = answer.stderr.splitlines()
        assert line.startswith(f"Beseda cannot start. {name}: ")


def test_an_upgrade_that_fails_says_where_and_that_nothing_is_changed(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/data/beseda.db"
    upgrade_to(address, "0004")
    with closing(sqlite3.connect(tmp_path / "data" / "beseda.db")) as database:
        database.execute("DROP INDEX ix_user_blocked")  # as in a file that an unfinished version created
        before = list(database.iterdump())
    answer = run(tmp_path)
    assert answer.returncode == 2
    last = answer.stderr.splitlines()[-1]
    assert last.startswith("Beseda cannot start. The upgrade of the database failed at revision 0006 (usage hours")
    assert "Nothing was changed" in last
    assert "DATABASE_URL" not in answer.stderr
    assert "no such index: ix_user_blocked" in answer.stderr, "the cause stands before it"
    with closing(sqlite3.connect(tmp_path / "data" / "beseda.db")) as database:
        assert list(database.iterdump()) == before


@pytest.mark.slow
def test_a_database_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "beseda.db").write_text("This is a letter and no database, however long it may be.")
    for address in ("", f"sqlite:////{tmp_path}/data/beseda.db/below.db"):
        answer = run(tmp_path, DATABASE_URL=address)
        assert answer.returncode == 2
        [line] = answer.stderr.splitlines()
        assert "DATABASE_URL" in line


@pytest.mark.slow
def test_a_data_folder_that_cannot_be_written_to_is_told_alike_by_whoever_needs_it() -> None:
    for command in ("migrate", "serve"):
        answer = run(Path("/"), command, DATA_DIR="/proc")  # where not even root may write
        assert answer.returncode == 2
        [line] = answer.stderr.splitlines()
        assert line.startswith("Beseda cannot start. DATA_DIR: the database's file, or its folder, cannot be written")


@pytest.mark.slow
def test_a_backup_to_nowhere_is_told_in_one_line(tmp_path: Path) -> None:
    answer = run(tmp_path, "backup", "")
    assert answer.returncode == 2
    assert answer.stderr.splitlines()[-1] == "main.py backup: error: argument FILE: the name is empty"
    for command, closed, stream in (("backup", ">&-", "output"), ("verify", "<&-", "input")):
        answer = subprocess.run(
            ["/bin/sh", "-c", f'exec "$0" "$1" {command} - {closed}', sys.executable, MAIN],
            check=False,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            timeout=PATIENCE,
        )
        assert (answer.returncode, answer.stderr) == (2, f"The standard {stream} is closed.\n")


def test_ctrl_c_while_a_command_is_loading_ends_it_without_a_traceback(tmp_path: Path) -> None:
    pressed = (
        "import runpy, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # tests that run in the background ignore it
        "class Pressed:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == {module!r}: signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "sys.argv = ['main.py', 'migrate']\n"
        f"runpy.run_path({str(MAIN)!r}, run_name='__main__')"
    )
    for module in ("domain.settings.settings", "domain.tables"):
        answer = subprocess.run(
            [sys.executable, "-c", pressed.format(module=module)],
            check=False,
            capture_output=True,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(MAIN.parent)},
            timeout=PATIENCE,
        )
        assert (answer.returncode, answer.stderr) == (-signal.SIGINT, b""), module
