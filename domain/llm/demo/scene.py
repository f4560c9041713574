"""Demo model, the scene: what a prompt tells about the conversation so far."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.llm.demo.address import INFORMAL, form_of_address, gender_of
from domain.llm.demo.repertoire import LANGUAGES, Common, Repertoire, common, plain, repertoire_of
from domain.llm.demo.sentences import Said
from domain.llm.demo.words import whom_it_addresses
from domain.llm.port import ASIDE, GO_ON, NOTE, NOTE_ENDS, RECALLED, Persona, Prompt, Role
from domain.macros.forms import Agreement
from domain.macros.meanings import filled as filled_in

REMEMBERED = 30
"""Number of latest replies from which no sentence is repeated."""
KNOWN_NAME = re.compile(r"^(?:Собеседника зовут|The person's name is) ([^\W\d_][\w-]*)")
"""The person's name, as memory words it (domain/memory/facts/fact_pattern_table.py)."""
LONGEST_TEXT = 6_000
"""Maximum characters that are read of each of a card's texts."""
BOOK_NOTE = re.compile(f"{re.escape(NOTE)}.*?{re.escape(NOTE_ENDS)}", re.DOTALL)


@dataclass(frozen=True)
class Scene:
    persona: Persona
    common: Common
    repertoire: Repertoire
    """The character's own, else the one that all others share."""
    has_own: bool
    language: str
    text: str
    """The person's latest message."""
    plain: str
    spoken: str
    """`plain` without a greeting at its beginning and without whom it greets, if anything is left."""
    is_question: bool
    asks: bool
    """Whether the message asks for an answer or a deed."""
    earlier: tuple[str, ...]
    """The person's earlier messages, oldest first."""
    replies: tuple[str, ...]
    said: Said
    agreement: Agreement
    person: str
    """The person's name; "" if unknown."""
    memory: tuple[str, ...] = ()
    """Known facts about the person, and what was said long ago."""
    lore: tuple[str, ...] = ()
    """Lorebook entries in the prompt."""

    @property
    def topic(self) -> str:
        """Name of the common topic of the message; "" if it has none."""
        return next((each for each, pattern in self.common.topics.items() if pattern.search(self.spoken)), "")

    def worded(self, line: str, **known: str) -> str:
        """A line with its places filled and its forms chosen. What is put in is never parsed."""
        filled = filled_in(line, {"char": self.persona.name, "user": self.person}, self.agreement)
        known = {"person": self.person, "name": self.persona.name} | known
        return re.sub(r"{(\w+)}", lambda place: known.get(place[1], place[0]), filled)


def read(prompt: Prompt) -> Scene:
    """The scene in which the character speaks next."""
    spoken = [(m.role, _own_words(m.text)) for m in prompt.messages if m.role is not Role.SYSTEM]
    *earlier, text = [words for role, words in spoken if role is Role.USER] or [""]
    replies = tuple(words for role, words in spoken if role is Role.ASSISTANT)
    persona = prompt.persona
    language = _language((text, *reversed(earlier)), persona.language)
    shared = common(language)
    own = repertoire_of(persona.starter, language) if persona.starter else None
    repertoire = own or shared.repertoire
    newest_first = [plain(each) for each in (text, *reversed(earlier))]
    greeting = persona.greeting[:LONGEST_TEXT]
    ungreeted = _without_the_greeting(newest_first[0], shared, persona, language)
    is_question = "?" in text or any(map(shared.patterns["asks"].search, (newest_first[0], ungreeted)))
    address = form_of_address(newest_first, prompt.interlocutor, persona, repertoire.address, plain(greeting))
    agreement = Agreement(persona.gender, gender_of(newest_first, prompt.interlocutor), address == INFORMAL)
    return Scene(
        persona=_as_read(persona, agreement, prompt.interlocutor.name),
        common=shared,
        repertoire=repertoire,
        has_own=own is not None,
        language=language,
        text=text,
        plain=newest_first[0],
        spoken=ungreeted,
        is_question=is_question,
        asks=is_question or any(map(shared.patterns["wishes"].search, (newest_first[0], ungreeted))),
        earlier=tuple(earlier),
        replies=replies,
        said=Said((*replies[-REMEMBERED:], greeting)),
        agreement=agreement,
        person=_name_given((text, *reversed(earlier)), shared)
        or _name_remembered(prompt.memory)
        or prompt.interlocutor.name,
        memory=prompt.memory,
        lore=prompt.lore,
    )


def _own_words(text: str) -> str:
    """A message without what the prompt adds before and after it."""
    return BOOK_NOTE.sub("", text.partition(ASIDE)[0].partition(RECALLED)[0]).strip()


def unfinished(prompt: Prompt) -> str | None:
    """The reply to go on with, if one was cut off."""
    *_, last = prompt.messages
    if not last.text.startswith(GO_ON):
        return None
    return prompt.messages[-2].text if len(prompt.messages) > 1 else ""


def before_the_reply(prompt: Prompt) -> Prompt:
    """The prompt to which the reply that was cut off was an answer."""
    return replace(prompt, messages=prompt.messages[:-2])


def name_given(text: str, shared: Common) -> str:
    """The name by which the person introduces themselves in this message."""
    return _name_given((text,), shared)


def _name_given(newest_first: Iterable[str], shared: Common) -> str:
    for text in newest_first:
        if found := shared.patterns["name_given"].search(text):
            return found[1][:1].upper() + found[1][1:]
    return ""


def _name_remembered(memory: Iterable[str]) -> str:
    """The name by which the person introduced themselves long ago."""
    return next((found[1] for each in reversed([*memory]) if (found := KNOWN_NAME.search(each))), "")


def _without_the_greeting(message: str, shared: Common, persona: Persona, language: str) -> str:
    """«Привет, дед! Как дела?» asks how it is; «Здравствуйте, батюшка» is a greeting and nothing else."""
    rest = shared.patterns["greeting"].sub("", message, count=1)
    if rest == message:
        return message
    names = frozenset(plain(persona.name).split())
    address = whom_it_addresses(rest, names if language == "ru" else frozenset())
    rest = rest.removeprefix(address).lstrip(" ,.!?)—–-…")
    return rest if any(sign.isalpha() for sign in rest) else message


def _as_read(persona: Persona, agreement: Agreement, person: str) -> Persona:
    """The persona with its texts cut to `LONGEST_TEXT` and their macros filled in."""
    names = {"char": persona.name, "user": person}

    def filled(text: str) -> str:
        return filled_in(text[:LONGEST_TEXT], names, agreement)

    return replace(
        persona,
        teaser=filled(persona.teaser),
        bio=filled(persona.bio),
        context=filled(persona.context),
        personality=filled(persona.personality),
        scenario=filled(persona.scenario),
        greeting=filled(persona.greeting),
    )


def _language(newest_first: Iterable[str], usual: str) -> str:
    """Language of the last message with Russian or English letters, else the character's."""
    for text in newest_first:
        if re.search(r"[а-яё]", text, re.IGNORECASE):
            return "ru"
        if re.search(r"[a-z]", text, re.IGNORECASE):
            return "en"
    return usual if usual in LANGUAGES else "ru"
