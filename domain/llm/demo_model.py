"""Demo model: a built-in rule-based chatbot that needs no key, no network and no language model.

A reply is a reaction to the topic of the last message, something about the character, and sometimes a question. The
same conversation gets the same words, unless the reply is regenerated: then different ones.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from zlib import crc32

from domain.llm.demo_listening import Heard, listen
from domain.llm.demo_phrases import ACTIONS, PHRASES, QUESTIONS
from domain.llm.port import Ending, Outcome, Persona, Prompt

READING_PAUSE = 0.14  # seconds a word: about 45 characters a second
MOST_SENTENCES = 4
MOST_REMEMBERED = 1000  # conversations whose number of replies is remembered
FORMS = {"male": 1, "female": 2}  # which of `[он|она|иначе]`; the third for everyone else
FEELINGS = ("sad", "hurt", "lonely", "tired", "anxious", "angry")

# What follows the reaction to a topic.
AFTERWARDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("met", "doing", "age", "time", "bot", "about_not", "name_not"), ("ask_open",)),
    **dict.fromkeys(("greeting", "short"), ("own", "ask_open")),
    **dict.fromkeys(("opinion", "yes_no", *QUESTIONS["ru"]), ("own", "ask_back")),
    **dict.fromkeys(("interest", "likes"), ("interest_more", "interest_ask")),
    **dict.fromkeys(FEELINGS, ("comfort", "ask_feeling")),
    "statement": ("own", "ask"),
    "name": ("about", "ask_open"),
    "about": ("likes", "ask_open"),
    "likes_not": ("ask_likes",),
    "how": ("own", "how_back"),
    "happy": ("ask_happy",),
    "love": ("own",),
    "praise": ("ask_likes",),
    "remember": ("ask",),
    "story": ("story_after",),
    "joke": ("joke_after",),
    "list": ("list_after",),
}
# Topics that can only be answered with some knowledge; without it the phrases are those of `<topic>_not`.
NEEDS = {"name": "name", "about": "bio", "likes": "interest", "your_name": "person", "remember": "quote"}
MOODS = {
    "warm": ("greeting", "met", "thanks", "farewell", "love", "your_name", "crisis", *FEELINGS),
    "lively": ("interest", "likes", "happy", "joke", "praise", "story"),
}


class DemoModel:
    """`pause` is the seconds between two words."""

    is_demo = True
    name = "demo"

    def __init__(self, pause: float = READING_PAUSE) -> None:
        self._pause = pause
        self._answered: dict[int, int] = {}  # a conversation's number → number of its replies

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str | Ending]:
        for word in re.findall(r"\S+\s*|\s+", self._compose(prompt)):
            await asyncio.sleep(self._pause)
            yield word
        yield Ending(Outcome.DONE)

    def _compose(self, prompt: Prompt) -> str:
        heard = listen(prompt)
        conversation = crc32("|".join([prompt.persona.name, *(m.text for m in prompt.messages)]).encode())
        if len(self._answered) >= MOST_REMEMBERED:
            self._answered.clear()
        times = self._answered[conversation] = self._answered.get(conversation, 0) + 1
        return _Voice(heard, prompt.persona, crc32(heard.text.encode()) + len(heard.said) + times).reply()


class _Voice:
    """Chooses the phrases; the number is the seed of the choice."""

    def __init__(self, heard: Heard, persona: Persona, number: int) -> None:
        self._heard = heard
        self._form = FORMS.get(persona.gender, 3)
        self._number = number
        self._phrases = PHRASES[heard.language]
        interest, other = self._two_interests()
        self._known = {
            "name": persona.name,
            "bio": heard.bio,
            "person": heard.person,
            "interest": interest,
            "Interest": interest[:1].upper() + interest[1:],
            "other": other,
            "quote": heard.quote,
            "word": heard.word,
        }

    def reply(self) -> str:
        topic = self._with_what_is_known(self._heard.topic)
        if topic == "list":
            return "\n\n".join([self._pick("list_intro"), self._list(), self._pick("list_after")])
        parts = [self._pick("hello")] if self._heard.greets and topic not in {"greeting", "met"} else []
        parts.append(self._pick(topic))
        for kind in self._afterwards(topic):
            phrase = self._pick(self._with_what_is_known(kind))
            two_questions = parts[-1].endswith("?") and phrase.endswith("?")
            if phrase and not two_questions and _sentences([*parts, phrase]) <= MOST_SENTENCES:
                parts.append(phrase)
        if self._number % 3 == 0:
            parts.insert(0, f"*{self._action()}*")
        return " ".join(parts)

    def _afterwards(self, topic: str) -> tuple[str, ...]:
        """The parts that may follow, or only the first or last, so that replies differ in shape as well."""
        kinds = AFTERWARDS.get(topic, ())
        return (kinds, kinds[:1], kinds[-1:])[self._number // 3 % 3]

    def _with_what_is_known(self, kind: str) -> str:
        return f"{kind}_not" if kind in NEEDS and not self._known[NEEDS[kind]] else kind

    def _pick(self, kind: str) -> str:
        """A phrase of this kind: preferably one never used, at least not the one just used."""
        phrases = self._rotated([each for each in self._phrases[kind] if self._can_say(each)], kind)
        ever, just_now = "\n".join(self._heard.said), "".join(self._heard.said[-1:])
        fresh = [each for each in phrases if self._core(each) not in ever]
        fresh = fresh or [each for each in phrases if self._core(each) not in just_now]
        return self._worded((fresh or phrases or [""])[0])

    def _rotated(self, phrases: list[str], kind: str) -> list[str]:
        start = (self._number + crc32(kind.encode())) % max(1, len(phrases))
        return phrases[start:] + phrases[:start]

    def _can_say(self, phrase: str) -> bool:
        return all(self._known[place] for place in re.findall(r"{(\w+)}", phrase))

    def _formed(self, phrase: str) -> str:
        return re.sub(r"\[([^|]*)\|([^|]*)\|([^]]*)]", lambda forms: forms[self._form], phrase)

    def _worded(self, phrase: str) -> str:
        return self._formed(phrase).format(**self._known)

    def _core(self, phrase: str) -> str:
        """The longest part that is the same whatever its placeholders are filled with."""
        return max(re.split(r"{\w+}", self._formed(phrase)), key=len)

    def _list(self) -> str:
        items = self._rotated([each for each in self._phrases["list_items"] if self._can_say(each)], "list_items")
        return "\n".join(f"- {self._worded(each)}" for each in items[:3])

    def _action(self) -> str:
        mood = next((mood for mood, topics in MOODS.items() if self._heard.topic in topics), "calm")
        actions = ACTIONS[self._heard.language][mood]
        return actions[self._number // 9 % len(actions)]

    def _two_interests(self) -> tuple[str, str]:
        """The interest to talk about and a second one, "" if there is none: in rotation, but those named in the message
        first.
        """
        interests = self._heard.interests
        if not interests:
            return "", ""
        first = 0 if self._heard.topic == "interest" else self._number % len(interests)
        return interests[first], interests[(first + 1) % len(interests)] if len(interests) > 1 else ""


def _sentences(parts: list[str]) -> int:
    return len(re.findall(r"[.!?…]+(?=[\s»”*]|$)", " ".join(parts)))
