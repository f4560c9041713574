"""Image processing (re-encoding, sandboxed): a photo is redrawn small and safe, with nothing hidden behind the pixels.

For photos of strangers domain/characters/photos.py runs this in a subprocess, `python -m domain.characters.drawing`: a
line of JSON (a `Cut`) and the photo come in, a line of JSON and the sizes go out. Hence it imports as little as
possible and leaves user-facing messages to the caller.
"""

from __future__ import annotations

import io
import json
import math
import os
import resource
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass

from PIL import ExifTags, Image, ImageCms, ImageOps, WebPImagePlugin  # noqa: F401 - else a WebP loads every format

PIXELS_LIMIT = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
SIZES = {"small": (330, 440), "large": (900, 1200), "face": (192, 192)}
"""Width and height in pixels: 3:4 for a gallery card and for a page, a square for round avatars."""
SHAPE = 3 / 4
FOCUS = (0.5, 0.3)
"""The default crop: faces are in the upper half."""
FACE_AT = (0.5, 0.38)
"""The assumed position of the face in the crop, if nobody has set it."""
FACE_WIDTH = 0.72
"""In fractions of the crop's width: the extent of the round picture."""
CLOSEST = 8
"""Maximum zoom relative to the widest crop."""
QUALITY = 82
MEMORY = 1_500_000_000
"""Memory limit in bytes of address space: 40 megapixels with transparency need half of it."""
QUIETLY = 10
"""Niceness: the subprocess yields to the one that serves users."""
TURNED = {5, 6, 7, 8}
"""EXIF orientations that are rotated by 90 degrees."""
UNSAID = math.nan

Box = tuple[float, float, float, float]


class Unfit(Exception):
    """The photo cannot be processed; `reason` is "unreadable" or "too many pixels"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Cut:
    """The crop of the upright photo, in fractions of its width and height; `UNSAID` leaves it to us.

    The numbers are untrusted: whatever they are, the boxes lie within the photo.
    """

    x: float = UNSAID
    y: float = UNSAID
    width: float = UNSAID
    face_x: float = UNSAID
    face_y: float = UNSAID

    def box(self, size: tuple[int, int]) -> Box:
        """The 3:4 crop of a photo of this size: left, top, right, bottom in pixels."""
        widest = min(size[0], size[1] * SHAPE)
        if _sound(self.x, self.y, self.width):
            width = _between(self.width * size[0], widest / CLOSEST, widest)
            left, top = self.x * size[0], self.y * size[1]
        else:
            width = widest
            left, top = (size[0] - width) * FOCUS[0], (size[1] - width / SHAPE) * FOCUS[1]
        left = _between(left, 0, size[0] - width)
        top = _between(top, 0, size[1] - width / SHAPE)
        return left, top, min(left + width, size[0]), min(top + width / SHAPE, size[1])

    def face(self, size: tuple[int, int]) -> Box:
        """The square around the face, in pixels of the photo, within `box`."""
        left, top, right, bottom = self.box(size)
        side = (right - left) * FACE_WIDTH
        if _sound(self.face_x, self.face_y):
            x, y = self.face_x * size[0], self.face_y * size[1]
        else:
            x, y = left + (right - left) * FACE_AT[0], top + (bottom - top) * FACE_AT[1]
        x = _between(x - side / 2, left, right - side)
        y = _between(y - side / 2, top, bottom - side)
        return x, y, x + side, y + side


def in_sizes(photo: bytes, cut: Cut) -> dict[str, bytes]:
    """Re-encode the photo as WebP in each of `SIZES`. Slow, and for hostile photos possibly very slow; raises
    `Unfit`.
    """
    try:
        with Image.open(io.BytesIO(photo), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_LIMIT:
                raise Unfit("too many pixels")
            _decode_no_larger_than_needed(opened, cut)
            upright = _resizable(ImageOps.exif_transpose(opened))
            profile = opened.info.get("icc_profile")
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise Unfit("unreadable") from error
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


def _decode_no_larger_than_needed(opened: Image.Image, cut: Cut) -> None:
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


def _sound(*numbers: float) -> bool:
    return all(math.isfinite(number) for number in numbers)


def _between(number: float, low: float, high: float) -> float:
    return max(low, min(number, max(low, high)))


def main() -> None:
    os.nice(QUIETLY)
    with suppress(ValueError, OSError):  # not supported on every system
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    cut = Cut(**json.loads(sys.stdin.buffer.readline()))
    try:
        made = in_sizes(sys.stdin.buffer.read(), cut)
        head: dict[str, object] = {"lengths": {size: len(data) for size, data in made.items()}}
    except Unfit as error:
        made, head = {}, {"unfit": error.reason}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(made.values()))


def question(photo: bytes, cut: Cut) -> bytes:
    """Encode the input that `main` reads."""
    return json.dumps(asdict(cut)).encode() + b"\n" + photo


def answer(written: bytes) -> dict[str, bytes]:
    """Decode the output of `main` to what `in_sizes` would have returned; raises `Unfit`."""
    line, _break, data = written.partition(b"\n")
    head = json.loads(line)
    if "unfit" in head:
        raise Unfit(head["unfit"])
    made, at = {}, 0
    for size, length in head["lengths"].items():
        made[size] = data[at : at + length]
        at += length
    return made


if __name__ == "__main__":
    main()
