"""The request for a reply: its parameters and headers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from domain.llm.port import Prompt

if TYPE_CHECKING:
    from openai import Omit


def wanted_parameters(prompt: Prompt, temperature: float, *, stops: bool) -> dict[str, object]:
    """The parameters besides the token limit, if the server accepts them all. `stops` adds stop sequences: the
    beginnings of a turn of the person, which the model must not write; three at most, of the four that OpenAI accepts.
    """
    chosen = temperature if prompt.temperature is None else prompt.temperature
    wanted: dict[str, object] = {"temperature": min(1.0, max(0.0, chosen))}
    if stops:
        names = dict.fromkeys(name for name in (prompt.interlocutor.name, "User", "Human") if name)
        wanted["stop"] = [f"\n{name}:" for name in names]
    return wanted


def headers_for(folder_id: str) -> dict[str, str | Omit]:
    """The headers of one request, with a unique id. OPENAI_ORG_ID and OPENAI_PROJECT_ID of the environment are not
    sent, since they belong to another account.
    """
    from openai import Omit

    headers: dict[str, str | Omit] = {"x-client-request-id": str(uuid4()), "OpenAI-Organization": Omit()}
    if not folder_id:
        headers["OpenAI-Project"] = Omit()
    return headers
