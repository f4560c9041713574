"""Fake clock: it stands still until a test moves it, so expiry, windows and leases run out without waiting."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

import domain.clock


class Clock:
    """Stands at the real time of its creation, then at whatever it is set to."""

    def __init__(self) -> None:
        self.time = domain.clock.system_time()

    def set(self, moment: datetime) -> None:
        self.time = moment

    def advance(self, by: timedelta) -> None:
        self.time += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that everything in `domain` reads."""
    clock = Clock()
    monkeypatch.setattr(domain.clock, "source", lambda: clock.time)
    return clock
