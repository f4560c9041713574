"""Fixtures: several processes of the product over one database."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.llm_server import LlmServer


@pytest.fixture
def llm() -> Generator[LlmServer]:
    with LlmServer() as server:
        yield server
