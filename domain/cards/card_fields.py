"""What of a card stands in which field of a character, and back: an export lays over the original card what has been
changed since, and leaves the rest as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.cards.faults import CardRemark, Remark
from domain.characters.fields import BY_NAME
from domain.model.character import AgeMark, Character, Gender
from domain.model.interest import INTEREST_LIMIT
from domain.text import on_one_line

OWN = "beseda"
"""The namespace of our own values in `extensions`."""
OWN_FIELDS = ("gender", "age_mark", "teaser", "bio", "language", "temperature", "reply_tokens", "portrait")
"""Fields that no card has a place for."""
CHOICES: dict[str, type[StrEnum]] = {"gender": Gender, "age_mark": AgeMark}
ORIGINAL = re.compile(r"{{\s*original\s*}}", re.IGNORECASE)
START = re.compile(r"<START>", re.IGNORECASE)
GENDERS = {
    Gender.FEMALE: {"female", "woman", "girl", "женский", "женщина", "девушка", "девочка", "жен"},
    Gender.MALE: {"male", "man", "boy", "мужской", "мужчина", "парень", "мальчик", "юноша", "муж"},
    Gender.OTHER: {"nonbinary", "non-binary", "genderless", "robot", "робот", "небинарный"},
}
ADULT = {"nsfw", "18+", "r18", "adult", "explicit", "18", "mature"}
CHILDREN = {"sfw": AgeMark.TWELVE, "0+": AgeMark.ANY, "6+": AgeMark.SIX, "12+": AgeMark.TWELVE, "16+": AgeMark.SIXTEEN}


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
        "interests": list(_interests(data.get("tags", []))),
        **{name: CHOICES.get(name, lambda value: value)(own[name]) for name in OWN_FIELDS if _fits(name, own)},
    }
    _guess(filled, data.get("tags", []))
    _shorten(filled)
    return filled


def changed(before: dict[str, Any], character: Character) -> dict[str, Any]:
    """The fields of the character that are no longer what its card said, and those of our own."""
    now = {name: getattr(character, name) for name in (*before, *OWN_FIELDS)}
    return {name: value for name, value in now.items() if name in OWN_FIELDS or before.get(name) != value}


def _nickname(data: dict[str, Any]) -> str:
    nickname = on_one_line(data.get("nickname", ""))
    return "" if nickname == on_one_line(data["name"]) else nickname


def _context(data: dict[str, Any]) -> str:
    """Who the character is: what goes to the model before everything else."""
    parts = (ORIGINAL.sub("", data.get("system_prompt", "")).strip(), data["description"].strip())
    return "\n\n".join(part for part in parts if part)


def _examples(text: str) -> Iterable[str]:
    return (each.strip() for each in START.split(text) if each.strip())


def _interests(tags: Iterable[str]) -> Iterable[str]:
    most = BY_NAME["interests"].most
    seen: dict[str, str] = {}
    for tag in tags:
        word = on_one_line(tag)[:INTEREST_LIMIT].strip()
        seen.setdefault(word.lower(), word)
    return [word for word in seen.values() if word][:most]


def _fits(name: str, own: dict[str, Any]) -> bool:
    """Whether a value in our own namespace is one that the field can have; anybody may have written it."""
    if name not in own:
        return False
    value = own[name]
    if kind := CHOICES.get(name):
        return value in list(kind)
    if name in {"teaser", "bio", "language"}:
        return isinstance(value, str)
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _guess(filled: Filled, tags: Iterable[str]) -> None:
    """Gender and age mark, which cards do not know, from the tags; the strictest mark if nothing tells."""
    words = {word.strip().lower() for tag in tags for word in (tag, *re.split(r"[\s,/]+", tag))}
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
    for name in ("personality", "scenario"):
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
    if not fields["context"].strip():  # which a character must have
        fields["context"] = fields["greeting"].strip()[: BY_NAME["context"].limit] or fields["name"]
