"""Fixtures: the admins' services over a real database."""

from __future__ import annotations

import pytest

from tests.domain.admin.office import Office, office_of
from tests.domain.chat.conftest import House, house, server
from tests.domain.conftest import Mailbox

__all__ = ["house", "server"]


@pytest.fixture
def office(house: House, mailbox: Mailbox) -> Office:
    return office_of(house, mailbox)
