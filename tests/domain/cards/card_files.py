"""Card files as programs write them, and as nobody should: built here, so that each shows what is odd about it."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Mapping
from struct import pack
from typing import Any

from domain.cards.png_chunks import SIGNATURE

V1 = {
    "name": "Аглая",
    "description": "Хозяйка лавки.",
    "personality": "тёплая",
    "scenario": "Вечер.",
    "first_mes": "Проходите!",
    "mes_example": "<START>\n{{user}}: Чаю?\n{{char}}: С мёдом.",
}


def v2(**more: Any) -> dict[str, Any]:
    data = V1 | {
        "creator_notes": "О ней.",
        "system_prompt": "Ты — {{char}}. {{original}}",
        "post_history_instructions": "Коротко.",
        "alternate_greetings": ["Добрый вечер."],
        "tags": ["книги", "женский"],
        "creator": "Ира",
        "character_version": "1.2",
        "extensions": {"другая программа": {"глубина": [1, {"дальше": None}]}},
    }
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": data | more}


def v3(**more: Any) -> dict[str, Any]:
    return v2(**{"group_only_greetings": [], "nickname": "Глаша"} | more) | {
        "spec": "chara_card_v3",
        "spec_version": "3.0",
    }


def chunk(kind: bytes, data: bytes, *, crc: int | None = None) -> bytes:
    checksum = zlib.crc32(kind + data) if crc is None else crc
    return pack(">I", len(data)) + kind + data + pack(">I", checksum)


def png(*texts: bytes, after: tuple[bytes, ...] = (), side: int = 1) -> bytes:
    """A PNG of one pixel, with these chunks before its data, and some after."""
    head = chunk(b"IHDR", pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\1\2\3"))
    return SIGNATURE + head + b"".join(texts) + pixels + b"".join(after) + chunk(b"IEND", b"")


def packed(card: Any) -> bytes:
    return b64encode(json.dumps(card, ensure_ascii=False).encode())


def text(card: Any, keyword: bytes = b"chara") -> bytes:
    return chunk(b"tEXt", keyword + b"\0" + packed(card))


def zipped(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def charx(card: Any, files: Mapping[str, bytes] | None = None) -> bytes:
    return zipped({"card.json": json.dumps(card).encode()} | dict(files or {}))
