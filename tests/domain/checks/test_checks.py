"""Checks of the server's dependencies, against real servers that work, refuse, or are not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.checks import bus_check
from domain.checks.checks import ServerChecks, run_checks
from domain.checks.database_check import check_database
from domain.checks.finding import Finding, Subject, Verdict
from domain.checks.mail_check import check_mail
from domain.errors import NotAllowed, RateLimited
from domain.language import Texts
from domain.llm.select import language_model
from domain.rate_limits import InMemory, RateLimiter
from domain.settings.settings import Settings
from storage.database import Database
from tests.domain.admin.crowd import an_admin
from tests.domain.chat.conftest import ChatWorld
from tests.domain.llm.conftest import llm, running_llm
from tests.llm_server import LlmServer
from tests.mail_server import HOST, PASSWORD, USER, MailServer

__all__ = ["llm", "running_llm"]
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
NOBODY = "http://127.0.0.1:9/v1"


def settings(folder: Path, **more: Any) -> Settings:
    return Settings(_env_file=None, DATA_DIR=folder, **more)


def on(database_url: str, folder: Path, **more: Any) -> Settings:
    """Settings of a server on the test's database."""
    return settings(folder, DATABASE_URL=database_url, **more)


async def found(given: Settings, database: Database, subject: Subject) -> list[Finding]:
    return [each async for each in run_checks(given, database, language_model(given)) if each.subject == subject]


