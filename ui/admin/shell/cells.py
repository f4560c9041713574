"""Table cells of the admin lists: people, characters, moments, marks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_timedelta

from domain.clock import now
from domain.language import Texts
from ui.request.visitor import Reader

Tone = Literal["", "good", "bad", "warn"]
SECOND = 1000  # milliseconds
HALF_A_DAY = timedelta(hours=12)
"""Age up to which a moment is given in hours, even across midnight."""


def link(text: str, href: str, note: str = "", picture: str = "") -> dict[str, Any]:
    return {"text": text, "href": href, "note": note, "picture": picture}


def moment(reader: Reader, at: datetime | None, never: str = "—") -> dict[str, Any]:
    """«2 часа назад», and the exact moment as a tooltip."""
    if at is None:
        return {"text": never}
    return {"text": ago(reader, at), "title": exactly(reader, at)}


def ago(reader: Reader, at: datetime) -> str:
    """«минуту назад», «вчера», «3 дня назад»: as people say it. Babel would write «1 минуту назад»."""
    passed, zone = now() - at, ZoneInfo(reader.preferences.zone)
    days = (now().astimezone(zone).date() - at.astimezone(zone).date()).days
    if days == 1 and passed > HALF_A_DAY:
        return reader._("yesterday")
    said = format_timedelta(-passed, granularity="minute", add_direction=True, locale=Locale(reader._.language))
    return said.removeprefix("1 ") if reader._.language == "ru" else said


def exactly(reader: Reader, at: datetime) -> str:
    zone = ZoneInfo(reader.preferences.zone)
    return format_datetime(at, "d MMMM y, HH:mm", tzinfo=zone, locale=Locale(reader._.language))


def numbered(_: Texts, number: int) -> str:
    """«№ 172» in Russian, “#172” in English."""
    return _("#{n}", n=number)


def loaded_words(_: Texts) -> str:
    """The mark of what was imported from a file, which anybody may have written."""
    return _("imported from a file")


def trial_words(_: Texts) -> str:
    """The mark of somebody who talks before signing up, and of their conversation."""
    return _("trial")


def chip(text: str, tone: Tone = "") -> dict[str, str]:
    return {"text": text, "tone": tone}


def chips(*shown: dict[str, str] | None) -> dict[str, Any]:
    return {"chips": [each for each in shown if each]}
