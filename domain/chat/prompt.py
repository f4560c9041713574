"""How a conversation becomes a prompt: pure code, from a character and a path of messages to roles and texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from domain.characters.character import Character, Gender
from domain.chat.dialog import Message, State
from domain.llm.port import Persona, Prompt, PromptMessage, Role

CHARACTERS_A_TOKEN = 3
"""A safe estimate for Russian on any of the models (Yandex: 4.5 to 5.8, Qwen: 2.8)."""

HISTORY_BUDGET = 24_000 * CHARACTERS_A_TOKEN
"""Characters of prompt in all: a window of 32,768 tokens less the reply and a margin."""

_GENDERS = {Gender.FEMALE: "женский", Gender.MALE: "мужской", Gender.OTHER: "иной"}


def build_prompt(character: Character, path: Sequence[Message]) -> Prompt:
    """The system message, then the path's end that fits, users and assistants in turn, the person's words last.

    `path` runs from the dialog's first message to the person's newest, which is never left out.
    """
    spoken = [message for message in path if message.text.strip() and message.state != State.FILTERED]
    opening = _leading_replies(spoken)
    system = system_message(character, opening)
    room = HISTORY_BUDGET - len(system.text)
    turns = _merged(_latest_that_fit(spoken[len(opening) :], room))
    return Prompt(messages=(system, *turns), persona=_persona(character))


def system_message(character: Character, opening: Iterable[Message] = ()) -> PromptMessage:
    """Who the model is. The character's own first words stand here too: some models insist that a person begins."""
    facts = [
        f"Имя: {character.name}",
        f"Пол: {_GENDERS[Gender(character.gender)]}",
        character.bio and f"О персонаже: {character.bio}",
        character.interests and f"Интересы: {', '.join(character.interests)}",
    ]
    said = "\n\n".join(message.text for message in opening)
    parts = [
        character.context,
        "\n".join(fact for fact in facts if fact),
        said and f"Разговор начался с твоих слов:\n{said}",
    ]
    return PromptMessage(Role.SYSTEM, "\n\n".join(part for part in parts if part))


def _persona(character: Character) -> Persona:
    return Persona(character.name, character.gender, character.bio, tuple(character.interests))


def _leading_replies(spoken: Sequence[Message]) -> Sequence[Message]:
    first_question = next((i for i, message in enumerate(spoken) if message.role == Role.USER), len(spoken))
    return spoken[:first_question]


def _latest_that_fit(messages: Sequence[Message], room: int) -> Sequence[Message]:
    """The end of the conversation within `room` characters, beginning with the person; the last one always fits."""
    kept = len(messages) - 1
    room -= len(messages[-1].text)
    while kept > 0 and len(messages[kept - 1].text) <= room:
        kept -= 1
        room -= len(messages[kept].text)
    while messages[kept].role != Role.USER:
        kept += 1
    return messages[kept:]


def _merged(messages: Iterable[Message]) -> list[PromptMessage]:
    """Neighbours of one role as one message: a failed reply leaves two questions in a row, which some models refuse."""
    return [
        PromptMessage(role, "\n\n".join(message.text for message in group))
        for role, group in groupby(messages, key=lambda message: message.role)
    ]
