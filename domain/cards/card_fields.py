"""What of a card stands in which field of a character, and back: an export lays over the original card what has been
changed since, and leaves the rest as it was.
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
"""The namespace of our own values in `extensions`."""
OWN_FIELDS = ("gender", "age_mark", "teaser", "bio", "language", "temperature", "reply_tokens", "portrait")
"""Fields that no card has a place for."""
OWN_INTERESTS = "interests"
"""In our namespace: those interests of a character that would be taken for a guess, were they nothing but tags."""
LONG_ONES = ("personality", "scenario")
"""Fields that are shorter here than elsewhere: what is too long for them goes to the context."""
CHOICES: dict[str, type[StrEnum]] = {"gender": Gender, "age_mark": AgeMark}
RANGES = {"temperature": (0, 1), "reply_tokens": (SHORTEST_REPLY, LONGEST_REPLY), "portrait": (0, PORTRAITS - 1)}
ONE_LINE = {field.name for field in of_kind(Kind.LINE)}
JOINER = "\u200d"
"""Within emoji."""
UNNAMED = "…"
"""A name of which nothing can be seen."""
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
"""Words that tell gender and age mark. They are no interests: those go into prompts, and the marks into the gallery."""


@dataclass
class Filled:
    """A character as a card fills it in, and what its importer should be told."""

    fields: dict[str, Any]
    remarks: list[CardRemark] = field(default_factory=list)


def fields_of(card: dict[str, Any]) -> Filled:
    """The fields of a character that a V3 card fills in, each within its limit."""
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
    """The card without our own values, which are columns from now on; what a newer version of us wrote stays."""
    extensions = card["data"]["extensions"]
    own = extensions.pop(OWN, None)
    if isinstance(own, dict) and (
        rest := {name: own[name] for name in own if name not in (*OWN_FIELDS, OWN_INTERESTS)}
    ):
        extensions[OWN] = rest
    return card


def changed(before: dict[str, Any], character: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the character that are no longer what its card said, and those of our own."""
    return {name: value for name, value in character.items() if name in OWN_FIELDS or before.get(name) != value}


def tags_with(interests: Sequence[str], tags: Iterable[str]) -> list[str]:
    """The tags of a card whose interests were changed: those that are none stay."""
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
    """Who the character is: what goes to the model before everything else."""
    parts = (ORIGINAL.sub("", data.get("system_prompt", "")).strip(), data["description"].strip())
    return "\n\n".join(part for part in parts if part)


def _examples(text: str) -> Iterable[str]:
    return (each.strip() for each in START.split(text) if each.strip())


def _interests(tags: Iterable[str], own: Iterable[str], remarks: list[CardRemark]) -> list[str]:
    """Without the words that tell gender and age mark, except those that are its `own` interests nevertheless."""
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
    """Whether a value in our own namespace is one that the field can have; anybody may have written it."""
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
    """Gender and age mark, which cards do not know, from the tags; the strictest mark if nothing tells."""
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
    """Bring each text within its limit. What does not fit a short field and is for the model goes to the context."""
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
    """As domain/characters/validation.py would have it, so that nothing a stranger wrote is refused for its form, and
    that what is stored is what an export compares with.
    """
    for name, value in fields.items():
        if isinstance(value, list):
            texts = [_visible(each, many_lines=name != "interests") for each in value]
            fields[name] = [each for each in texts if each]
        elif isinstance(value, str) and name not in CHOICES:
            fields[name] = _visible(value, many_lines=name not in ONE_LINE)
    fields["name"] = fields["name"] or UNNAMED
    if not fields["context"]:  # which a character must have
        fields["context"] = fields["greeting"][: BY_NAME["context"].limit] or fields["name"]


def _visible(text: str, *, many_lines: bool) -> str:
    """Without what nobody sees; a text of which nothing is seen is none."""
    if not many_lines:
        told = _one_line(text)
        return told if is_visible(told) else ""
    told = without_invisible(with_plain_breaks(text).replace("\r", "\n"), allowed=LINE_BREAKS).strip()
    return told if is_visible(told, allowed=LINE_BREAKS) else ""


def _one_line(text: str) -> str:
    return on_one_line(without_invisible(on_one_line(text), allowed=JOINER))
