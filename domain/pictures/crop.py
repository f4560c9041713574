"""Crop of a photo: the part that is shown, its sizes, and the protocol of the process that draws it (resize.py): a line
of JSON (a `Crop`) and the photo go in, a line of JSON and the sizes come out.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass

SIZES = {"small": (330, 440), "large": (900, 1200), "face": (192, 192)}
"""Width and height in pixels: 3:4 for a gallery card and for a page, a square for round avatars."""
PIXELS_LIMIT = 40_000_000
"""Maximum pixels of a photo; a larger one is not drawn."""
SHAPE = 3 / 4
FOCUS = (0.5, 0.3)
"""Share of the surplus that is cut off on the left and at the top if nobody chose: faces are in the upper half."""
FACE_AT = (0.5, 0.38)
"""Position of the face in the cut, as fractions of it, if nobody has chosen one."""
FACE_WIDTH = 0.72
"""Width of the face's square, as a fraction of the cut's."""
CLOSEST = 8
"""Maximum zoom, relative to the widest cut."""
UNSAID = math.nan

Box = tuple[float, float, float, float]


class InvalidPhoto(Exception):
    """It cannot be drawn; `reason` is "unreadable" or "too many pixels"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Crop:
    """The part of the upright photo that is shown, in fractions of its width and height; `UNSAID` leaves it to us.

    The numbers are a stranger's: whatever they are, the boxes lie within the photo.
    """

    x: float = UNSAID
    y: float = UNSAID
    width: float = UNSAID
    face_x: float = UNSAID
    face_y: float = UNSAID

    def box(self, size: tuple[int, int]) -> Box:
        """The 3:4 that is shown of a photo of this size: left, top, right, bottom in pixels."""
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


def question(photo: bytes, cut: Crop) -> bytes:
    """The input of `resize.main`."""
    return json.dumps(asdict(cut)).encode() + b"\n" + photo


def answer(written: bytes) -> dict[str, bytes]:
    """The output of `resize.main`, as `resize.resize` would have returned it; raises `InvalidPhoto`."""
    line, _break, data = written.partition(b"\n")
    head = json.loads(line)
    if "unfit" in head:
        raise InvalidPhoto(head["unfit"])
    made, at = {}, 0
    for size, length in head["lengths"].items():
        made[size] = data[at : at + length]
        at += length
    return made


def _sound(*numbers: float) -> bool:
    return all(math.isfinite(number) for number in numbers)


def _between(number: float, low: float, high: float) -> float:
    return max(low, min(number, max(low, high)))
