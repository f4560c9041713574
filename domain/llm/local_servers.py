"""Local model servers: looks once at the usual ports of this machine, for those who start without a model."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.language import N_, Texts, language_of
from domain.llm.model_names import readable_name
from domain.llm.model_server import NoAnswer, models_at

WITHIN = 1.5  # seconds; a server on the same machine answers at once or is not there
USUAL = (("Ollama", 11434), ("LM Studio", 1234), ("llama.cpp", 8080), ("vLLM", 8000))
NEEDS_QUOTES = re.compile(r"[\s'\"#$`]")
NOTHING_FOUND = N_("No model is connected: the demo model writes the replies. The README says how to connect one.")


@dataclass(frozen=True)
class LocalServer:
    """`models` are its models, by the names to ask for them; it may have none yet."""

    name: str
    base_url: str
    models: list[str]


async def lines_at_start(own_port: int, environment: Mapping[str, str]) -> str:
    lines = connecting_lines(Texts(language_of(environment)), await find_local_servers(own_port))
    return "\n".join(f"  {line}" for line in lines)


async def find_local_servers(own_port: int, usual: Sequence[tuple[str, int]] = USUAL) -> list[LocalServer]:
    """The servers that answer as a model's server does. `own_port` is ours and not asked."""
    looks = [asyncio.to_thread(_look, name, port) for name, port in usual if port != own_port]
    return [found for found in await asyncio.gather(*looks) if found]


def connecting_lines(_: Texts, servers: Sequence[LocalServer]) -> list[str]:
    """Lines to print at the start: the servers that were found, and the two settings to copy."""
    if not servers:
        return [_(NOTHING_FOUND)]
    lines = []
    for server in servers:
        if not server.models:
            lines.append(
                _("{server} runs here without a model: load one, then start Beseda again.", server=server.name)
            )
            continue
        lines += [
            _(
                "{server} runs here. To let it write the replies, put this into .env and start again:",
                server=server.name,
            ),
            f"  BASE_URL={server.base_url}",
            f"  LLM_MODEL={_as_in_env(_name_to_ask_for(server))}",
        ]
        if others := ", ".join(server.models[1:6]):
            lines.append(_("Its other models: {models}", models=others))
    return lines


def _name_to_ask_for(server: LocalServer) -> str:
    """A server of a single file (llama.cpp) accepts any name, so a short one is used, which can be copied and read.
    Others accept only their own, and so does a server of a folder (vLLM).
    """
    first = server.models[0]
    return readable_name(first) if len(server.models) == 1 and first.lower().endswith(".gguf") else first


def _as_in_env(name: str) -> str:
    """The name quoted as `.env` requires it, whoever reads it: Beseda, Compose or systemd."""
    if not NEEDS_QUOTES.search(name):
        return name
    return f"'{name}'" if "'" not in name else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _look(name: str, port: int) -> LocalServer | None:
    base_url = f"http://127.0.0.1:{port}/v1"
    try:
        return LocalServer(name, base_url, models_at(base_url, within=WITHIN))
    except NoAnswer:
        return None
