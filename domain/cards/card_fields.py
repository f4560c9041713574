"""Card fields: maps the fields of a card to those of a character, and back. An export lays over the original card what
has changed since the import, and leaves the rest as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.cards.faults import CardRemark, Remark
from domain.characters.fields import BY_NAME, Kind, of_kind
from domain.characters.validation import LINE_BREAKS
from domain.language import LANGUAGES
from domain.model.character import LONGEST_REPLY, PORTRAITS, SHORTEST_REPLY, AgeMark, Gender
from domain.model.interest import INTEREST_LIMIT, interest_key
from domain.text import is_visible, on_one_line, with_plain_breaks, without_invisible

OWN = "beseda"
"""Namespace of our own values in `extensions`."""
OWN_FIELDS = ("gender", "age_mark", "teaser", "bio", "language", "temperature", "reply_tokens", "portrait")
"""Fields that cards have no place for."""
OWN_INTERESTS = "interests"
"""Key in our namespace for interests which, if only tags, an import would take for words about gender or age."""
LONG_ONES = ("personality", "scenario")
"""Fields with lower limits here than elsewhere: a text that is too long for them goes to the context."""
CHOICES: dict[str, type[StrEnum]] = {"gender": Gender, "age_mark": AgeMark}
RANGES = {"temperature": (0, 1), "reply_tokens": (SHORTEST_REPLY, LONGEST_REPLY), "portrait": (0, PORTRAITS - 1)}
ONE_LINE = {field.name for field in of_kind(Kind.LINE)}
JOINER = "\u200d"
"""Zero-width joiner, which emoji are composed with."""
UNNAMED = "…"
"""Stands for a name without visible characters."""
ORIGINAL = re.compile(r"{{\s*original\s*}}", re.IGNORECASE)
START = re.compile(r"<START>", re.IGNORECASE)
GENDERS = {
    Gender.FEMALE: {"female", "woman", "girl", "женский", "женщина", "девушка", "девочка", "жен"},
    Gender.MALE: {"male", "man", "boy", "мужской", "мужчина", "парень", "мальчик", "юноша", "муж"},
    Gender.OTHER: {"nonbinary", "non-binary", "genderless", "robot", "робот", "небинарный"},
}
ADULT = {"nsfw", "18+", "r18", "adult", "explicit", "18", "mature"}
CHILDREN = {"sfw": AgeMark.TWELVE, "0+": AgeMark.ANY, "6+": AgeMark.SIX, "12+": AgeMark.TWELVE, "16+": AgeMark.SIXTEEN}
GUESSED_FROM = {*ADULT, *CHILDREN}.union(*GENDERS.values())
"""Tags that reveal gender or age mark. They do not become interests: interests go into prompts, and age marks into the
gallery.
"""


@dataclass
class Filled:
    """The fields of a character as a card fills them in, and remarks for whoever imports it."""

    fields: dict[str, Any]
    remarks: list[CardRemark] = field(default_factory=list)


def fields_of(card: dict[str, Any]) -> Filled:
    """The character fields that a V3 card fills in, each within its limit."""
    data = card["data"]
    filled = Filled({})
    own = data["extensions"].get(OWN)
    own = own if isinstance(own, dict) else {}
    filled.fields |= {
        "name": on_one_line(data["name"]),
        "nickname": _nickname(data),
        "context": _context(data),
        "personality": data["personality"],
        "scenario": data["scenario"],
        "greeting": data["first_mes"],
        "other_greetings": [each for each in data.get("alternate_greetings", []) if each.strip()],
        "examples": list(_examples(data["mes_example"])),
        "after_history": ORIGINAL.sub("", data.get("post_history_instructions", "")).strip(),
        "notes": data.get("creator_notes", ""),
        "interests": _interests(data.get("tags", []), _strings(own.get(OWN_INTERESTS)), filled.remarks),
        **{name: CHOICES.get(name, lambda value: value)(own[name]) for name in OWN_FIELDS if _fits(name, own)},
    }
    _guess(filled, data.get("tags", []))
    _shorten(filled)
    _clean(filled.fields)
    return filled


def without_own(card: dict[str, Any]) -> dict[str, Any]:
    """Remove our own values from the card, since from now on columns hold them, and return it. Values that a newer
    release of ours wrote stay.
    """
    extensions = card["data"]["extensions"]
    own = extensions.pop(OWN, None)
    if isinstance(own, dict) and (
        rest := {name: own[name] for name in own if name not in (*OWN_FIELDS, OWN_INTERESTS)}
    ):
        extensions[OWN] = rest
    return card


def changed(before: dict[str, Any], character: Mapping[str, Any]) -> dict[str, Any]:
    """The character's fields that differ from what its card said, and all fields of our own. A context that only stands
    in for one is among them as soon as reading the card again would make another.
    """
    found = {name: value for name, value in character.items() if name in OWN_FIELDS or before.get(name) != value}
    context = before.get("context")
    if context and "context" not in found and context == _stand_in(before) != _stand_in(character):
        found["context"] = context
    return found


def tags_with(interests: Sequence[str], tags: Iterable[str]) -> list[str]:
    """The tags for a card whose character's interests were changed. Tags that tell gender or age stay, since they are
    no interests.
    """
    keys = {interest_key(each) for each in interests}
    others = [tag for tag in tags if tells_gender_or_age(_word(tag)) and interest_key(_word(tag)) not in keys]
    return [*others, *interests]


def tells_gender_or_age(word: str) -> bool:
    told = _words(word)
    return bool(told) and told <= GUESSED_FROM


def _nickname(data: dict[str, Any]) -> str:
    nickname = on_one_line(data.get("nickname", ""))
    return "" if nickname == on_one_line(data["name"]) else nickname


def _context(data: dict[str, Any]) -> str:
    """The character's description for the model, which reads it before everything else."""
    parts = (ORIGINAL.sub("", data.get("system_prompt", "")).strip(), data["description"].strip())
    return "\n\n".join(part for part in parts if part)


