"""Fake clock: it stands still until a test moves it, so expiry, windows and leases run out without anybody waiting."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

import domain.clock


class Clock:
    """Shows the real time of when it was made, then whatever it is set to."""

    def __init__(self) -> None:
        self.time = domain.clock.system_time()

    def set(self, moment: datetime) -> None:
        self.time = moment

    def advance(self, by: timedelta) -> None:
        self.time += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The one that everything in `domain` reads."""
    clock = Clock()
    monkeypatch.setattr(domain.clock, "source", lambda: clock.time)
    return clock
