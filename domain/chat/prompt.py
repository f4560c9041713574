"""How a conversation becomes a prompt: pure code, from a character and a path of messages to roles and texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from domain.accounts.user import PersonGender, User
from domain.characters.character import Character, Gender
from domain.chat.dialog import Message, State
from domain.llm.port import Persona, Prompt, PromptMessage, Role

_GENDERS = {Gender.FEMALE: "женский", Gender.MALE: "мужской", Gender.OTHER: "иной"}
_PERSON_GENDERS = {PersonGender.FEMALE: "женский", PersonGender.MALE: "мужской"}

GO_ON = "(Продолжи свою последнюю реплику ровно с того места, где она оборвалась. Не повторяй сказанного.)"


@dataclass(frozen=True)
class Spoken:
    """What of a message decides whether the model still gets it; `length` in characters."""

    id: int
    role: Role
    state: State
    length: int

    @property
    def counts(self) -> bool:
        """Empty and filtered replies are left out: the first say nothing, the second call for more of their kind."""
        return self.length > 0 and self.state != State.FILTERED


def build_prompt(
    character: Character, path: Sequence[Message], room: int, unfinished: str = "", person: User | None = None
) -> Prompt:
    """The system message, then the path's end that fits into `room` characters, users and assistants in turn.

    `path` runs from the dialog's first known message to the person's newest, which is never left out. `unfinished` is
    the reply to go on with, if one was cut off; `person` is who talks with the character.
    """
    spoken = [(_spoken(message), message.text) for message in path]
    opening = "\n\n".join(text for text in _leading_replies(spoken))
    system = system_message(character, opening, person)
    first = first_remembered([each for each, _text in spoken], room - len(system.text) - len(unfinished))
    turns = [PromptMessage(each.role, text) for each, text in spoken if each.counts and each.id >= first]
    if unfinished:
        turns += [PromptMessage(Role.ASSISTANT, unfinished), PromptMessage(Role.USER, GO_ON)]
    return Prompt(messages=(system, *_merged(turns)), persona=_persona(character))


def first_remembered(path: Sequence[Spoken], room: int) -> int:
    """The id of the first message that the model gets word for word, given `room` characters for all of them.

    It is a person's, since the replies before the first one stand in the system message; the newest is always in.
    Ids grow along a path, because a message is made after the one it follows.
    """
    counted = [each for each in path if each.counts]
    first = len(counted) - 1
    room -= counted[first].length
    while first > 0 and counted[first - 1].length <= room:
        first -= 1
        room -= counted[first].length
    while counted[first].role != Role.USER:
        first += 1
    return counted[first].id


def system_message(character: Character, opening: str = "", person: User | None = None) -> PromptMessage:
    """Who the model is. The character's own first words stand here too: some models insist that a person begins."""
    facts = [
        f"Имя: {character.name}",
        f"Пол: {_GENDERS[Gender(character.gender)]}",
        character.bio and f"О персонаже: {character.bio}",
        character.interests and f"Интересы: {', '.join(character.interests)}",
    ]
    parts = [
        character.context,
        "\n".join(fact for fact in facts if fact),
        _about(person) if person else "",
        opening and f"Разговор начался с твоих слов:\n{opening}",
    ]
    return PromptMessage(Role.SYSTEM, "\n\n".join(part for part in parts if part))


def _about(person: User) -> str:
    """What the person said of themselves in their profile, if anything."""
    said = [
        person.gender and f"Пол: {_PERSON_GENDERS[PersonGender(person.gender)]}",
        person.about and f"О себе: {person.about}",
        person.form_of_address and f"Обращайся к собеседнику на «{person.form_of_address}».",
    ]
    return "\n".join(["О собеседнике:", *(each for each in said if each)]) if any(said) else ""


def _spoken(message: Message) -> Spoken:
    return Spoken(message.id, message.role, message.state, len(message.text.strip()))


def _persona(character: Character) -> Persona:
    return Persona(character.name, character.gender, character.bio, tuple(character.interests))


def _leading_replies(spoken: Sequence[tuple[Spoken, str]]) -> Iterable[str]:
    for each, text in spoken:
        if each.role == Role.USER:
            return
        if each.counts:
            yield text


def _merged(messages: Iterable[PromptMessage]) -> list[PromptMessage]:
    """Neighbours of one role as one message: a failed reply leaves two questions in a row, which some models refuse."""
    return [
        replace(group[0], text="\n\n".join(message.text for message in group))
        for group in (list(run) for _role, run in groupby(messages, key=lambda message: message.role))
    ]
