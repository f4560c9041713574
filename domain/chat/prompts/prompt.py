"""Prompt builder: turns a character and a path of messages into roles and texts; pure code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby, takewhile

from domain.books.entry import Place
from domain.characters.macros import Macros, filled_in
from domain.chat.prompts.lore import NO_LORE, Lore, with_lore
from domain.chat.tree.path_message import PathMessage
from domain.llm.framing import without_frames
from domain.llm.port import ASIDE, GO_ON, Interlocutor, Persona, Prompt, PromptMessage, Role
from domain.macros.context import NO_CONTEXT, MacroContext
from domain.memory.remembered import NOTHING, Remembered, memory_length, memory_text, plain_lines, recall_text
from domain.memory.verbatim import first_verbatim
from domain.model.character import Character, Gender
from domain.model.dialog import Dialog, Message
from domain.model.user import PersonGender, User

_GENDERS = {Gender.FEMALE: "женский", Gender.MALE: "мужской", Gender.OTHER: "иной"}
_PERSON_GENDERS = {PersonGender.FEMALE: "женский", PersonGender.MALE: "мужской"}

OPENING = "Разговор начался с твоих слов:\n"
EXAMPLES = "Примеры того, как ты говоришь; этих разговоров не было:\n\n"


def build_prompt(
    character: Character,
    path: Sequence[Message | PathMessage],
    room: int,
    unfinished: str = "",
    person: User | None = None,
    *,
    remembered: Remembered = NOTHING,
    lore: Lore = NO_LORE,
    context: MacroContext = NO_CONTEXT,
    fixed: int | None = None,
) -> Prompt:
    """The system message, then the end of the path that fits into `room` characters, with alternating roles.

    `path` runs from the dialog's first known message to the user's newest, which is never left out. `unfinished` is the
    reply to continue, if one was cut off; `person` is the user. Memory goes into the system message, recalled messages
    into the newest message, before the author's instruction; each lorebook entry has its own place. `context` is for
    the macros in the character's texts, `fixed` what `fixed_length` returns for it, if that is known.
    """
    outline = with_question([_spoken(message) for message in path])
    spoken = [(each, without_frames(message.text.strip())) for each, message in zip(outline, path, strict=True)]
    cut_off = PromptMessage(Role.ASSISTANT, without_frames(unfinished))
    goes_on = [cut_off, PromptMessage(Role.USER, GO_ON)] if unfinished else []
    known, recalled = memory_text(remembered), recall_text(remembered)
    room -= length_of_the_unfinished(unfinished) + memory_length(remembered) + len(recalled) + lore.length
    fixed = fixed_length(character, person, context) if fixed is None else fixed
    first = first_verbatim(outline, room_left(fixed, outline, room))
    talk = [PromptMessage(each.role, text) for each, text in spoken if each.counts and each.id >= first]
    opened = opening_of(outline)
    *earlier, newest = _merged([*with_lore(talk, lore, len(opened)), *goes_on])
    opening = "\n\n".join(text for each, text in spoken if each in opened)
    return Prompt(
        (
            system_message(character, opening, person, known, lore, context=context),
            *earlier,
            replace(newest, text=newest.text + recalled + _aside(character, person, context)),
        ),
        persona=_persona(character, opening),
        interlocutor=_interlocutor(person),
        memory=plain_lines(remembered),
        lore=lore.texts,
        temperature=character.temperature,
        longest=character.reply_tokens,
    )


def with_question(path: Sequence[PathMessage]) -> list[PathMessage]:
    """The path with the user's last message not hidden, since that is the message to be answered."""
    is_question = bool(path) and path[-1].role == Role.USER
    return [*path[:-1], replace(path[-1], is_hidden=False)] if is_question else list(path)


def addressed_as_in(dialog: Dialog, person: User) -> User:
    """The person as described to the model in this dialog, whose form of address overrides the profile's."""
    if not dialog.form_of_address:
        return person
    return User(**person.model_dump() | {"form_of_address": dialog.form_of_address})


def what_the_model_sees(character: Character, person: User | None, context: MacroContext = NO_CONTEXT) -> str:
    """The whole prompt without the conversation, as an author may inspect it: first what comes before, then what comes
    after the user's message.
    """
    opening = filled_in(character.greeting, character, person, context)
    return system_message(character, opening, person, context=context).text + _aside(character, person, context)


def fixed_length(character: Character, person: User | None, context: MacroContext = NO_CONTEXT) -> int:
    """Length, in characters, of the parts that are always included. It fills in all their macros."""
    return len(system_message(character, person=person, context=context).text) + len(_aside(character, person, context))


