"""Signing secret: the key that signs tokens and protects short codes; configured, or generated once and stored."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from domain.settings.settings import Settings


def signing_secret(settings: Settings) -> str:
    """`JWT_SECRET`, or a random secret generated once and stored in the data folder, readable by its owner only."""
    given = settings.jwt_secret.get_secret_value()
    if given:
        return given
    file = settings.data_dir / "jwt_secret"
    if not file.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _write_once(file, secrets.token_urlsafe(48))
    return file.read_text()


def _write_once(file: Path, text: str) -> None:
    """Write the file atomically: two servers starting at once must end with one secret, so the first complete file
    linked stays.
    """
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