async def test_a_sound_server_is_found_sound_and_what_is_missing_noted(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    given = on(database_url, tmp_path, PORT=9)
    findings = [each async for each in run_checks(given, database, language_model(given))]
    assert {each.subject: each.verdict for each in findings} == {
        Subject.DATABASE: Verdict.OK,
        Subject.MODEL: Verdict.NOTE,  # the demo model
        Subject.MAIL: Verdict.NOTE,  # in the log
        Subject.DISK: Verdict.OK,
        Subject.BACKUP: Verdict.NOTE,  # none yet
        Subject.CLOCK: Verdict.OK,
        Subject.ADDRESS: Verdict.NOTE,  # not started
    } | ({} if database.dialect == "sqlite" else {Subject.BUS: Verdict.OK})
    for language in ("ru", "en"):
        assert all(each.in_words(Texts(language)) for each in findings)


@pytest.mark.parametrize("dialect", ["postgresql"])
async def test_a_bus_that_carries_nothing_is_told_by_its_setting(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_check, "WITHIN", 0.5)
    given = on(database_url, tmp_path, BUS_URL="redis://127.0.0.1:9")
    [finding] = await found(given, database, Subject.BUS)
    assert finding.verdict == Verdict.WRONG
    assert "BUS_URL" in finding.in_words(Texts("en"))


async def test_a_database_without_tables_is_told_what_to_run(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    finding = await check_database(database)
    await database.close()
    assert finding.verdict == Verdict.WRONG
    assert "main.py migrate" in finding.in_words(Texts("en"))


async def test_the_model_is_asked_for_a_reply_and_its_window_compared(
    llm: LlmServer, database: Database, tmp_path: Path
) -> None:
    given = settings(tmp_path, BASE_URL=llm.url, LLM_MODEL="qwen3:8b", LLM_WINDOW=8192)
    llm.windows = {"qwen3:8b": 4096}
    reply, window = await found(given, database, Subject.MODEL)
    assert (reply.verdict, reply.values["model"]) == (Verdict.OK, "qwen3:8b")
    assert window.verdict == Verdict.WRONG
    assert "LLM_WINDOW=4096" in window.in_words(Texts("en"))
    given = settings(tmp_path, BASE_URL=llm.url, LLM_MODEL="qwen3:8b")
    [_, window] = await found(given, database, Subject.MODEL)
    assert window.verdict == Verdict.OK


async def test_a_certificate_taken_away_since_the_start_is_a_finding(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "removed.pem"))
    [finding] = await found(settings(tmp_path, BASE_URL=NOBODY, LLM_MODEL="m"), database, Subject.MODEL)
    assert finding.verdict == Verdict.WRONG
    assert "the certificate" in finding.in_words(Texts("en"))


@pytest.mark.parametrize(
    ("fault", "setting"),
    [("401", "API_KEY"), ("403", "API_KEY"), ("404", "LLM_MODEL"), ("html", "BASE_URL"), ("", "BASE_URL")],
)
async def test_what_is_wrong_with_the_model_is_told_by_its_setting_and_without_its_value(
    llm: LlmServer, database: Database, tmp_path: Path, fault: str, setting: str
) -> None:
    llm.answer(fault=fault)
    given = settings(tmp_path, BASE_URL=llm.url if fault else NOBODY, LLM_MODEL="m", API_KEY="a-secret-key")
    [finding] = await found(given, database, Subject.MODEL)
    assert finding.verdict == Verdict.WRONG
    assert setting in finding.in_words(Texts("en"))
    assert "secret" not in finding.in_words(Texts("ru"))


async def test_the_mail_server_is_asked_as_far_as_its_log_in_and_sent_nothing(tmp_path: Path) -> None:
    with MailServer(asks_password=True) as server:
        asked: dict[str, Any] = {
            "SMTP_HOST": HOST,
            "SMTP_PORT": server.port,
            "MAIL_FROM": "a@b.test",
            "SMTP_USER": USER,
        }
        right = await check_mail(settings(tmp_path, SMTP_PASSWORD=PASSWORD, SMTP_SECURITY="none", **asked))
        wrong = await check_mail(settings(tmp_path, SMTP_PASSWORD="guessed", SMTP_SECURITY="none", **asked))
        plain = await check_mail(settings(tmp_path, SMTP_PASSWORD=PASSWORD, SMTP_SECURITY="starttls", **asked))
    gone = await check_mail(settings(tmp_path, SMTP_PASSWORD=PASSWORD, SMTP_SECURITY="none", **asked))
    assert server.letters == []
    assert [each.verdict for each in (right, wrong, plain, gone)] == [Verdict.OK, *[Verdict.WRONG] * 3]
    told = [each.in_words(Texts("en")) for each in (wrong, plain, gone)]
    assert [name in text for name, text in zip(("SMTP_PASSWORD", "SMTP_SECURITY", "SMTP_HOST"), told, strict=True)] == [
        True
    ] * 3


async def test_a_folder_that_takes_no_files_and_an_address_of_nobody_are_wrong(
    database: Database, tmp_path: Path
) -> None:
    for given, subject, named in (
        (settings(tmp_path / "nowhere"), Subject.DISK, "DATA_DIR"),
        (settings(tmp_path, PUBLIC_URL="http://beseda.example.org"), Subject.ADDRESS, "https://"),
        (settings(tmp_path, HOST="0.0.0.0"), Subject.ADDRESS, "PUBLIC_URL"),
    ):
        [finding] = await found(given, database, subject)
        assert finding.verdict == Verdict.WRONG
        assert named in finding.in_words(Texts("en"))


async def test_an_address_of_this_machine_alone_is_pointed_out_where_others_could_come(
    database: Database, tmp_path: Path
) -> None:
    given = settings(tmp_path, HOST="0.0.0.0", PUBLIC_URL="http://localhost:8000")
    [finding] = await found(given, database, Subject.ADDRESS)
    assert finding.verdict == Verdict.NOTE
    assert "PUBLIC_URL" in finding.in_words(Texts("en"))


async def test_only_admins_check_and_not_all_the_time(world: ChatWorld, tmp_path: Path) -> None:
    admin, ira = await an_admin(world.database), await world.somebody()
    given, limits = settings(tmp_path, PORT=9), RateLimiter(InMemory(), {"server_checks": 1})
    checks = ServerChecks(given, world.database, language_model(given), limits)
    with pytest.raises(NotAllowed):
        [each async for each in checks.run(ira)]
    assert [each async for each in checks.run(admin)]
    with pytest.raises(RateLimited):
        [each async for each in checks.run(admin)]
