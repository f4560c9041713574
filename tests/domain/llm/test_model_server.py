"""Model servers: what each tells of its context window, in its own words."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from domain.llm.model_server import NoAnswer, models_at, window_at

OLLAMA = {"/api/show": {"parameters": "stop x", "model_info": {"qwen3.context_length": 40960}}}
LOADED = {"/api/ps": {"models": [{"model": "m", "context_length": 4096}]}}
UNTAGGED = {
    "/api/ps": {"models": [{"model": "other", "context_length": 2048}, {"model": "m:latest", "context_length": 4096}]}
}
CHOSEN = {"/api/show": {"parameters": "num_ctx    16384", "model_info": {"qwen3.context_length": 40960}}}
LLAMA_CPP = {
    "/props": {"default_generation_settings": {"params": {"n_predict": -1}, "n_ctx": 8192}, "total_slots": 4},
    "/v1/models": {
        "models": [{"model": "gemma.gguf"}],
        "data": [{"id": "gemma.gguf", "meta": {"n_ctx_train": 32768}}],
    },
}
LM_STUDIO = {"/api/v0/models": {"data": [{"id": "m", "max_context_length": 32768, "loaded_context_length": 4096}]}}
VLLM = {"/v1/models": {"data": [{"id": "other"}, {"id": "m", "max_model_len": 65536}]}}
KEY = "sk-the-key-of-this-server"
SILENT = {"/v1/models": {"data": [{"id": "m"}]}}


class Speaking(BaseHTTPRequestHandler):
    """Tells everything, but only to those who have the key."""

    pages: dict[str, Any]

    def do_GET(self) -> None:
        body = json.dumps(self.pages.get(self.path, {})).encode()
        has_key = self.headers["Authorization"] == f"Bearer {KEY}"
        self.send_response((200 if self.path in self.pages else 404) if has_key else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Generator[str]:
    handler = type("Handler", (Speaking,), {"pages": request.param})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("url", "window"),
    [
        (OLLAMA, 40960),
        (OLLAMA | LOADED, 4096),
        (OLLAMA | UNTAGGED, 4096),
        (CHOSEN, 16384),
        (LLAMA_CPP, 8192),
        (LM_STUDIO, 4096),
        (VLLM, 65536),
        (SILENT, None),
        ({}, None),
    ],
    indirect=["url"],
    ids=[
        "Ollama",
        "Ollama, loaded",
        "Ollama, by its usual tag",
        "Ollama, set",
        "llama.cpp",
        "LM Studio",
        "vLLM",
        "tells none",
        "not a server",
    ],
)
def test_the_real_window_is_read_as_the_server_tells_it(url: str, window: int | None) -> None:
    assert window_at(url, "m", KEY, within=5) == window


@pytest.mark.parametrize("url", [{}, {"/v1/models": {"hello": "world"}}], indirect=True)
def test_what_lists_no_models_is_no_models_server(url: str) -> None:
    with pytest.raises(NoAnswer):
        models_at(url, KEY, within=5)


@pytest.mark.parametrize("url", [{"/v1/models": body} for body in (True, 5, {"data": 5}, {"data": "m"})], indirect=True)
def test_what_answers_and_is_no_models_server_is_no_answer(url: str) -> None:
    with pytest.raises(NoAnswer):
        models_at(url, KEY, within=5)
