"""Message catalogue (gettext): a `.po` file, compiled by Babel when it has changed, as Python compiles its modules."""

from __future__ import annotations

import io
import os
from contextlib import suppress
from gettext import GNUTranslations
from pathlib import Path


def read_catalogue(source: Path) -> GNUTranslations:
    """The catalogue of a `.po` file.

    Babel takes 40 ms of a start to read one, so the compiled `.mo` is kept beside it. Where nothing can be written,
    each start compiles.
    """
    kept = source.with_suffix(".mo")
    if kept.exists() and kept.stat().st_mtime_ns > source.stat().st_mtime_ns:
        return GNUTranslations(io.BytesIO(kept.read_bytes()))
    compiled = _compiled(source)
    with suppress(OSError):  # a read-only installation
        _replace(kept, compiled)
    return GNUTranslations(io.BytesIO(compiled))


def _compiled(source: Path) -> bytes:
    from babel.messages.mofile import write_mo  # only needed after a change
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.stem)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def _replace(kept: Path, compiled: bytes) -> None:
    """Another process that starts at the same moment reads the old file or the new one, never a half."""
    unfinished = kept.with_name(f"{kept.name}.{os.getpid()}")
    unfinished.write_bytes(compiled)
    unfinished.replace(kept)
