"""Fixtures: the admins' services over a real database."""

from __future__ import annotations

import pytest

from tests.domain.admin.admin_world import AdminWorld, admin_world_of
from tests.domain.chat.conftest import ChatWorld, server, world
from tests.domain.conftest import Mailbox

__all__ = ["server", "world"]


@pytest.fixture
def admin_world(world: ChatWorld, mailbox: Mailbox) -> AdminWorld:
    return admin_world_of(world, mailbox)
