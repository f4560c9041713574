"""Letters without a mail server: the log is the only way to read them, so they are logged whatever its level."""

from __future__ import annotations

import logging

import pytest

from domain.mail.console import ConsoleMailer
from domain.mail.letters import Mail


@pytest.mark.parametrize("level", ["INFO", "ERROR", "CRITICAL"])
async def test_a_letter_is_printed_whatever_the_level_of_the_log(
    level: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("beseda.mail"), "level", logging.NOTSET)
    caplog.set_level(level)
    caplog.handler.setLevel(logging.NOTSET)
    await ConsoleMailer().send(Mail("ira@example.org", "Вход", "Ссылка: https://beseda.test/log-in"))
    assert "https://beseda.test/log-in" in caplog.text
