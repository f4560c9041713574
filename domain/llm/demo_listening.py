"""Demo model, the parsing: understands a conversation by word stems and set phrases, no more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.llm.demo_phrases import COMMON_WORDS, NAME_GIVEN, NOUN_ENDINGS, QUESTIONS, TOPICS
from domain.llm.port import ASIDE, Prompt, Role

# Topics with lower priority if the message mentions something the character loves.
LOOSE = ("likes", "opinion", "short", "statement", "yes_no", *QUESTIONS["ru"])

# Letters of a word.
LITTLE = 3  # shorter words («и», «по», «в») mean nothing by themselves
SHORT = 4  # up to this length a prefix alone does not identify a word
LONG = 7  # from this length five letters are its stem, below it four
STRIKING = 6

ADJECTIVE = re.compile(r"..([ыио]й|[ая]я|[ое]е|[ыи]е)$")

FEW_WORDS = 3  # a shorter message is not worth quoting: «ну да»
ENOUGH_WORDS = 5  # one of this length is worth it even if it is about something else
LONGEST_QUOTE = 80
LONGEST_BIO = 140
LONGEST_INTEREST = 40


@dataclass(frozen=True)
class Heard:
    """What the model extracted from a conversation; a text is "" if there is nothing."""

    text: str  # the last message
    language: str
    topic: str
    greets: bool  # whether it begins with a greeting, whatever its topic
    said: tuple[str, ...]  # the character's own messages
    person: str  # the user's stated name
    interests: tuple[str, ...]  # the character's; only those that the message mentions, if any
    bio: str  # the first sentence, in a form for the middle of another
    quote: str  # an earlier message of the user, on the same subject if possible
    word: str  # a striking word of the last message


def listen(prompt: Prompt) -> Heard:
    *earlier, text = [m.text.partition(ASIDE)[0].strip() for m in prompt.messages if m.role is Role.USER] or [""]
    language = _language((text, *reversed(earlier)))
    usable = [_mid_sentence(each) for each in prompt.persona.interests if _fits(each, language, LONGEST_INTEREST)]
    touched = [each for each in usable if _speaks_of(text, each)]
    topic = _topic(text, language)
    bio = _first_sentence(prompt.persona.bio, prompt.persona.name)
    return Heard(
        text=text,
        language=language,
        topic="interest" if touched and topic in LOOSE else topic,
        greets=bool(re.search(TOPICS[language]["greeting"], _plain(text))),
        said=tuple(m.text for m in prompt.messages if m.role is Role.ASSISTANT),
        person=_person((*earlier, text), language),
        interests=tuple(touched or usable),
        bio=bio if _fits(bio, language, LONGEST_BIO) else "",
        quote=_quote(text, earlier, about_the_same=topic == "remember"),
        word=max((word for word in _telling_words(text) if len(word) >= STRIKING), key=len, default=""),
    )


def _topic(text: str, language: str) -> str:
    plain = _plain(text)
    if not _words(plain):
        return "short"
    for topic, pattern in TOPICS[language].items():
        if re.search(pattern, plain) and not (topic == "met" and not _person((text,), language)):
            return topic
    if "?" not in text:
        return "statement"
    kinds = QUESTIONS[language].items()
    return next((kind for kind, pattern in kinds if re.search(pattern, plain)), "yes_no")


def _language(newest_first: Iterable[str]) -> str:
    """The language to answer in; Russian if nothing that was written contains a letter."""
    for text in newest_first:
        if _is_cyrillic(text):
            return "ru"
        if re.search(r"[a-z]", text, re.IGNORECASE):
            return "en"
    return "ru"


def _person(texts: tuple[str, ...], language: str) -> str:
    """The name the user stated last."""
    for text in reversed(texts):
        if found := re.search(NAME_GIVEN[language], text, re.IGNORECASE):
            return found[1][:1].upper() + found[1][1:]
    return ""


def _speaks_of(text: str, interest: str) -> bool:
    """Whether the text contains a word of the interest; of «старые карты» only the noun counts."""
    known = _words(interest)
    nouns = [word for word in known if not ADJECTIVE.search(word)] or known
    return any(_same_word(word, noun) for word in _words(text) for noun in nouns)


def _same_word(word: str, known: str) -> bool:
    """Whether both are forms of one word, judging by their prefix."""
    if len(known) < LITTLE:
        return False
    if len(known) <= SHORT:
        stem = re.sub(r"[аяоеуюыийь]$", "", known)
        return word.startswith(stem) and NOUN_ENDINGS.fullmatch(word[len(stem) :]) is not None
    return word.startswith(known[: 5 if len(known) >= LONG else 4])


def _quote(text: str, earlier: list[str], *, about_the_same: bool) -> str:
    """What the user said before on the subject of the text or, if that is acceptable, anything of some length."""
    subject = _telling_words(text)
    worthy = [each for each in reversed(earlier) if len(_words(each)) >= FEW_WORDS]
    found = [each for each in worthy if any(_speaks_of(each, word) for word in subject)]
    if not found and not (about_the_same and subject):
        found = [each for each in worthy if len(_words(each)) >= ENOUGH_WORDS and "?" not in each]
    chosen = " ".join("".join(found[:1]).split())
    return _shortened(chosen, LONGEST_QUOTE).strip("«»\"'.!? ")


def _first_sentence(bio: str, name: str) -> str:
    """The first sentence with a lower-case initial, unless it begins with the name."""
    sentence = re.split(r"(?<=[^.!?…][.!?…])\s|\n", bio.strip(), maxsplit=1)[0]
    short = _shortened(sentence, LONGEST_BIO - 1).rstrip(".!? ")
    return short if short.split()[:1] == name.split()[:1] else _mid_sentence(short)


def _mid_sentence(text: str) -> str:
    """«Чай» becomes «чай», «Гарри Поттер» and «IT» stay."""
    text = text.strip()
    return text[:1].lower() + text[1:] if text[1:] == text[1:].lower() else text


def _fits(text: str, language: str, longest: int) -> bool:
    """Whether it fits into a sentence of this language: Russian accepts Latin words, English no Cyrillic."""
    return 0 < len(text) <= longest and not (language == "en" and _is_cyrillic(text))


def _is_cyrillic(text: str) -> bool:
    return bool(re.search(r"[а-яё]", text, re.IGNORECASE))


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rsplit(" ", 1)[0] + "…"


def _telling_words(text: str) -> list[str]:
    return [word for word in _words(text) if len(word) >= SHORT and word not in COMMON_WORDS]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("ё", "е").split())
