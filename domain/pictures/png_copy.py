"""PNG copies of our own pictures, for card files, which are PNG by definition."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

SIZE = (600, 800)


def as_png(photo: bytes | None, colours: tuple[str, str]) -> bytes:
    """A photo of ours as PNG; without one, a portrait of two colours. Slow: in a thread."""
    if photo:
        with Image.open(io.BytesIO(photo), formats=("WEBP",)) as opened:
            picture = opened.convert("RGB")
    else:
        picture = ImageOps.colorize(Image.linear_gradient("L").resize(SIZE), *colours)
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()
