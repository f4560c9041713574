"""Demo model: a built-in rule-based chatbot that needs no key, no network and no language model.

A starter character plays its repertoire; everybody else answers from their card. The same conversation gets the same
words, unless the reply is regenerated: then different ones.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator

from domain.llm.port import Ending, Outcome, Prompt, Sign
from domain.llm.token_estimates import YANDEX_WINDOW, prompt_characters

READING_PAUSE = 0.14  # seconds a word: about 45 characters a second


class DemoModel:
    """`pause` is the seconds between two words."""

    is_demo = True
    name = "demo"

    def __init__(self, pause: float = READING_PAUSE) -> None:
        self._pause = pause

    def room(self, model: str = "") -> int:  # noqa: ARG002 - there is only one, which reads whatever there is
        return prompt_characters(YANDEX_WINDOW, 0)

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str | Sign | Ending]:
        text = await asyncio.to_thread(_reply, prompt)
        for word in re.findall(r"\S+\s*|\s+", text):
            await asyncio.sleep(self._pause)
            yield word
        yield Ending(Outcome.DONE)


def _reply(prompt: Prompt) -> str:
    from domain.llm.demo.resuming import reply_to  # late, in a thread: it reads files and the dictionary

    return reply_to(prompt)
