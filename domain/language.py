"""Localisation (i18n): message catalogues for Russian and English, with plural forms, numbers and dates.

Texts in the code are English and serve as keys; assets/translations/<language>.po holds the rest, read once at start
and compiled by Babel when it has changed. `Texts` is passed along, never kept in a global: each reader has their own.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_compact_decimal, format_decimal

LANGUAGES = ("ru", "en")
TRANSLATIONS = Path(__file__).parent.parent / "assets" / "translations"
SEAL = 32  # bytes


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a text for the catalogue that is translated where it is shown."""
    return text


class Texts:
    """One reader's language. Call it to translate: `_("At most {limit} characters.", limit=64)`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._locale = Locale(self.language)
        self._catalogue = _catalogue(self.language)

    def __call__(self, text: str, **values: object) -> str:
        translated = self._catalogue.gettext(text)
        return translated.format(**values) if values else translated

    def plural(self, one: str, many: str, n: int, **values: object) -> str:
        """The form that goes with `n`: `_.plural("{n} message", "{n} messages", 5)` → «5 сообщений»."""
        return self._catalogue.ngettext(one, many, n).format(n=format_decimal(n, locale=self._locale), **values)

    def number(self, number: float) -> str:
        """«0,6» in Russian, “0.6” in English."""
        return format_decimal(number, locale=self._locale)

    def short_number(self, number: int) -> str:
        """«1,2 тыс.» in Russian, “1.2K” in English; small ones as they are."""
        return format_compact_decimal(number, fraction_digits=1, locale=self._locale)

    def day(self, moment: datetime, now: datetime, zone: tzinfo | str = "UTC") -> str:
        """The day as people say it: today, yesterday, «12 мая», «12 мая 2025 г.»."""
        local, today = (_in_zone(each, zone).date() for each in (moment, now))
        if local == today:
            return self("Today")
        if (today - local).days == 1:
            return self("Yesterday")
        pattern = "d MMMM" if local.year == today.year else "long"
        return format_date(local, pattern, locale=self._locale)

    def time(self, moment: datetime, zone: tzinfo | str = "UTC") -> str:
        return format_time(_in_zone(moment, zone), "short", locale=self._locale)


def language_of(environment: Mapping[str, str]) -> str:
    """The language of a terminal, by its locale: Russian where it asks for it, else English."""
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    return "ru" if locale.lower().startswith("ru") else "en"


def _in_zone(moment: datetime, zone: tzinfo | str) -> datetime:
    return moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def best_language(accepted: str) -> str:
    """The first of our languages in an `Accept-Language` header; Russian when it names none of them."""
    for part in accepted.lower().split(","):
        language = part.split(";")[0].strip().split("-")[0]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


@cache
def _catalogue(language: str) -> NullTranslations:
    source = TRANSLATIONS / f"{language}.po"
    if not source.exists():
        return NullTranslations()  # English: the keys are the texts
    return read_catalogue(source)


def read_catalogue(source: Path) -> GNUTranslations:
    """The catalogue of a `.po` file.

    Babel takes 40 ms of a start to read one, so what it compiled is kept beside the file. Where that cannot be written,
    each start compiles.
    """
    texts = source.read_bytes()
    kept = source.with_suffix(".po.compiled")
    compiled = _kept(kept, texts)
    if compiled is None:
        compiled = _compiled(texts, source.stem)
        _keep(kept, texts, compiled)
    return GNUTranslations(io.BytesIO(compiled))


def _compiled(texts: bytes, language: str) -> bytes:
    from babel.messages.mofile import write_mo  # only needed after a change
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(texts), locale=language))
    return compiled.getvalue()


def _kept(kept: Path, texts: bytes) -> bytes | None:
    """The catalogue compiled from these very texts; None if the file is missing, damaged or of other texts."""
    try:
        found = kept.read_bytes()
    except OSError:
        return None
    seal, compiled = found[:SEAL], found[SEAL:]
    return compiled if seal == _seal(texts, compiled) else None


def _keep(kept: Path, texts: bytes, compiled: bytes) -> None:
    """Another process that starts at the same moment reads the old file or the new one."""
    unfinished = kept.with_name(f"{kept.name}.{os.getpid()}")
    with suppress(OSError):  # a read-only installation
        unfinished.write_bytes(_seal(texts, compiled) + compiled)
        unfinished.replace(kept)
    with suppress(OSError):
        unfinished.unlink(missing_ok=True)


def _seal(texts: bytes, compiled: bytes) -> bytes:
    """Modification times would not do: an upgrade may bring files that are older than what was compiled before it."""
    return hashlib.sha256(texts + compiled).digest()
