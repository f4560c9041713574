"""Chunks of PNG and APNG files: reads and writes their texts without decoding the picture, and tells whether the
picture is complete.

A chunk is a length, a type of four letters, the data and a checksum (the PNG specification, third edition, 5.3). Cards
are in `tEXt`, `zTXt` or `iTXt` chunks, as often before the picture's data as after it.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from struct import pack, unpack_from

from domain.cards.faults import Fault, UnreadableCard
from domain.pictures.crop import PIXELS_LIMIT

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT_KINDS = {b"tEXt", b"zTXt", b"iTXt"}
MOST_INFLATED = 24_000_000
"""Maximum bytes of a picture's compressed texts, once unpacked: base64 of the longest card, and a little more."""
MOST_CHUNKS = 100_000
AROUND = 12
"""Bytes of a chunk besides its data: length, type and checksum."""
HEADER = 13
"""Bytes of data in the header chunk."""
LARGEST_SIDE = 30_000
"""Maximum pixels of a side: no portrait is larger."""
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples per pixel, by the colour type in the header."""
WHOLE = ((0, 0, 1, 1),)
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Passes of an interlaced picture: first column and row, and the steps of columns and rows (specification, 8.2)."""
AT_A_TIME = 1_000_000
"""Maximum bytes unpacked at a time; they are thrown away at once."""


@dataclass(frozen=True)
class TextChunk:
    keyword: str
    value: bytes
    is_intact: bool
    """Whether its checksum is right."""


def is_too_large_to_show(picture: bytes) -> bool:
    """Whether it is a PNG that, by its header, has more pixels than are ever drawn (domain/pictures/resize.py)."""
    if not is_png(picture) or len(picture) < len(SIGNATURE) + AROUND + HEADER:
        return False
    width, height = unpack_from(">II", picture, len(SIGNATURE) + 8)
    return int(width) * int(height) > PIXELS_LIMIT


def is_damaged(picture: bytes) -> bool:
    """Whether it is a PNG whose pixel data cannot be unpacked or ends too early. Takes as long as unpacking it."""
    if not is_png(picture):
        return False
    try:
        chunks = [(kind, picture[start:end]) for kind, start, end in _chunks(picture) if kind in (b"IHDR", b"IDAT")]
    except UnreadableCard:
        return True
    heads = [data for kind, data in chunks if kind == b"IHDR"]
    if not heads or len(heads[0]) < HEADER:
        return True
    wanted = _bytes_of_pixels(heads[0])
    unpacking = zlib.decompressobj()
    try:
        for kind, data in chunks:
            packed = data if kind == b"IDAT" else b""
            while packed and wanted > 0:
                wanted -= len(unpacking.decompress(packed, AT_A_TIME))
                packed = unpacking.unconsumed_tail
    except zlib.error:
        return True
    return wanted > 0


def _bytes_of_pixels(head: bytes) -> int:
    """Bytes of the pixel data, once unpacked: in each pass, every row begins with a byte for its filter."""
    width, height, depth, colour, _compression, _filter, is_interlaced = unpack_from(">IIBBBBB", head)
    bits = depth * SAMPLES.get(colour, 1)
    passes = PASSES if is_interlaced else WHOLE
    sizes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in passes if width > x and height > y]
    return sum(lines * (1 + -(-columns * bits // 8)) for columns, lines in sizes)


def is_png(data: bytes) -> bool:
    return data.startswith(SIGNATURE)


def text_chunks(picture: bytes) -> Iterator[TextChunk]:
    """All texts of a picture, in order. If the picture is cut off, raises `UnreadableCard` after the texts before that
    point.
    """
    room = MOST_INFLATED
    for kind, start, end in _chunks(picture):
        if kind == b"IHDR" and (end - start < HEADER or max(unpack_from(">II", picture, start)) > LARGEST_SIDE):
            raise UnreadableCard(Fault.BROKEN_PICTURE)
        if kind not in TEXT_KINDS:
            continue
        keyword, value, is_compressed = _text(kind, picture[start:end])
        if is_compressed:
            value = _inflated(value, room)
            room -= len(value)
        is_intact = zlib.crc32(picture[start - 4 : end]) == unpack_from(">I", picture, end)[0]
        yield TextChunk(keyword, value, is_intact)


def with_texts(picture: bytes, texts: Mapping[str, bytes], *, instead_of: Collection[str]) -> bytes:
    """The picture with these `tEXt` chunks before its end, and without the texts whose keyword begins with any of
    `instead_of`, ignoring case.
    """
    gone = tuple(each.lower() for each in instead_of)
    parts = [SIGNATURE]
    for kind, start, end in _chunks(picture):
        if kind == b"IEND":
            parts += [_chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + value) for keyword, value in texts.items()]
        keyword = picture[start:end].partition(b"\0")[0].decode("latin-1").lower()
        if kind not in TEXT_KINDS or not keyword.startswith(gone):
            parts.append(picture[start - 8 : end + 4])
    return b"".join(parts)


def _chunks(picture: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The type of each chunk, and where its data begins and ends."""
    at = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        if at + AROUND > len(picture):
            break
        length, kind = unpack_from(">I4s", picture, at)
        start, end = at + 8, at + 8 + length
        if end + 4 > len(picture):
            break
        yield kind, start, end
        if kind == b"IEND":
            return
        at = end + 4
    raise UnreadableCard(Fault.BROKEN_PICTURE)


def _text(kind: bytes, data: bytes) -> tuple[str, bytes, bool]:
    """The keyword, the text as it stands there, and whether it is compressed."""
    keyword, _, rest = data.partition(b"\0")
    is_compressed = kind == b"zTXt"
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        is_compressed, rest = rest[:1] == b"\1", rest[2:]
        rest = rest.partition(b"\0")[2].partition(b"\0")[2]  # skip the language and the translated keyword
    return keyword.decode("latin-1").strip(), rest, is_compressed


def _inflated(data: bytes, room: int) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(data, max(room, 1))
    except zlib.error:
        return b""  # damaged; perhaps nobody needs this text
    if unpacking.unconsumed_tail:
        raise UnreadableCard(Fault.TOO_LARGE)
    return found


def _chunk(kind: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))
