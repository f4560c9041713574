"""Request extras: fields and headers that the operator adds to each request to the model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

RESERVED = ("messages", "model", "stream")
"""Fields that make up a request, which nobody may replace."""
HEADERS = "headers"
HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True)
class RequestExtras:
    body: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def read_extras(text: str) -> RequestExtras:
    """Parse a JSON object: its fields go into the body, those of its `headers` into the headers. Raises `ValueError`
    with a plain message for anything else.
    """
    if not text.strip():
        return RequestExtras()
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ValueError(  # noqa: TRY004 - pydantic shows this one to the operator
            'must be a JSON object such as {"reasoning_effort": "low", "headers": {"X-Title": "Beseda"}}'
        )
    headers = body.pop(HEADERS, {})
    if taken := next((name for name in RESERVED if name in body), None):
        raise ValueError(f"must not set {taken}, which Beseda sets itself")
    if not isinstance(headers, dict) or not all(_is_header(*each) for each in headers.items()):
        raise ValueError("wants its headers as an object of names and texts in one line of ASCII")
    return RequestExtras(body, headers)


def _is_header(name: str, value: object) -> bool:
    is_plain = isinstance(value, str) and value.isascii() and value.isprintable()
    return is_plain and bool(HEADER_NAME.fullmatch(name))
