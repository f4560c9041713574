"""Table cells of the admin lists: people, characters, moments, money, marks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from babel import Locale
from babel.dates import format_datetime, format_timedelta, get_timezone
from babel.numbers import format_currency

from domain.clock import now
from domain.language import Texts
from domain.prices import MILLION
from ui.request.visitor import Reader

Tone = Literal["", "good", "bad", "warn"]
SECOND = 1000  # milliseconds


def link(text: str, href: str, note: str = "", picture: str = "") -> dict[str, Any]:
    return {"text": text, "href": href, "note": note, "picture": picture}


def moment(reader: Reader, at: datetime | None, never: str = "—") -> dict[str, Any]:
    """«2 часа назад», and the exact moment as a tooltip."""
    if at is None:
        return {"text": never}
    return {"text": ago(reader._, at), "title": exactly(reader, at)}


def ago(_: Texts, at: datetime) -> str:
    return format_timedelta(at - now(), granularity="minute", add_direction=True, locale=Locale(_.language))


def exactly(reader: Reader, at: datetime) -> str:
    zone = get_timezone(reader.preferences.zone)
    return format_datetime(at, "d MMMM y, HH:mm", tzinfo=zone, locale=Locale(reader._.language))


def money(_: Texts, millionths: int) -> str:
    """«12,40 ₽»; less than a kopeck is not shown as zero."""
    if 0 < millionths < MILLION // 100:
        return f"< {format_currency(0.01, 'RUB', locale=_.language)}"
    return format_currency(millionths / MILLION, "RUB", locale=_.language)


def loaded_words(_: Texts) -> str:
    """The mark of what was imported from a file, which anybody may have written."""
    return _("loaded from a file")


def chip(text: str, tone: Tone = "") -> dict[str, str]:
    return {"text": text, "tone": tone}


def chips(*shown: dict[str, str] | None) -> dict[str, Any]:
    return {"chips": [each for each in shown if each]}
