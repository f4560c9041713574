"""A conversation with the demo model, as the chat would have it."""

from __future__ import annotations

from collections.abc import Iterable

from domain.llm.demo.resuming import reply_to
from domain.llm.port import GO_ON, Interlocutor, Persona, Prompt, PromptMessage, Role


class Talk:
    """Asks the demo model and keeps the conversation."""

    def __init__(self, persona: Persona, person: Interlocutor | None = None) -> None:
        self._persona = persona
        self._person = person or Interlocutor()
        self._messages = [PromptMessage(Role.SYSTEM, f"Ты — {persona.name}.")]

    def say(self, text: str) -> str:
        self._messages.append(PromptMessage(Role.USER, text))
        answer = reply_to(self._prompt(self._messages))
        self._messages.append(PromptMessage(Role.ASSISTANT, answer))
        return answer

    def say_all(self, texts: Iterable[str]) -> list[str]:
        return [self.say(text) for text in texts]

    def cut_off(self, letters: int) -> str:
        """Leave only the beginning of the last reply; returns the rest."""
        whole = self._messages[-1].text
        self.put(whole[:letters])
        return whole[letters:]

    def put(self, text: str) -> None:
        """Replace the last reply by this."""
        self._messages[-1] = PromptMessage(Role.ASSISTANT, text)

    def go_on(self) -> str:
        """Continuation that «Продолжить» adds to the last reply."""
        more = reply_to(self._prompt([*self._messages, PromptMessage(Role.USER, GO_ON)]))
        self.put(self._messages[-1].text + more)
        return more

    def _prompt(self, messages: list[PromptMessage]) -> Prompt:
        return Prompt(tuple(messages), self._persona, self._person)
