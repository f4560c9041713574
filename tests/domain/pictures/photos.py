"""Test photos, as people upload them, made on the spot."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

RED, BLUE = (220, 20, 20), (20, 20, 220)


def a_photo(kind: str = "PNG", size: tuple[int, int] = (60, 80), **options: Any) -> bytes:
    """A photo, red above and blue below; `options` go to Pillow's `save`."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, size[1] // 2, *size))
    return saved(image, kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def a_png_that_claims(width: int, height: int) -> bytes:
    """A few bytes of PNG whose header promises a huge picture: nothing behind it can be decoded."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def is_near(pixel: object, colour: tuple[int, int, int]) -> bool:
    """Whether the pixel has that colour, as far as WebP keeps colours."""
    assert isinstance(pixel, tuple)
    return all(abs(got - wanted) < 40 for got, wanted in zip(pixel[:3], colour, strict=True))
