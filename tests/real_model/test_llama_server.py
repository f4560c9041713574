"""A real server: a conversation through the product with llama.cpp's, and with whatever small model is at hand.

    make model LLAMA_SERVER=path/to/llama-server [MODEL_GGUF=path/to/model.gguf]

Not part of `make test`, which has no such server. What the model says is not judged here, only that it arrives and how
it ends. Without MODEL_GGUF, a model with known words is made (scripted_model.py).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator

import pytest

from tests.e2e.product import Product
from tests.real_model.llama_server import SERVER, WINDOW, LlamaServer
from tests.real_model.scripted_model import write_model
from tests.ui.api.conftest import Program, Town

MODEL = os.environ.get("MODEL_GGUF", "")
SLOWLY = 100_000  # so that there is time to freeze it amid a story
SILENCE = 8  # seconds
A_LOT = "Маяк, море, чайки, туман, лодка, берег, ветер, соль. " * 12

pytestmark = pytest.mark.skipif(not SERVER, reason="LLAMA_SERVER names what to run")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Generator[LlamaServer]:
    folder = tmp_path_factory.mktemp("llama")
    scripted = folder / "scripted.gguf"
    if not MODEL:
        write_model(scripted, slowness=SLOWLY)
    model = LlamaServer(MODEL or scripted, folder / "server.log")
    model.start()
    yield model
    model.send(signal.SIGKILL)


@pytest.fixture(scope="module")
def ira(model: LlamaServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Program]:
    product = Product(
        tmp_path_factory.mktemp("product"),
        BASE_URL=model.url,
        LLM_MODEL="local",
        LLM_CONCURRENCY="1",
        LLM_MAX_REPLY_TOKENS="120",
        LLM_SILENCE_TIMEOUT=str(SILENCE),
    )
    product.start()
    town = Town(product, f"sqlite:///{product.data / 'beseda.db'}")
    yield town.come("ira")
    town.leave()
    product.stop()


@pytest.fixture(scope="module")
def marina(ira: Program) -> int:
    return ira.character()


def test_the_first_reply_waits_for_the_model_to_be_loaded(ira: Program, marina: int) -> None:
    answer = ira.say(marina, "Кто ты?")
    assert answer["assistant_message"]["state"] == "done"
    assert answer["assistant_message"]["content"].strip()


def test_a_conversation_goes_on_past_the_models_window(ira: Program, marina: int) -> None:
    dialog = ira.say(marina, "Начнём сначала.")["dialog_id"]
    for _ in range(2 * WINDOW * 2 // len(A_LOT)):
        answer = ira.say(marina, A_LOT, dialog_id=dialog)
        assert answer["assistant_message"]["state"] == "done"


def test_a_model_that_falls_silent_leaves_what_it_said_and_can_be_asked_again(
    ira: Program, marina: int, model: LlamaServer
) -> None:
    events = ira.listen(f"/api/dialogs/{marina}/messages", {"message": "Расскажи длинную сказку."})
    for event in events:
        if event["event"] == "piece":
            model.send(signal.SIGSTOP)
            break
    *_, last = events
    model.send(signal.SIGCONT)
    assert last["event"] == "reply"
    assert last["data"]["assistant_message"]["state"] in {"interrupted", "done"}
    assert ira.say(marina, "Ты здесь?")["assistant_message"]["state"] == "done"


def test_a_model_that_dies_is_missed_and_found_again(ira: Program, marina: int, model: LlamaServer) -> None:
    model.send(signal.SIGKILL)
    assert ira.post(f"/api/dialogs/{marina}/messages", {"message": "Ау?"}).status_code == 502
    model.start()
    assert model.listens()
    assert ira.say(marina, "А теперь?")["assistant_message"]["state"] == "done"
