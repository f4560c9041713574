"""Names of models for people: a server that was started with a file calls its model by the whole path."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

PATH = re.compile(r"(?:[/\\~.]|[A-Za-z]:[/\\]).*|.*\.gguf", re.IGNORECASE | re.DOTALL)
"""A path or the name of a file, unlike `yandexgpt-lite/latest` or Hugging Face's names of an owner and a model."""
FILE = ".gguf"


def readable_name(model: str) -> str:
    """The last part of a path, without the extension `.gguf`; any other name unchanged."""
    if not PATH.fullmatch(model):
        return model
    last = re.split(r"[/\\]", model.rstrip("/\\"))[-1]
    return (last[: -len(FILE)] if last.lower().endswith(FILE) else last) or model


def readable_names(models: Iterable[str]) -> dict[str, str]:
    """Maps each name to its readable one, or to itself if two would be the same."""
    shown = {model: readable_name(model) for model in models}
    times = Counter(shown.values())
    return {model: short if times[short] == 1 else model for model, short in shown.items()}
