from __future__ import annotations

import asyncio
import io
import time
from pathlib import Path

import pytest
from PIL import Image

from domain.accounts.sessions import Caller
from domain.characters.photos import BYTES_LIMIT, Photos, in_sizes
from domain.errors import Invalid
from storage.files import Files
from tests.domain.characters.pictures import BLUE, RED, a_photo, a_png_that_claims, is_near, saved
from tests.domain.conftest import files_below

SIZES = {"small": (330, 440), "large": (900, 1200)}
ORIENTATION, MAKE = 0x0112, 0x010F
SHORT_WAIT = 0.2
"""Seconds that others may be kept waiting, even on a machine that is busy with something else."""


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_photos_of_the_usual_kinds_become_webp_of_two_sizes(kind: str) -> None:
    made = {size: opened(data) for size, data in in_sizes(a_photo(kind)).items()}
    assert {size: image.size for size, image in made.items()} == SIZES
    for image in made.values():
        assert image.format == "WEBP"
        assert is_near(image.getpixel((image.width // 2, 5)), RED)
        assert is_near(image.getpixel((image.width // 2, image.height - 5)), BLUE)


@pytest.mark.parametrize("size", [(1, 1), (3000, 10), (10, 3000), (1200, 900)])
def test_any_shape_is_cut_to_three_by_four(size: tuple[int, int]) -> None:
    assert {name: opened(data).size for name, data in in_sizes(a_photo(size=size)).items()} == SIZES


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1"])
def test_photos_in_other_colour_spaces_are_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    photo = saved(Image.new("RGB", (60, 80), RED).convert(mode), kind)
    assert opened(in_sizes(photo)["small"]).mode == "RGB"


def test_a_grey_photo_of_sixteen_bits_stays_grey() -> None:
    photo = saved(Image.new("I;16", (60, 80), 30_000), "PNG")
    assert is_near(opened(in_sizes(photo)["small"]).getpixel((9, 9)), (117, 117, 117))


def test_what_is_transparent_does_not_turn_black() -> None:
    photo = saved(Image.new("RGBA", (60, 80), (0, 0, 0, 0)), "PNG")
    assert not is_near(opened(in_sizes(photo)["small"]).getpixel((9, 9)), (0, 0, 0))


NOT_PHOTOS = {
    "gif": saved(Image.new("P", (60, 80)), "GIF"),
    "bmp": saved(Image.new("RGB", (60, 80)), "BMP"),
    "tiff": saved(Image.new("RGB", (60, 80)), "TIFF"),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html called face.png": b"<!doctype html><script>alert(1)</script>",
    "html behind a png signature": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
    "png cut off in the middle": a_photo("PNG", (600, 800))[:200],
    "jpeg cut off in the middle": a_photo("JPEG", (600, 800))[:2000],
    "webp cut off in the middle": a_photo("WEBP", (600, 800))[:100],
    "png of no size": a_png_that_claims(0, 0),
    "png without pixels": a_png_that_claims(60, 80),
    "nothing": b"",
    "zeros": bytes(1000),
}


@pytest.mark.parametrize("data", NOT_PHOTOS.values(), ids=NOT_PHOTOS.keys())
def test_what_is_no_photo_is_refused_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        in_sizes(data)
    assert refused.value.field == "photo"


def test_five_megabytes_are_taken_and_one_byte_more_is_not() -> None:
    photo = a_photo("JPEG")
    padded = photo + bytes(BYTES_LIMIT - len(photo))
    assert len(padded) == 5 * 1024 * 1024
    in_sizes(padded)
    with pytest.raises(Invalid, match="5 MB"):
        in_sizes(padded + b"\0")


def test_a_small_file_with_huge_pixels_is_refused_before_it_is_decoded() -> None:
    start = time.perf_counter()
    for width, height in ((8200, 5000), (65_000, 65_000), (2_000_000_000, 2)):
        with pytest.raises(Invalid) as refused:
            in_sizes(a_png_that_claims(width, height))
        assert refused.value.field == "photo"
    with pytest.raises(Invalid, match="megapixels"):
        in_sizes(a_png_that_claims(8200, 5000))
    assert time.perf_counter() - start < 0.5


def test_nothing_hidden_in_the_file_survives() -> None:
    exif = Image.Exif()
    exif[MAKE] = "Sekretphone"
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    photo = a_photo("JPEG", exif=exif, comment=b"my address") + b"<script>alert(1)</script>"
    assert b"Sekretphone" in photo
    for data in in_sizes(photo).values():
        kept = opened(data)
        assert not kept.getexif()
        assert {"exif", "xmp", "icc_profile", "comment"}.isdisjoint(kept.info)
        for secret in (b"Sekretphone", b"my address", b"<script>"):
            assert secret not in data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_phone_held_sideways_gives_an_upright_photo(kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned a quarter to the right
    sideways = Image.new("RGB", (800, 600), RED)
    sideways.paste(BLUE, (400, 0, 800, 600))
    upright = opened(in_sizes(saved(sideways, kind, exif=exif))["small"])
    assert is_near(upright.getpixel((165, 10)), RED)
    assert is_near(upright.getpixel((165, 430)), BLUE)


async def test_a_kept_photo_lies_on_the_disk_under_its_token(
    photos: Photos, files: Files, pictures: Path, ira: Caller
) -> None:
    token = await photos.keep(ira, a_photo())
    assert {size for size in SIZES if files.path(token, size, ".webp")} == set(SIZES)
    assert token != await photos.keep(ira, a_photo())
    await photos.remove_unused(token)
    assert files.path(token, "small", ".webp") is None
    assert len(files_below(pictures)) == 2
    await photos.remove_unused(token)
    await photos.remove_unused(None)


async def test_a_refused_photo_leaves_nothing_on_the_disk(photos: Photos, pictures: Path, ira: Caller) -> None:
    with pytest.raises(Invalid):
        await photos.keep(ira, NOT_PHOTOS["jpeg cut off in the middle"])
    assert files_below(pictures) == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_others_are_served_while_a_large_photo_is_decoded(photos: Photos, kind: str) -> None:
    photo = await asyncio.to_thread(a_photo, kind, (5000, 4000))
    decoding = asyncio.create_task(photos.draw(photo))
    start = last = time.perf_counter()
    longest = 0.0
    while not decoding.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    await decoding
    assert longest < max(SHORT_WAIT, (last - start) / 3)
