"""Prompts for a model, and the outcome of its replies."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from domain.llm.faults import (
    KnownFault,
)
from domain.llm.port import Ending, Prompt, PromptMessage, Role, Sign


def asking(text: str = "Привет!", temperature: float | None = None, longest: int | None = None) -> Prompt:
    messages = (PromptMessage(Role.SYSTEM, "Ты — смотритель маяка."), PromptMessage(Role.USER, text))
    return Prompt(messages, temperature=temperature, longest=longest)


async def heard(reply: AsyncGenerator[str | Sign | Ending]) -> tuple[list[str], Ending]:
    """The pieces and the ending; checks that there is one ending and that it comes last."""
    async with aclosing(reply) as pieces:
        *words, ending = [piece async for piece in pieces if not isinstance(piece, Sign)]
    assert isinstance(ending, Ending)
    assert all(isinstance(word, str) and word for word in words)
    return [str(word) for word in words], ending


async def fault_of(reply: AsyncGenerator[str | Sign | Ending]) -> tuple[str, KnownFault]:
    """The text that came and the fault that ended it."""
    text = ""
    try:
        async with aclosing(reply) as pieces:
            async for piece in pieces:
                text += piece if isinstance(piece, str) else ""
    except KnownFault as fault:
        return text, fault
    raise AssertionError("no fault at all")
