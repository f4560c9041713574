"""Local model servers: what a start without a model finds on this machine, and what it says about it."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from domain.language import Texts, language_of
from domain.llm.local_servers import LocalServer, connecting_lines, find_local_servers
from domain.settings.settings import Settings
from tests.llm_server import LlmServer


def port_of(server: LlmServer) -> int:
    return urlsplit(server.url).port or 0


async def test_a_server_that_runs_here_is_named_with_the_two_settings_to_copy(llm: LlmServer) -> None:
    llm.windows = {"nomic-embed-text": 2048, "qwen3:8b": 8192}
    usual = [("Ollama", port_of(llm)), ("LM Studio", 9)]
    [server] = await find_local_servers(8000, usual)
    assert server.name == "Ollama"
    assert "qwen3:8b" in server.models
    assert "nomic-embed-text" not in server.models
    lines = [line.strip() for line in connecting_lines(Texts("en"), [server])]
    assert f"BASE_URL={llm.url}" in lines
    assert f"LLM_MODEL={server.models[0]}" in lines


@pytest.mark.parametrize(
    ("models", "asked_for"),
    [
        (["/home/ira/models/gemma-3-4b-Q4.gguf"], "gemma-3-4b-Q4"),
        (["/home/ira/my models/Gemma 3 Q4.gguf"], "Gemma 3 Q4"),
        (['C:\\models\\It\'s "new".GGUF'], 'It\'s "new"'),
        (["/srv/models/Qwen3 #2"], "/srv/models/Qwen3 #2"),
        (["Qwen/Qwen3-8B"], "Qwen/Qwen3-8B"),
        (["a/one.gguf", "a/two.gguf"], "a/one.gguf"),
    ],
)
def test_the_line_to_copy_names_the_model_so_that_it_is_read_again(
    models: list[str], asked_for: str, tmp_path: Path
) -> None:
    """llama.cpp names its one model by the path of its file and takes any name; of several the right one is needed."""
    found = LocalServer("llama.cpp", "http://127.0.0.1:8080/v1", models)
    copied = tmp_path / ".env"
    copied.write_text("\n".join(line.strip() for line in connecting_lines(Texts("en"), [found])[1:3]))
    assert Settings(_env_file=copied).llm_model == asked_for


async def test_neither_we_ourselves_nor_a_port_that_says_nothing_are_taken_for_a_model(llm: LlmServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        usual = [("llama.cpp", silent.getsockname()[1]), ("vLLM", port_of(llm))]
        assert await find_local_servers(port_of(llm), usual) == []
    [line] = connecting_lines(Texts("ru"), [])
    assert "README" in line


def test_a_terminal_is_spoken_to_in_its_language() -> None:
    asked = [{"LANG": "ru_RU.UTF-8"}, {"LC_ALL": "en_US.UTF-8", "LANG": "ru_RU.UTF-8"}, {"LANG": "C"}, {}]
    assert [language_of(each) for each in asked] == ["ru", "en", "en", "en"]
