"""Names of models for people: a server that was started with a file calls its model by the whole path."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

PATH = re.compile(r"(?:[/\\~.]|[A-Za-z]:[/\\]).*|.*\.gguf", re.IGNORECASE | re.DOTALL)
"""Not `yandexgpt-lite/latest`, nor the owner and the name of a model as Hugging Face writes them."""
FILE = ".gguf"


def readable_name(model: str) -> str:
    """Of a path its last part, without the ending of such a file; any other name as it is."""
    if not PATH.fullmatch(model):
        return model
    last = re.split(r"[/\\]", model.rstrip("/\\"))[-1]
    return (last[: -len(FILE)] if last.lower().endswith(FILE) else last) or model


def readable_names(models: Iterable[str]) -> dict[str, str]:
    """By its name the readable one of each; of two that could not be told apart by it, the whole names."""
    shown = {model: readable_name(model) for model in models}
    times = Counter(shown.values())
    return {model: short if times[short] == 1 else model for model, short in shown.items()}
