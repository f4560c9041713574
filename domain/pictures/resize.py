"""Image processing (re-encoding, sandboxed): a photo is redrawn small and safe, with nothing hidden behind the pixels.

For photos of strangers domain/pictures/photos.py runs this in a process of its own, `python -m
domain.pictures.resize`: what `question` of domain/pictures/crop.py writes comes in, what `answer` reads goes out.
Hence it imports as little as possible, and leaves sentences to those who know languages.
"""

from __future__ import annotations

import io
import json
import math
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress

from PIL import ExifTags, Image, ImageCms, ImageOps, WebPImagePlugin  # noqa: F401 - else a WebP loads every format

from domain.pictures.crop import PIXELS_LIMIT, SIZES, Crop, InvalidPhoto

FORMATS = ("PNG", "JPEG", "WEBP")
QUALITY = 82
MEMORY = 1_500_000_000
"""Limit on the address space, in bytes: 40 megapixels with transparency need half of it."""
QUIETLY = 10
"""Niceness: the subprocess yields to the one that serves users."""
TURNED = {5, 6, 7, 8}
"""EXIF orientations in which the photo lies on its side."""


def resize(photo: bytes, cut: Crop) -> dict[str, bytes]:
    """Re-encode the photo as WebP in each of `SIZES`. Slow, and for hostile photos possibly very slow; raises
    `InvalidPhoto`.
    """
    upright, profile = _decoded(photo, lambda opened: _decode_no_larger_than_needed(opened, cut))
    box, face = cut.box(upright.size), cut.face(upright.size)
    large = _plain(upright.resize(SIZES["large"], Image.Resampling.LANCZOS, box), profile)
    scale = large.width / (box[2] - box[0])
    left, top, right, bottom = (scale * (side - box[axis]) for side, axis in zip(face, (0, 1, 0, 1), strict=True))
    seen = (max(left, 0), max(top, 0), min(right, large.width), min(bottom, large.height))
    return {
        "large": _webp(large),
        "small": _webp(large.resize(SIZES["small"], Image.Resampling.LANCZOS)),
        "face": _webp(large.resize(SIZES["face"], Image.Resampling.LANCZOS, seen)),
    }


def fitted(photo: bytes, side: int) -> bytes:
    """Re-encode the whole photo as WebP, at most `side` wide and high. As slow, and raises the same."""
    upright, profile = _decoded(photo, lambda opened: opened.draft("RGB", (side, side)))
    upright.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _webp(_plain(upright, profile))


def _decoded(photo: bytes, prepare: Callable[[Image.Image], object]) -> tuple[Image.Image, object]:
    """Upright, and its colour profile; `prepare` has a look before it is decoded."""
    try:
        with Image.open(io.BytesIO(photo), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_LIMIT:
                raise InvalidPhoto("too many pixels")
            prepare(opened)
            return _resizable(ImageOps.exif_transpose(opened)), opened.info.get("icc_profile")
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise InvalidPhoto("unreadable") from error


def _decode_no_larger_than_needed(opened: Image.Image, cut: Crop) -> None:
    """Decode a JPEG at a half, a quarter or an eighth of its size, which saves most of the time."""
    turned = opened.getexif().get(ExifTags.Base.Orientation) in TURNED
    width, height = reversed(opened.size) if turned else opened.size
    left, _top, right, _bottom = cut.box((width, height))
    scale = SIZES["large"][0] / (right - left)
    wanted = (math.ceil(opened.width * scale), math.ceil(opened.height * scale))
    opened.draft("RGB", wanted)


def _resizable(image: Image.Image) -> Image.Image:
    """Convert to a mode that can be resampled: sixteen-bit grey becomes eight, palettes become colours."""
    if image.mode.startswith("I"):
        return image.point(lambda grey: grey / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"RGB", "L", "CMYK"} else image.convert("RGB")


def _plain(image: Image.Image, profile: object) -> Image.Image:
    """Convert to sRGB on a white background."""
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if isinstance(profile, bytes):
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):  # a broken profile only loses its colours
            its = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, its, ImageCms.createProfile("sRGB"), outputMode="RGB")
            image = converted or image
    return image.convert("RGB")


def _webp(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    image.info.clear()
    image.save(kept, "WEBP", quality=QUALITY, method=4)
    return kept.getvalue()


def main() -> None:
    os.nice(QUIETLY)
    with suppress(ValueError, OSError):  # not supported on every system
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    cut = Crop(**json.loads(sys.stdin.buffer.readline()))
    try:
        made = resize(sys.stdin.buffer.read(), cut)
        head: dict[str, object] = {"lengths": {size: len(data) for size, data in made.items()}}
    except InvalidPhoto as error:
        made, head = {}, {"unfit": error.reason}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(made.values()))


if __name__ == "__main__":
    main()
