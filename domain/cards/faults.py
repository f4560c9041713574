"""Faults of card files: reasons that a file cannot be imported, and remarks on parts that were imported differently."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.errors import Busy, Invalid
from domain.language import N_


class Fault(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too large"
    UNKNOWN_KIND = "unknown kind"
    OTHER_PICTURE = "other picture"
    BROKEN_PICTURE = "broken picture"
    NO_CARD_IN_PICTURE = "no card in picture"
    BROKEN_TEXT = "broken text"
    PROTECTED = "protected"
    BROKEN_ARCHIVE = "broken archive"
    UNSAFE_ARCHIVE = "unsafe archive"
    NO_CARD_IN_ARCHIVE = "no card in archive"
    NOT_JSON = "not json"
    TOO_DEEP = "too deep"
    NOT_A_CARD = "not a card"
    NO_NAME = "no name"
    TOO_SLOW = "too slow"
    TOO_MUCH = "too much"
    LOREBOOK = "lorebook"
    NO_LOREBOOK = "no lorebook"


SENTENCES = {
    Fault.EMPTY: N_("This file is empty."),
    Fault.TOO_LARGE: N_("This file is too large for a character card."),
    Fault.UNKNOWN_KIND: N_("This is not a character card. Cards are PNG pictures, JSON, YAML or CHARX files."),
    Fault.OTHER_PICTURE: N_(
        "Pictures of this kind (WebP, JPEG, GIF and the like) can't hold a character. Use the original PNG: a copy "
        "that was saved again or converted has lost the card."
    ),
    Fault.BROKEN_PICTURE: N_("This picture is damaged: it ends in the middle."),
    Fault.NO_CARD_IN_PICTURE: N_(
        "There is no character in this picture. Messengers and some sites remove it: use the original file."
    ),
    Fault.BROKEN_TEXT: N_("The card in this file is damaged: its text is cut off or changed."),
    Fault.PROTECTED: N_("This card is protected by the program that made it. Only that program can read it."),
    Fault.BROKEN_ARCHIVE: N_("This CHARX file is damaged: it cannot be opened as an archive."),
    Fault.UNSAFE_ARCHIVE: N_("This CHARX file is not safe to open: it contains things that do not belong in a card."),
    Fault.NO_CARD_IN_ARCHIVE: N_("There is no card in this archive: card.json is missing."),
    Fault.NOT_JSON: N_("The card in this file cannot be read: it is not valid JSON."),
    Fault.TOO_DEEP: N_("The card in this file cannot be read: it is nested too deeply."),
    Fault.NOT_A_CARD: N_("This file can be read, but it is not a character card."),
    Fault.NO_NAME: N_("The character in this file has no name."),
    Fault.TOO_SLOW: N_("This file takes too long to read. It is probably damaged."),
    Fault.TOO_MUCH: N_("This file cannot be read: it is damaged, or there is far too much in it."),
    Fault.LOREBOOK: N_(
        "This is a lorebook, not a character. Import it among your worlds, or on a character's Knowledge tab."
    ),
    Fault.NO_LOREBOOK: N_("There is no lorebook in this file."),
}


OF_A_BOOK = {
    Fault.TOO_LARGE: N_("This file is too large for a lorebook."),
    Fault.UNKNOWN_KIND: N_(
        "This is not a lorebook. Lorebooks are JSON files, or part of a character card: PNG, JSON, YAML or CHARX."
    ),
    Fault.OTHER_PICTURE: N_(
        "Pictures of this kind (WebP, JPEG, GIF and the like) can't hold a lorebook. Use the JSON file, or the PNG "
        "that the character card was shared as."
    ),
    Fault.NO_CARD_IN_PICTURE: N_(
        "There is no lorebook in this picture. Messengers and some sites remove it: use the original file."
    ),
    Fault.BROKEN_TEXT: N_("The lorebook in this file is damaged: its text is cut off or changed."),
    Fault.NO_CARD_IN_ARCHIVE: N_("There is no lorebook in this archive: card.json is missing."),
    Fault.NOT_JSON: N_("The lorebook in this file cannot be read: it is not valid JSON."),
    Fault.TOO_DEEP: N_("The lorebook in this file cannot be read: it is nested too deeply."),
    Fault.NOT_A_CARD: N_("This file can be read, but there is no lorebook in it."),
}
"""Sentences that differ where a lorebook was expected."""


class UnreadableCard(Exception):
    """The file cannot be read, or cannot be written (`unwritten`)."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class IsLorebook(Invalid):
    """The file is a lorebook where a character was expected."""


def refusal(error: UnreadableCard) -> Invalid:
    """The error for a file that cannot become a character."""
    kind = IsLorebook if error.fault is Fault.LOREBOOK else Invalid
    return kind(SENTENCES[error.fault], field="file")


def refusal_of_book(error: UnreadableCard) -> Invalid:
    """The error for a file that cannot become a lorebook."""
    return Invalid((SENTENCES | OF_A_BOOK)[error.fault], field="file")


def too_busy() -> Busy:
    return Busy("Other files are still being read. Please try again in a minute.", field="file")


def unwritten(error: UnreadableCard) -> Busy | Invalid:
    """The error for a character or book that could not be written as a file."""
    if error.fault is Fault.TOO_SLOW:
        return too_busy()
    return Invalid("This cannot be written as a file of this kind: there is far too much in it.", field="as")


class Remark(StrEnum):
    """Kinds of remarks in an import report, besides what it says about the fields."""

    NAMED_BY_FILE = "named by file"
    NEWER_VERSION = "newer version"
    DAMAGED_CHUNK = "damaged chunk"
    SHORTENED = "shortened"
    TAGS_LEFT_OUT = "tags left out"
    TAG_SHORTENED = "tag shortened"
    LEFT_OUT = "left out"
    COERCED = "coerced"
    MERGED = "merged"
    GUESSED_GENDER = "guessed gender"
    GUESSED_AGE = "guessed age"
    UNKNOWN_GENDER = "unknown gender"
    UNKNOWN_AGE = "unknown age"
    ENTRIES_LEFT_OUT = "entries left out"
    PORTRAIT_LEFT_OUT = "portrait left out"
    ASSET_MISSING = "asset missing"
    ASSET_REMOTE = "asset remote"
    FLAW = "flaw"
    MORE_FLAWS = "more flaws"
    UNHEEDED = "unheeded"


@dataclass(frozen=True)
class CardRemark:
    """`subject` names a field of the card or a file in it; `values` fill its sentence (domain/cards/report.py)."""

    kind: Remark
    subject: str = ""
    values: dict[str, Any] = field(default_factory=dict)
