"""Fixtures: the real model client, and a model server that speaks the provider's dialect."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from domain.llm.yandex import ChatModel
from tests.llm_server import LlmServer

KEY = "AQVN-key-of-the-service-account"
FOLDER = "b1gfolderoftheowner"


@pytest.fixture(scope="session")
def running_llm() -> Iterator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture
def llm(running_llm: LlmServer) -> LlmServer:
    """The provider, as if freshly started."""
    running_llm.forget()
    return running_llm


@pytest.fixture
def model(llm: LlmServer) -> ChatModel:
    """YandexGPT as an administrator would set it up; it does not try twice, so that faults are quick."""
    return ChatModel(
        base_url=llm.url, api_key=KEY, folder_id=FOLDER, model="yandexgpt-lite/latest", temperature=0.6, max_retries=0
    )


async def eventually(condition: Callable[[], bool]) -> bool:
    """Whether it comes true within a minute, far more than anything here takes; looked at every 10 ms."""
    for _ in range(6000):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False
