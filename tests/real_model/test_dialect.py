"""Dialect of the real llama.cpp: what our client makes of it, letter by letter, since the model's words are known."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import aclosing
from pathlib import Path

import pytest

from domain.llm.client.chat_model import ChatModel
from domain.llm.client.embeddings_client import LONGEST, EmbeddingsClient
from domain.llm.faults import CutOff, EmptyReply, KeyRejected, KnownFault, Misconfigured, TooLong
from domain.llm.model_server import window_at
from domain.llm.port import Ending, Outcome, Prompt, PromptMessage, Role
from tests.domain.llm.conftest import Heard, eventually, hear
from tests.real_model.llama_server import SERVER, WINDOW, LlamaServer
from tests.real_model.scripted_model import BEGUN_IN_THOUGHT, HELLO, REFUSING, SEA, STORY, THOUGHT, write_model

pytestmark = pytest.mark.skipif(not SERVER, reason="LLAMA_SERVER names what to run")

KEY = "sk-the-key-of-this-server"
SLOWLY = 60_000  # so that a story takes a quarter of a minute


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scripted") / "scripted.gguf"
    write_model(path)
    return path


@pytest.fixture(scope="module")
def server(scripted: Path) -> Generator[LlamaServer]:
    with LlamaServer(scripted, scripted.parent / "server.log") as server:
        yield server


def model_at(server: LlamaServer, key: str = "", **extra: object) -> ChatModel:
    return ChatModel(base_url=server.url, api_key=key, model="local", max_retries=0, extra_body=extra)


def asking(*said: str) -> Prompt:
    turns = [PromptMessage(Role.ASSISTANT if place % 2 else Role.USER, text) for place, text in enumerate(said)]
    return Prompt((PromptMessage(Role.SYSTEM, "Ты — смотритель маяка."), *turns))


async def said(server: LlamaServer, *to_it: str, **extra: object) -> Heard:
    return await hear(model_at(server, "", **extra).reply(asking(*to_it)))


@pytest.mark.parametrize(("to_it", "kept"), [("Привет!", HELLO), ("Пошли смайлик.", SEA), ("Подумай.", HELLO)])
async def test_what_is_kept_is_what_the_model_said(server: LlamaServer, to_it: str, kept: str) -> None:
    heard = await said(server, to_it.lower())
    assert (heard.text, heard.outcome) == (kept, Outcome.DONE)


async def test_silence_is_no_reply(server: LlamaServer) -> None:
    assert (await said(server, "молчи")).outcome is EmptyReply


async def test_a_story_ends_at_its_limit(server: LlamaServer) -> None:
    heard = await said(server, "сказку", max_tokens=3)
    assert (heard.text, heard.outcome) == ("".join(STORY[:3]), Outcome.LENGTH)


async def test_its_tokens_are_counted_as_it_counts_them_itself(server: LlamaServer) -> None:
    await said(server, "Привет!")  # so that it remembers some of the prompt
    by_time = (await said(server, "Привет!")).end
    by_usage = (await said(server, "Привет!", stream_options={"include_usage": True})).end
    assert isinstance(by_time, Ending)
    assert isinstance(by_usage, Ending)
    assert (by_time.tokens_in, by_time.tokens_out) == (by_usage.tokens_in, by_usage.tokens_out)
    assert by_time.tokens_in


@pytest.mark.parametrize("how", ["none", "deepseek", "auto"])
async def test_thoughts_that_its_template_begins_are_not_spoken(tmp_path: Path, how: str) -> None:
    path = tmp_path / "thinking.gguf"
    write_model(path, template=BEGUN_IN_THOUGHT)
    with LlamaServer(path, tmp_path / "server.log", "--reasoning-format", how) as server:
        heard = await said(server, "Привет!")
    assert (heard.text, heard.outcome) == (HELLO, Outcome.DONE)
    assert isinstance(heard.end, Ending)
    assert heard.end.thoughts == THOUGHT


async def test_it_stops_writing_when_nobody_listens_any_more(tmp_path: Path) -> None:
    path = tmp_path / "slow.gguf"
    write_model(path, slowness=SLOWLY)
    with LlamaServer(path, tmp_path / "server.log", "-c", "16384") as server:
        async with aclosing(model_at(server).reply(asking("сказку"))) as pieces:
            async for piece in pieces:
                if isinstance(piece, str):
                    break
            assert await asyncio.to_thread(server.is_writing)
        assert await eventually(lambda: not server.is_writing())
        assert server.would_go_on(), "if it had not been stopped"


async def test_a_prompt_that_is_too_long_teaches_the_window_and_how_dense_its_tokens_are(server: LlamaServer) -> None:
    model = model_at(server)
    heard = await hear(model.reply(asking("Маяк. " * 1000)))
    assert isinstance(heard.end, TooLong)
    assert heard.end.window == model.window() == WINDOW
    assert (await hear(model.reply(asking("м" * (model.room() - 100))))).outcome is Outcome.DONE


async def test_a_server_with_a_key_tells_its_window_to_who_has_it(scripted: Path, tmp_path: Path) -> None:
    with LlamaServer(scripted, tmp_path / "server.log", "--api-key", KEY) as server:
        assert (await hear(model_at(server, KEY).reply(asking("Привет!")))).text == HELLO
        assert (await hear(model_at(server, "another").reply(asking("Привет!")))).outcome is KeyRejected
        assert await asyncio.to_thread(window_at, server.url, "local", KEY, within=10) == WINDOW


async def test_replies_that_fill_a_shared_context_have_less_of_it_the_next_time(scripted: Path, tmp_path: Path) -> None:
    with LlamaServer(scripted, tmp_path / "server.log", "-np", "4", "--kv-unified") as server:
        model = model_at(server)
        model.learned().learn_window(WINDOW)
        together = await asyncio.gather(*(hear(model.reply(asking("сказку"))) for _ in range(4)))
        assert CutOff in {each.outcome for each in together}
        assert model.window() == WINDOW // 2
        together = await asyncio.gather(*(hear(model.reply(asking("сказку"))) for _ in range(4)))
        assert {each.outcome for each in together} == {Outcome.LENGTH}


async def test_a_template_that_refuses_is_quoted_with_its_cause(tmp_path: Path) -> None:
    path = tmp_path / "refusing.gguf"
    write_model(path, template=REFUSING)
    with LlamaServer(path, tmp_path / "server.log") as server:
        assert (await said(server, "Привет!")).text == HELLO
        heard = await said(server, "Привет!", "Привет.", "Как ты?")
    assert heard.outcome is Misconfigured
    assert isinstance(heard.end, KnownFault)
    assert "Too many cooks" in heard.end.detail


async def test_a_text_longer_than_its_batch_has_a_vector(scripted: Path, tmp_path: Path) -> None:
    with LlamaServer(scripted, tmp_path / "server.log", "--embeddings", "--pooling", "mean") as server:
        embeddings = EmbeddingsClient(base_url=server.url, api_key="", texts="local", questions="local")
        found = await embeddings.of_text("м" * LONGEST)
    assert found
    assert found.vector


async def test_a_server_without_embeddings_is_left_alone(server: LlamaServer) -> None:
    embeddings = EmbeddingsClient(base_url=server.url, api_key="", texts="local", questions="local")
    assert await embeddings.of_text("Маяк") is None
