"""Model names, as people read them."""

from __future__ import annotations

from domain.llm.model_names import readable_name, readable_names


def test_a_path_is_shown_by_the_name_of_its_file_and_a_name_as_it_is() -> None:
    short = {
        "/srv/models/gemma-3-4b-Q4.gguf": "gemma-3-4b-Q4",
        "models/gemma.GGUF": "gemma",
        "C:\\models\\qwen 3.gguf": "qwen 3",
        "/srv/models/Qwen3-8B/": "Qwen3-8B",
    }
    assert {path: readable_name(path) for path in short} == short
    for name in ("yandexgpt-lite/latest", "Qwen/Qwen3-8B", "qwen3:8b", "gpt://b1g/yandexgpt/rc", ".gguf", "/", ""):
        assert readable_name(name) == name


def test_two_files_of_one_name_are_told_apart() -> None:
    assert readable_names(["/a/gemma.gguf", "/b/gemma.gguf", "/a/qwen.gguf"]) == {
        "/a/gemma.gguf": "/a/gemma.gguf",
        "/b/gemma.gguf": "/b/gemma.gguf",
        "/a/qwen.gguf": "qwen",
    }
