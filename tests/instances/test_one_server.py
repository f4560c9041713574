"""One server per SQLite file: a second one refuses to start, and what other commands may do beside a running one."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from storage.sqlite_file import FileInUse, only_server_of
from tests.domain.test_command_line import run
from tests.e2e.product import Product
from tests.llm_server import LlmServer
from tests.storage.old_database import upgrade_to
from tests.ui.api.conftest import Town

REFUSAL = "Beseda cannot start. DATABASE_URL: another server is running on this SQLite file. Several need PostgreSQL."


@pytest.fixture
def town(llm: LlmServer, tmp_path: Path) -> Generator[Town]:
    product = Product(tmp_path, BASE_URL=llm.url, LLM_MODEL="m")
    product.start()
    town = Town(product, f"sqlite:///{product.data}/beseda.db")
    yield town
    town.leave()
    product.stop()


@pytest.mark.slow
def test_a_second_server_is_refused_in_one_line_and_the_first_writes_on(
    town: Town, llm: LlmServer, tmp_path: Path
) -> None:
    ira = town.come("ira")
    character_id = ira.character()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "link.db").symlink_to(town.product.data / "beseda.db")
    llm.answer("Свет горит. " * 20, style="fine", pause=0.05)
    reply = ira.listen(f"/api/dialogs/{character_id}/messages", {"message": "Привет"})
    next(event for event in reply if event["event"] == "piece")
    for name in (town.product.data / "beseda.db", tmp_path / "other" / "link.db"):
        second = run(tmp_path / "other", DATABASE_URL=f"sqlite:///{name}", PORT=str(Product(tmp_path).port))
        assert second.returncode == 2
        assert second.stderr.splitlines() == [REFUSAL]
    *_, last = reply
    assert last["event"] == "reply"
    assert last["data"]["assistant_message"]["content"] == "Свет горит. " * 20


@pytest.mark.slow
def test_a_killed_servers_file_is_free_at_once(town: Town) -> None:
    town.product.kill()
    town.product.start()


@pytest.mark.slow
def test_commands_that_may_work_beside_a_server_do(town: Town, tmp_path: Path) -> None:
    folder = {"DATA_DIR": str(town.product.data)}
    assert run(tmp_path, "migrate", **folder).returncode == 0
    assert run(tmp_path, "check", PORT="9", **folder).returncode == 0
    asked = run(tmp_path, "admin", "grant", "nobody@example.org", **folder)
    assert (asked.returncode, asked.stderr) == (1, "There is no account with nobody@example.org.\n")


@pytest.mark.slow
def test_nobody_upgrades_the_tables_of_a_running_server(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/data/beseda.db"
    upgrade_to(address, "0019")
    with only_server_of(address):
        answer = run(tmp_path, "migrate")
        assert answer.returncode == 2
        [line] = answer.stderr.splitlines()
        assert line.startswith("Beseda cannot start. DATABASE_URL: a server is running on this SQLite file")
    assert run(tmp_path, "migrate").returncode == 0


def test_a_file_is_free_again_when_its_server_has_ended(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/beseda.db"
    with only_server_of(address), pytest.raises(FileInUse), only_server_of(address):
        pass
    with only_server_of(address):
        pass
