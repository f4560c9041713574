"""The secret that signs tokens and guards short codes: given, or made once and kept."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from domain.settings import Settings


def signing_secret(settings: Settings) -> str:
    """`JWT_SECRET`, or a random one made once and kept in the data folder, readable by its owner only."""
    given = settings.jwt_secret.get_secret_value()
    if given:
        return given
    file = settings.data_dir / "jwt_secret"
    if not file.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _write_once(file, secrets.token_urlsafe(48))
    return file.read_text()


def _write_once(file: Path, text: str) -> None:
    """Two servers starting together must end with one secret: the first whole file to be linked stays."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
