"""A real model: a conversation through the product with llama.cpp's server and whatever small model is at hand.

    make model LLAMA_SERVER=path/to/llama-server MODEL_GGUF=path/to/model.gguf

Not part of `make test`, which has neither. What the model says is not judged, only that it arrives and how it ends.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.product import Product
from tests.ui.api.conftest import Program, Town

SERVER, MODEL = os.environ.get("LLAMA_SERVER", ""), os.environ.get("MODEL_GGUF", "")
WINDOW = 2048
SILENCE = 8  # seconds
A_LOT = "Маяк, море, чайки, туман, лодка, берег, ветер, соль. " * 12

pytestmark = pytest.mark.skipif(not (SERVER and MODEL), reason="LLAMA_SERVER and MODEL_GGUF name what to run")


class LlamaServer:
    def __init__(self, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Without waiting: it loads its model while it already listens."""
        command = [SERVER, "-m", MODEL, "-c", str(WINDOW), "--port", str(self.port), "--host", "127.0.0.1", "-np", "1"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)

    def listens(self) -> bool:
        """Within a minute; a server that is still loading its model listens, and says so."""
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
            time.sleep(0.1)
        return False

    def send(self, which: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(which)
        if which is signal.SIGKILL:
            self._process.wait()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Generator[LlamaServer]:
    model = LlamaServer(tmp_path_factory.mktemp("llama") / "server.log")
    model.start()
    yield model
    model.send(signal.SIGKILL)


@pytest.fixture(scope="module")
def ira(model: LlamaServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Program]:
    product = Product(
        tmp_path_factory.mktemp("product"),
        BASE_URL=f"http://127.0.0.1:{model.port}/v1",
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
