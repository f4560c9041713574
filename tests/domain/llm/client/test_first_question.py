"""First question: what the log says about the model's server at the start."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.llm.client import first_question
from domain.llm.client.chat_model import ChatModel
from domain.llm.client.first_question import ask_at_start, learn_windows
from domain.llm.faults import CertificateRefused
from domain.llm.port import Prompt, PromptMessage, Role
from domain.llm.select import language_model
from domain.settings.settings import Settings
from tests.domain.llm.conftest import eventually, hear
from tests.llm_server import LlmServer
from tests.mail_server import self_made_certificate
from tests.ports import free_port

KEY = "sk-the-key-of-this-server"


@pytest.fixture
def chosen(llm: LlmServer, tmp_path: Path) -> Settings:
    return Settings(_env_file=None, DATA_DIR=tmp_path, BASE_URL=llm.url, LLM_MODEL="qwen3:8b", API_KEY=KEY)


async def asked(chosen: Settings, caplog: pytest.LogCaptureFixture) -> tuple[ChatModel, str]:
    caplog.set_level(logging.INFO)
    model = language_model(chosen)
    assert isinstance(model, ChatModel)
    await ask_at_start(model, chosen)
    return model, caplog.text


async def test_a_model_that_replies_is_named_with_the_window_its_server_tells(
    llm: LlmServer, chosen: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    llm.windows = {"qwen3:8b": 9000}
    model, log = await asked(chosen, caplog)
    assert "The model qwen3:8b replies" in log
    assert model.window() == 9000


async def test_a_window_that_nobody_tells_is_assumed_and_said(
    llm: LlmServer, chosen: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    model, log = await asked(chosen, caplog)
    assert "4096 tokens are assumed. LLM_WINDOW sets it" in log
    assert model.window() == 4096
    (asked_for_words,) = llm.asked
    assert asked_for_words.body["max_tokens"] == 16, "and it costs next to nothing"


async def test_another_model_is_asked_what_it_reads_once_it_has_replied(llm: LlmServer, chosen: Settings) -> None:
    """Only then does a server tell what it was loaded with; the reply does not wait for it."""
    llm.windows = {"qwen3:8b": 9000, "gemma3:4b": 12_000}
    model = language_model(chosen)
    assert isinstance(model, ChatModel)
    learning = asyncio.create_task(learn_windows(model, chosen))
    prompt = Prompt((PromptMessage(Role.USER, "Привет"),), model="gemma3:4b")
    assert model.window("gemma3:4b") == 4096
    async with aclosing(model.reply(prompt)) as pieces:
        async for _piece in pieces:
            pass
    assert await eventually(lambda: model.window("gemma3:4b") == 12_000)
    assert model.window() == 4096, "of which nobody has asked"
    learning.cancel()


async def test_without_the_question_at_the_start_the_window_is_asked_for_after_the_first_reply(
    llm: LlmServer, chosen: Settings
) -> None:
    llm.windows = {"qwen3:8b": 9000}
    settings = chosen.model_copy(update={"llm_check_at_start": False})
    model = language_model(settings)
    assert isinstance(model, ChatModel)
    learning = asyncio.create_task(learn_windows(model, settings))
    async with aclosing(model.reply(Prompt((PromptMessage(Role.USER, "Привет"),)))) as pieces:
        async for _piece in pieces:
            pass
    assert await eventually(lambda: model.window() == 9000)
    learning.cancel()


async def test_a_model_that_is_slow_at_the_start_is_asked_what_it_reads_once_it_has_replied(
    llm: LlmServer, chosen: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be loading, and its server then tells the window it could have, not the one it was loaded with."""
    monkeypatch.setattr(first_question, "WITHIN", 0.2)
    llm.windows = {"qwen3:8b": 131_072}
    llm.answer(hold=3)
    model, log = await asked(chosen, caplog)
    assert "does not reply" in log
    assert model.window() == 4096
    llm.windows = {"qwen3:8b": 9000}
    learning = asyncio.create_task(learn_windows(model, chosen))
    await hear(model.reply(Prompt((PromptMessage(Role.USER, "Привет"),))))
    assert await eventually(lambda: model.window() == 9000)
    learning.cancel()


