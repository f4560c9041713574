"""Writing a card: the original object with what was changed since laid over it, as JSON, in a PNG, or as CHARX."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from domain.cards.card_fields import OWN, OWN_FIELDS
from domain.cards.card_forms import V2, V3
from domain.cards.charx import CARD, write_archive
from domain.cards.png_chunks import with_texts
from domain.cards.read_card import EMBEDDED, KEYWORDS, LEGACY_ASSET, URI_BEFORE

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
"""Where a field of a character stands in a card, if it stands in one place."""
SECRETS = ("description", "personality", "scenario", "mes_example", "system_prompt", "post_history_instructions")
"""What an author may keep: a card without these shows who it is, and cannot be talked with as before."""
ONLY_V3 = ("assets", "nickname", "creator_notes_multilingual", "source", "group_only_greetings")
DATES = ("creation_date", "modification_date")


def new_card() -> dict[str, Any]:
    """The card of a character that came from none."""
    empty = dict.fromkeys(("name", "description", "personality", "scenario", "first_mes", "mes_example"), "")
    return {"spec": V3, "spec_version": "3.0", "data": empty | {"extensions": {}, "group_only_greetings": []}}


def overlaid(card: Mapping[str, Any], changed: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """The V3 object to be exported. `changed` are the fields that differ from what the card says."""
    exported = deepcopy(dict(card))
    data: dict[str, Any] = exported["data"]
    for name, value in changed.items():
        if name in STANDS_AT:
            data[STANDS_AT[name]] = value
    if "context" in changed:
        data["description"], data["system_prompt"] = changed["context"], ""
    if "examples" in changed:
        data["mes_example"] = "\n".join(f"<START>\n{each}" for each in changed["examples"])
    own = data["extensions"].get(OWN)
    own = own if isinstance(own, dict) else {}
    data["extensions"][OWN] = own | {name: changed[name] for name in OWN_FIELDS if name in changed}
    data.setdefault("group_only_greetings", [])
    data.setdefault("creation_date", int(moment.timestamp()))
    data["modification_date"] = int(moment.timestamp())
    return exported


def without_secrets(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card for those who may not read what the author wrote for the model: its book and private values, too."""
    told = deepcopy(dict(card))
    data = told["data"]
    for name in SECRETS:
        if name in data:
            data[name] = ""
    data.pop("character_book", None)
    kept = data["extensions"].get(OWN, {})
    data["extensions"] = {OWN: {name: kept[name] for name in kept if name not in {"temperature", "reply_tokens"}}}
    return {"spec": told["spec"], "spec_version": told["spec_version"], "data": data}


def as_v2(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card for programs that do not know V3: without what only that has."""
    older = deepcopy(dict(card))
    data = older["data"]
    for name in (*ONLY_V3, *DATES):
        data.pop(name, None)
    for name in ("creator_notes", "system_prompt", "post_history_instructions", "creator", "character_version"):
        data.setdefault(name, "")
    for name in ("alternate_greetings", "tags"):
        data.setdefault(name, [])
    for entry in data.get("character_book", {}).get("entries", []):
        entry["content"] = without_decorators(entry["content"])
        entry.pop("use_regex", None)
    return older | {"spec": V2, "spec_version": "2.0"}


def without_decorators(content: str) -> str:
    """What an entry of a book says, without the lines at its top that tell V3 programs when."""
    lines = content.splitlines(keepends=True)
    while lines and lines[0].startswith("@@"):
        del lines[0]
    return "".join(lines)


def as_json(card: Mapping[str, Any]) -> bytes:
    return json.dumps(card, ensure_ascii=False, indent=2).encode()


def as_png(card: Mapping[str, Any], picture: bytes, files: Mapping[str, bytes]) -> bytes:
    """The PNG picture with the card in both versions; the files that its assets name go within the text."""
    carried = deepcopy(dict(card))
    for asset in carried["data"].get("assets", []):
        if (content := files.get(asset["uri"])) and not asset["uri"].startswith("data:"):
            asset[URI_BEFORE] = asset["uri"]
            asset["uri"] = f"data:application/octet-stream;base64,{b64encode(content).decode()}"
    texts = {"chara": _packed(as_v2(card)), "ccv3": _packed(carried)}
    return with_texts(picture, texts, instead_of=[*KEYWORDS, LEGACY_ASSET])


def as_charx(card: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """An archive of the card and the files that it brought, where they lay."""
    inside = {
        uri[len(scheme) :]: content for uri, content in files.items() for scheme in EMBEDDED if uri.startswith(scheme)
    }
    return write_archive({CARD: as_json(card)} | inside)


def _packed(card: Mapping[str, Any]) -> bytes:
    return b64encode(json.dumps(card, ensure_ascii=False).encode())
