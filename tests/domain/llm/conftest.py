"""Fixtures: the real model client, and a model server that speaks the provider's dialect."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass

import pytest

from domain.llm.client.chat_model import ChatModel
from domain.llm.faults import KnownFault
from domain.llm.port import Ending, Outcome, Sign
from tests.llm_server import LlmServer

KEY = "AQVN-key-of-the-service-account"
FOLDER = "b1gfolderoftheowner"


@pytest.fixture(scope="session")
def running_llm() -> Iterator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture
def llm(running_llm: LlmServer) -> LlmServer:
    """The provider's server, as if freshly started."""
    running_llm.forget()
    return running_llm


@pytest.fixture
def model(llm: LlmServer) -> ChatModel:
    """YandexGPT as an admin would set it up, but without retries, so that faults are quick."""
    return ChatModel(
        base_url=llm.url, api_key=KEY, folder_id=FOLDER, model="yandexgpt-lite/latest", temperature=0.6, max_retries=0
    )


@dataclass(frozen=True)
class Heard:
    """Outcome of a reply: its text as it is kept, the signs in it, and its end."""

    text: str
    signs: tuple[Sign, ...]
    end: Ending | KnownFault

    @property
    def outcome(self) -> Outcome | type[KnownFault]:
        return self.end.outcome if isinstance(self.end, Ending) else type(self.end)


async def hear(reply: AsyncGenerator[str | Sign | Ending]) -> Heard:
    """Read a reply to its end, as the chat does."""
    text, signs = "", list[Sign]()
    try:
        async with aclosing(reply) as pieces:
            async for piece in pieces:
                if isinstance(piece, Ending):
                    return Heard(text, tuple(signs), piece)
                if isinstance(piece, Sign):
                    signs.append(piece)
                text = "" if piece is Sign.TAKEN_BACK else text + (piece if isinstance(piece, str) else "")
    except KnownFault as fault:
        return Heard(text, tuple(signs), fault)
    raise AssertionError("neither an ending nor a fault")


async def eventually(condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true within a minute, far more than anything here takes; polled every 10 ms."""
    for _ in range(6000):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False