@pytest.mark.parametrize("place", ["//", "//porter:s%2Fecret@"])
async def test_it_is_asked_as_replies_are_asked_for(
    llm: LlmServer, chosen: Settings, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    """With the headers of LLM_EXTRA, and with a name and password in the address in preference to the key."""
    address, extra = llm.url.replace("//", place), SecretStr('{"headers": {"X-Gate": "open"}}')
    llm.windows = {"qwen3:8b": 9000}
    async with asyncio.timeout(60):  # a server that seems not to be there is asked for ever
        model, _log = await asked(chosen.model_copy(update={"base_url": address, "llm_extra": extra}), caplog)
    assert model.window() == 9000
    prompt = Prompt((PromptMessage(Role.USER, "Привет"),))
    async with aclosing(model.reply(prompt)) as pieces:
        async for _piece in pieces:
            pass
    shown = {(each.headers["authorization"], each.headers["x-gate"]) for each in llm.requests}
    assert shown == {(f"Bearer {KEY}" if place == "//" else "Basic cG9ydGVyOnMvZWNyZXQ=", "open")}
    assert len(llm.asked) == 2


async def test_a_refusal_is_in_the_log_in_the_servers_words_without_the_key(
    llm: LlmServer, chosen: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    said = (
        '{"error": {"message": "model \\"qwen3:8b\\" not found, try pulling it first (key sk-the-key-of-this-server)"}}'
    )
    llm.answer_with(said, 404)
    _, log = await asked(chosen, caplog)
    assert "Check LLM_MODEL" in log
    assert "try pulling it first" in log
    assert KEY not in log


async def test_a_redirect_is_in_the_log_with_where_it_leads(
    llm: LlmServer, chosen: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    llm.answer_with("", 301, Location="https://model.test/v1/chat/completions")
    _, log = await asked(chosen, caplog)
    assert "moved to https://model.test/v1/" in log


async def test_a_page_in_place_of_a_reply_is_named_by_its_setting(
    llm: LlmServer, chosen: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    llm.answer(fault="html")
    _, log = await asked(chosen, caplog)
    assert "BASE_URL is not a model's server" in log


async def test_a_certificate_that_its_owner_signed_is_told_with_the_setting_for_it(
    chosen: Settings, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """In the log at the start, and to admins when somebody talks."""
    context, _ = self_made_certificate(tmp_path)
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context) as server:
        address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        model, log = await asked(chosen.model_copy(update={"base_url": address}), caplog)
        assert "let SSL_CERT_FILE name the certificates to trust" in log
        reply = await hear(model.reply(Prompt((PromptMessage(Role.USER, "Привет"),))))
        server.close()
    assert reply.outcome is CertificateRefused


async def test_a_server_that_is_started_later_is_named_once_and_tells_its_window_when_it_is_there(
    chosen: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_question, "AGAIN_AFTER", 0.01)
    port = free_port()
    asking = asyncio.create_task(asked(chosen.model_copy(update={"base_url": f"http://127.0.0.1:{port}/v1"}), caplog))
    assert await eventually(lambda: "Check BASE_URL, and whether the server is running. URLError" in caplog.text)
    late = LlmServer(port)
    late.windows = {"qwen3:8b": 9000}
    with late:
        model, log = await asking
    assert model.window() == 9000
    assert log.count("does not reply") == 1


async def test_a_model_that_is_being_loaded_is_asked_until_its_window_is_known(
    llm: LlmServer, chosen: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_question, "AGAIN_AFTER", 0.01)
    llm.windows = {"qwen3:8b": 9000}
    for _ in range(3):
        llm.answer_with('{"error":{"message":"Loading model","type":"unavailable_error","code":503}}', 503)
    model, log = await asked(chosen, caplog)
    assert (model.window(), len(llm.asked)) == (9000, 4)
    assert log.count("does not reply") == 1, "and is not complained of each time"
    assert "The model qwen3:8b replies" in log
