"""Writing cards: lays what has changed since the import over the original object, and writes it as JSON, in a PNG, or
as CHARX.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from domain.books.decorators import split_off
from domain.cards.card_fields import LONG_ONES, OWN, OWN_FIELDS, OWN_INTERESTS, tags_with, tells_gender_or_age
from domain.cards.card_forms import V2, V3
from domain.cards.carried_files import with_files
from domain.cards.charx import CARD, is_safe, write_archive
from domain.cards.older_copy import with_note
from domain.cards.png_chunks import with_texts
from domain.cards.read_card import KEYWORDS, LARGEST_PICTURE, LEGACY_ASSET, path_in_archive
from domain.characters.fields import BY_NAME

STANDS_AT = {
    "name": "name",
    "nickname": "nickname",
    "personality": "personality",
    "scenario": "scenario",
    "greeting": "first_mes",
    "other_greetings": "alternate_greetings",
    "after_history": "post_history_instructions",
    "notes": "creator_notes",
    "interests": "tags",
}
"""Maps a field of a character to the field of a card that holds it, if there is exactly one."""
SECRETS = ("description", "personality", "scenario", "mes_example", "system_prompt", "post_history_instructions")
"""Fields that an author may keep secret: a card without them shows the character, but does not allow the same
conversations.
"""
TOLD = (
    *("name", "nickname", "first_mes", "alternate_greetings", "creator_notes", "creator_notes_multilingual", "tags"),
    *("creator", "character_version", "source", "assets", "creation_date", "modification_date"),
)
OWN_TOLD = {name for name in (*OWN_FIELDS, OWN_INTERESTS) if not BY_NAME[name].is_secret}
ONLY_V3 = ("assets", "nickname", "creator_notes_multilingual", "source", "group_only_greetings")
MOST_INDENTED = 500_000
"""Maximum characters of a JSON text that is indented, in case a person reads it."""
ROOM_FOR_PICTURE = 5_000_000
"""Bytes kept free for the picture beside the texts, even if it is smaller. If the texts do not fit into the rest, the
copy for older programs is left out.
"""
AROUND_TEXTS = 100
"""Maximum bytes of the chunks around the two texts."""
DATES = ("creation_date", "modification_date")


def new_card() -> dict[str, Any]:
    """The card of a character that was not made from one."""
    empty = dict.fromkeys(("name", "description", "personality", "scenario", "first_mes", "mes_example"), "")
    return {"spec": V3, "spec_version": "3.0", "data": empty | {"extensions": {}, "group_only_greetings": []}}


def overlaid(card: Mapping[str, Any], changed: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """The V3 object to export. `changed` are the fields that differ from what the card says."""
    exported = deepcopy(dict(card))
    data: dict[str, Any] = exported["data"]
    tags = data.get("tags", [])
    _lay_context(data, changed)
    for name, value in changed.items():
        if name in STANDS_AT:
            data[STANDS_AT[name]] = value
    if "examples" in changed:
        data["mes_example"] = "\n".join(f"<START>\n{each}" for each in changed["examples"])
    own = data["extensions"].get(OWN)
    own = own if isinstance(own, dict) else {}
    own = own | {name: changed[name] for name in OWN_FIELDS if name in changed}
    if "interests" in changed:
        data["tags"] = tags_with(changed["interests"], tags)
        if mistaken := [each for each in changed["interests"] if tells_gender_or_age(each)]:
            own[OWN_INTERESTS] = mistaken
    data["extensions"][OWN] = own
    data.setdefault("group_only_greetings", [])
    data.setdefault("creation_date", int(moment.timestamp()))
    data["modification_date"] = int(moment.timestamp())
    return exported


def _lay_context(data: dict[str, Any], changed: Mapping[str, Any]) -> None:
    """Write a changed context. An unchanged one holds the texts that the import found too long for their own fields: as
    soon as one of those fields is filled in anew, all of them move to where the rest of the context is, in its order.
    """
    merged = [name for name in LONG_ONES if len(data[name]) > BY_NAME[name].limit]
    if "context" in changed:
        data["description"], data["system_prompt"] = changed["context"], ""
    elif any(name in changed for name in merged):
        parts = (data[name].strip() for name in ("description", *merged))
        data["description"] = "\n\n".join(part for part in parts if part)
    else:
        return
    data.update(dict.fromkeys(merged, ""))


def without_secrets(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card for people who may not read what the author wrote for the model: only what everybody sees of a
    character. Unknown parts are left out, since they may be secret as well.
    """
    data = card["data"]
    kept = data["extensions"].get(OWN, {})
    told = {name: data[name] for name in TOLD if name in data}
    told |= dict.fromkeys(SECRETS, "") | {"group_only_greetings": []}
    told["extensions"] = {OWN: {name: kept[name] for name in kept if name in OWN_TOLD}}
    return {"spec": V3, "spec_version": "3.0", "data": told}


def as_v2(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card for programs that do not know V3, without what only V3 has."""
    older = deepcopy(dict(card))
    data = older["data"]
    for name in (*ONLY_V3, *DATES):
        data.pop(name, None)
    for name in ("creator_notes", "system_prompt", "post_history_instructions", "creator", "character_version"):
        data.setdefault(name, "")
    for name in ("alternate_greetings", "tags"):
        data.setdefault(name, [])
    for entry in data.get("character_book", {}).get("entries", []):
        entry["content"] = split_off(entry["content"])[1]
        if not entry.get("use_regex"):
            entry.pop("use_regex", None)
    return older | {"spec": V2, "spec_version": "2.0"}


def as_json(card: Mapping[str, Any]) -> bytes:
    text = json.dumps(card, ensure_ascii=False)
    return (json.dumps(card, ensure_ascii=False, indent=2) if len(text) < MOST_INDENTED else text).encode()


def as_png(card: Mapping[str, Any], picture: bytes, files: Mapping[str, bytes]) -> bytes:
    """The PNG picture with the card in both versions; the V3 text carries the files."""
    newer = _packed(with_files(card, files))
    older = _packed(_copy_for_older(card))
    room = LARGEST_PICTURE - max(len(picture) + AROUND_TEXTS, ROOM_FOR_PICTURE)
    texts = {"ccv3": newer} if len(newer) + len(older) > room else {"chara": older, "ccv3": newer}
    return with_texts(picture, texts, instead_of=[*KEYWORDS, LEGACY_ASSET])


def _copy_for_older(card: Mapping[str, Any]) -> dict[str, Any]:
    older = as_v2(card)
    older["data"]["creator_notes"] = with_note(older["data"]["creator_notes"])
    return older


def as_charx(card: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """An archive of the card and the files that it brought, at their old paths."""
    paths = {path_in_archive(uri): content for uri, content in files.items()}
    inside = {path: content for path, content in paths.items() if is_safe(path)}
    return write_archive({CARD: as_json(card)} | inside)


def _packed(card: Mapping[str, Any]) -> bytes:
    return b64encode(json.dumps(card, ensure_ascii=False).encode())
