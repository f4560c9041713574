"""Card forms: whatever program wrote a card, it becomes one V3 object, and nothing of it is lost.

Supported are V1 (six flat fields), V2 and V3 (`spec` and `data`), SillyTavern's mirror of both, and flat cards with
other programs' field names (domain/cards/other_forms.py). The formats follow the specifications of V1, V2
(malfoyslastname) and V3 (kwaroran), and what real files contain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.books.book_forms import as_book, entries_left_out, is_lorebook
from domain.cards.faults import CardRemark, Fault, Remark, UnreadableCard
from domain.cards.older_copy import without_note
from domain.cards.other_forms import with_known_names

V2, V3 = "chara_card_v2", "chara_card_v3"
NEWEST = 3.0
TEXTS = (
    *("name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes"),
    *("system_prompt", "post_history_instructions", "creator", "character_version", "nickname"),
)
LISTS = ("alternate_greetings", "tags", "group_only_greetings", "source")
V1_FIELDS = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
PLACEHOLDER_NOTES = "Creator's notes go here."
"""Chub's text in place of missing notes."""


def as_v3(found: Any, file_name: str = "") -> tuple[dict[str, Any], list[CardRemark]]:
    """The card as a V3 object, including its unknown parts, and remarks on what was read differently from how it was
    written.

    Raises `UnreadableCard` if it is no card, or if neither the card nor its file has a name.
    """
    if not isinstance(found, dict):
        raise UnreadableCard(Fault.NOT_A_CARD)
    if is_lorebook(found):
        raise UnreadableCard(Fault.LOREBOOK)
    remarks: list[CardRemark] = []
    card = _with_data(found)
    data = card["data"] = _coerced(card["data"], remarks)
    _check_version(card, remarks)
    if not data["name"].strip():
        _name(data, file_name, remarks)
    return card, remarks


def _with_data(found: dict[str, Any]) -> dict[str, Any]:
    """The object with its fields under `data`, wherever they were."""
    data = found.get("data")
    if isinstance(data, dict):
        is_card = "spec" in found or any(name in data for name in ("first_mes", "description", "personality"))
        if not is_card:
            raise UnreadableCard(Fault.NOT_A_CARD)
        version = found.get("spec_version") if found.get("spec") == V3 else "3.0"
        named = {} if _text(data.get("name")).strip() else {"name": found.get("name")}
        return found | {"spec": V3, "spec_version": version, "data": data | named}
    found = with_known_names(found)
    is_talkative = any(name in found for name in ("first_mes", "personality", "scenario", "mes_example"))
    if not (is_talkative or ("description" in found and "entries" not in found)):  # a lorebook has a description, too
        raise UnreadableCard(Fault.NOT_A_CARD)
    own = {name: found[name] for name in (*TEXTS, *LISTS, "character_book", "extensions", "assets") if name in found}
    rest = {name: value for name, value in found.items() if name not in own}
    if "creatorcomment" in found:
        own.setdefault("creator_notes", found["creatorcomment"])
    return rest | {"spec": V3, "spec_version": "3.0", "data": own}


def _coerced(data: dict[str, Any], remarks: list[CardRemark]) -> dict[str, Any]:
    """The data with each known field converted to its type; unknown fields stay as they are."""
    read = {"extensions": {}} | data
    for name in TEXTS:
        if name in read or name in V1_FIELDS:
            _as(read, name, _text, remarks)
    for name in LISTS:
        if name in read:
            _as(read, name, _tags if name == "tags" else _texts, remarks)
    _as(read, "extensions", lambda value: value if isinstance(value, dict) else {}, remarks)
    if read.get("creator_notes", "").strip() == PLACEHOLDER_NOTES:
        read["creator_notes"] = ""
    if "creator_notes" in read:
        read["creator_notes"] = without_note(read["creator_notes"])
    if "assets" in read:
        _as(read, "assets", _assets, remarks)
        if not read["assets"]:
            del read["assets"]  # an empty list means no more than a missing one
    read.setdefault("group_only_greetings", [])  # V3 requires it
    if "character_book" in read:
        _read_book(read, remarks)
    return read


def _read_book(read: dict[str, Any], remarks: list[CardRemark]) -> None:
    found = read["character_book"]
    _as(read, "character_book", as_book, remarks)
    if read["character_book"] is None:
        del read["character_book"]
    elif over := entries_left_out(found, read["character_book"]):
        remarks.append(CardRemark(Remark.ENTRIES_LEFT_OUT, "character_book", {"over": over}))


def _assets(value: Any) -> list[dict[str, Any]]:
    entries = value if isinstance(value, list) else []
    return [each for each in entries if isinstance(each, dict) and isinstance(each.get("uri"), str)]


def _as(read: dict[str, Any], name: str, as_type: Callable[[Any], Any], remarks: list[CardRemark]) -> None:
    before = read.get(name)
    read[name] = as_type(before)
    if name == "character_book" and read[name]:
        return  # a book always differs: it is completed with all that V3 requires
    if before is not None and read[name] != before:
        remarks.append(CardRemark(Remark.COERCED if read[name] else Remark.LEFT_OUT, name))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if not isinstance(value, list):
        return []
    return [_text(each) for each in value if _text(each) or each == ""]  # an empty text is a text, too


def _tags(value: Any) -> list[str]:
    if isinstance(value, str):  # all tags in a single text
        return [each.strip() for each in value.split(",") if each.strip()]
    return _texts(value)


def _check_version(card: dict[str, Any], remarks: list[CardRemark]) -> None:
    try:
        version = float(card.get("spec_version") or 0)
    except (TypeError, ValueError, OverflowError):
        version = 0
    if card.get("spec") == V3 and version > NEWEST:
        remarks.append(CardRemark(Remark.NEWER_VERSION, values={"version": str(card["spec_version"])}))


def _name(data: dict[str, Any], file_name: str, remarks: list[CardRemark]) -> None:
    """Name a card that has no name: by its nickname, else by its file."""
    if nickname := data.get("nickname", "").strip():
        data["name"] = nickname
        return
    data["name"] = name_of_file(file_name)
    if not data["name"]:
        raise UnreadableCard(Fault.NO_NAME)
    remarks.append(CardRemark(Remark.NAMED_BY_FILE, "name", {"name": data["name"]}))


def name_of_file(file_name: str) -> str:
    """The name of a file without folder and suffix, or empty."""
    return file_name.rpartition("/")[2].rpartition("\\")[2].rpartition(".")[0].replace("_", " ").strip()