def _examples(text: str) -> Iterable[str]:
    return (each.strip() for each in START.split(text) if each.strip())


def _interests(tags: Iterable[str], own: Iterable[str], remarks: list[CardRemark]) -> list[str]:
    """The interests among the tags: all but words that tell gender or age, unless they are among the character's `own`
    interests.
    """
    most = BY_NAME["interests"].most
    by_key: dict[str, tuple[str, str]] = {}
    wanted = {interest_key(each) for each in own}
    for tag in tags:
        word = _word(tag)
        if word and (interest_key(word) in wanted or not tells_gender_or_age(word)):
            by_key.setdefault(interest_key(word), (word, _whole_word(tag)))
    taken = list(by_key.values())[:most]
    if len(by_key) > len(taken):
        remarks.append(CardRemark(Remark.TAGS_LEFT_OUT, "interests", {"all": len(by_key), "kept": len(taken)}))
    remarks += [
        CardRemark(Remark.TAG_SHORTENED, "interests", {"tag": whole})
        for _, whole in taken
        if len(whole) > INTEREST_LIMIT
    ]
    return [word for word, _ in taken]


def _word(tag: str) -> str:
    return _one_line(_whole_word(tag)[:INTEREST_LIMIT])


def _whole_word(tag: str) -> str:
    return _one_line(tag).lstrip("# ")


def _words(told: str) -> set[str]:
    return {*filter(None, re.split(r"[\s,/]+", told.strip().lower()))}


def _strings(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _fits(name: str, own: dict[str, Any]) -> bool:
    """Whether a value in our namespace is valid for its field: anybody may have written it."""
    if name not in own:
        return False
    value = own[name]
    if kind := CHOICES.get(name):
        return value in list(kind)
    if name in {"teaser", "bio", "language"}:
        return isinstance(value, str) and (name != "language" or value in ("", *LANGUAGES))
    if value is None:
        return name != "portrait"
    low, high = RANGES[name]
    is_number = isinstance(value, int | float if name == "temperature" else int) and not isinstance(value, bool)
    return is_number and low <= value <= high


def _guess(filled: Filled, tags: Iterable[str]) -> None:
    """Guess gender and age mark, for which cards have no fields, from the tags. Without a hint, the age mark is the
    strictest.
    """
    words = {word for tag in tags for word in (tag.strip().lower(), *_words(tag))}
    if "gender" not in filled.fields:
        found = [gender for gender, names in GENDERS.items() if words & names]
        is_told = len(found) == 1
        filled.fields["gender"] = found[0] if is_told else Gender.OTHER
        filled.remarks.append(CardRemark(Remark.GUESSED_GENDER if is_told else Remark.UNKNOWN_GENDER, "gender"))
    if "age_mark" not in filled.fields:
        marks = [AgeMark.ADULT] if words & ADULT else [mark for word, mark in CHILDREN.items() if word in words]
        filled.fields["age_mark"] = max(marks, key=list(AgeMark).index) if marks else AgeMark.ADULT
        filled.remarks.append(CardRemark(Remark.GUESSED_AGE if marks else Remark.UNKNOWN_AGE, "age_mark"))


def _shorten(filled: Filled) -> None:
    """Cut each text to its limit. A text for the model that is too long for a short field moves to the context."""
    fields = filled.fields
    for name in LONG_ONES:
        if len(fields[name]) > BY_NAME[name].limit:
            fields["context"] = "\n\n".join(part for part in (fields["context"], fields[name].strip()) if part)
            fields[name] = ""
            filled.remarks.append(CardRemark(Remark.MERGED, name))
    for name, value in fields.items():
        limit, most = BY_NAME[name].limit, BY_NAME[name].most
        if isinstance(value, str) and limit and len(value) > limit:
            fields[name] = value[:limit].rstrip()
            filled.remarks.append(CardRemark(Remark.SHORTENED, name, {"limit": limit, "over": len(value) - limit}))
        elif isinstance(value, list) and name != "interests":
            fields[name] = [each[:limit].rstrip() for each in value[:most]]
            if fields[name] != value:
                filled.remarks.append(CardRemark(Remark.SHORTENED, name, {"limit": limit, "over": 0}))


def _clean(fields: dict[str, Any]) -> None:
    """Clean the texts as domain/characters/validation.py does, so that no stranger's text is refused for its form, and
    exports compare with exactly what was stored.
    """
    for name, value in fields.items():
        if isinstance(value, list):
            texts = [_visible(each, many_lines=name != "interests") for each in value]
            fields[name] = [each for each in texts if each]
        elif isinstance(value, str) and name not in CHOICES:
            fields[name] = _visible(value, many_lines=name not in ONE_LINE)
    fields["name"] = fields["name"] or UNNAMED
    if not fields["context"]:  # a character must have one
        fields["context"] = _stand_in(fields)


def _stand_in(fields: Mapping[str, Any]) -> str:
    """The context of a character whose card says nothing of who it is."""
    return str(fields["greeting"][: BY_NAME["context"].limit] or fields["name"])


def _visible(text: str, *, many_lines: bool) -> str:
    """The text without invisible characters; empty if nothing visible is left."""
    if not many_lines:
        told = _one_line(text)
        return told if is_visible(told) else ""
    told = without_invisible(with_plain_breaks(text).replace("\r", "\n"), allowed=LINE_BREAKS).strip()
    return told if is_visible(told, allowed=LINE_BREAKS) else ""


def _one_line(text: str) -> str:
    return on_one_line(without_invisible(on_one_line(text), allowed=JOINER))