def room_left(fixed: int, path: Sequence[PathMessage], room: int) -> int:
    """The part of `room`, in characters, left for the conversation beside the parts that are always included."""
    said = fixed
    if opening := opening_of(path):
        said += len(OPENING) + sum(each.length + 2 for each in opening)  # joined by empty lines
    return room - said


def length_of_the_unfinished(unfinished: str) -> int:
    """Length, in characters, that a reply to be continued takes in a prompt."""
    return len(unfinished) + len(GO_ON) if unfinished else 0


def system_message(
    character: Character,
    opening: str = "",
    person: User | None = None,
    memory: str = "",
    lore: Lore = NO_LORE,
    *,
    context: MacroContext = NO_CONTEXT,
) -> PromptMessage:
    """The system message: the character, lorebook entries, and what is remembered. It includes the character's own
    opening, since some models require that a user begins.
    """
    macros = Macros(character, person, context)
    who_it_is, bio, personality, scenario = (
        macros.fill(getattr(character, field), field) for field in ("context", "bio", "personality", "scenario")
    )
    facts = [
        character.name and f"Имя: {character.name}",
        character.gender in _GENDERS and f"Пол: {_GENDERS[character.gender]}",
        bio and f"О персонаже: {bio}",
        character.interests and f"Интересы: {', '.join(character.interests)}",
    ]
    parts = [
        *lore.at(Place.BEFORE),
        who_it_is,
        *lore.at(Place.AFTER),
        "\n".join(fact for fact in facts if fact),
        personality and f"Характер: {personality}",
        *lore.beside("personality"),
        scenario and f"Обстоятельства: {scenario}",
        *lore.beside("scenario"),
        _examples(character.examples, macros),
        _about(person) if person else "",
        opening and f"{OPENING}{opening}",
        memory,
    ]
    return PromptMessage(Role.SYSTEM, without_frames("\n\n".join(part for part in parts if part)))


def _examples(examples: list[str], macros: Macros) -> str:
    told = [each for each in macros.fill_all("examples", examples) if each]
    return EXAMPLES + "\n\n***\n\n".join(told) if told else ""


def _about(person: User) -> str:
    """The user the character talks with, as described in their profile."""
    said = [
        f"Имя: {person.display_name}",
        person.gender and f"Пол: {_PERSON_GENDERS[PersonGender(person.gender)]}",
        person.about and f"О себе: {person.about}",
        person.form_of_address and f"Обращайся к собеседнику на «{person.form_of_address}».",
    ]
    return "\n".join(["О собеседнике:", *(each for each in said if each)])


def _aside(character: Character, person: User | None, context: MacroContext = NO_CONTEXT) -> str:
    """The author's final instruction, appended to the user's newest message: a second system message would break the
    alternation of roles that some models require. It is neither stored nor shown.
    """
    told = Macros(character, person, context).fill(character.after_history, "after_history")
    return f"\n\n{ASIDE}{without_frames(told)})" if told else ""


def _spoken(message: Message | PathMessage) -> PathMessage:
    length = len(message.text.strip())
    if isinstance(message, PathMessage) and message.length == length:
        return message
    is_hidden = message.is_hidden if isinstance(message, PathMessage) else message.is_hidden_from_model
    return PathMessage(message.id, message.role, message.state, length, message.parent_id, is_hidden)


def _persona(character: Character, opening: str) -> Persona:
    return Persona(
        name=character.name,
        gender=character.gender,
        bio=character.bio,
        interests=tuple(character.interests),
        starter=character.starter,
        language=character.language,
        teaser=character.teaser,
        context=character.context,
        personality=character.personality,
        scenario=character.scenario,
        greeting=opening or character.greeting,
        examples=tuple(character.examples),
    )


def _interlocutor(person: User | None) -> Interlocutor:
    return Interlocutor(person.display_name, person.gender, person.form_of_address) if person else Interlocutor()


def opening_of(path: Iterable[PathMessage]) -> list[PathMessage]:
    """The character's messages before the first of the user's that the model reads."""
    return [each for each in takewhile(lambda each: not is_read_question(each), path) if each.counts]


def is_read_question(message: PathMessage) -> bool:
    return message.role == Role.USER and message.counts


def _merged(messages: Iterable[PromptMessage]) -> list[PromptMessage]:
    """Merge consecutive messages of one role: a failed reply leaves two user messages in a row, which some models
    refuse.
    """
    runs = [list(run) for _role, run in groupby(messages, key=lambda message: message.role)]
    return [
        replace(run[0], text="\n\n".join(message.text for message in run)) if len(run) > 1 else run[0] for run in runs
    ]
