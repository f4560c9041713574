"""Photo uploads: conversion, cropping, and who may see and use them."""

from __future__ import annotations

import asyncio
import io
import math
import os
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageCms

from domain.accounts.sessions import Caller
from domain.bin import KEPT_IN_BIN
from domain.characters.characters import Characters
from domain.characters.drafts import NEW, Drafts
from domain.characters.unused_photos import PhotoSweeper
from domain.chat.chat import open_dialog
from domain.clock import now
from domain.errors import Busy, Invalid, NotFound
from domain.model.character import Character
from domain.model.picture import Picture
from domain.model.user import User
from domain.pictures.avatars import Avatars
from domain.pictures.crop import UNSAID, Crop, InvalidPhoto
from domain.pictures.photos import AT_ONCE, BYTES_LIMIT, MOST_OF_ONE_WAITING, Photos, resize_in_subprocess
from domain.pictures.resize import resize
from domain.rate_limits import RateLimiter
from storage.database import Database
from storage.files import Files
from tests.domain.conftest import People, files_below, filled
from tests.domain.pictures.photos import BLUE, RED, a_photo, a_png_that_claims, is_near, saved

SIZES = {"small": (330, 440), "large": (900, 1200), "face": (192, 192)}
ORIENTATION, MAKE = 0x0112, 0x010F
SHORT_WAIT = 0.2
"""Seconds of work of this process that others may be kept waiting by, whatever else the machine does."""


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_photos_of_the_usual_kinds_become_webp_of_three_sizes(kind: str) -> None:
    made = {size: opened(data) for size, data in resize(a_photo(kind), Crop()).items()}
    assert {size: image.size for size, image in made.items()} == SIZES
    for image in made.values():
        assert image.format == "WEBP"
        assert is_near(image.getpixel((image.width // 2, 5)), RED)
        assert is_near(image.getpixel((image.width // 2, image.height - 5)), BLUE)


@pytest.mark.parametrize("size", [(1, 1), (3000, 10), (1, 40_000), (1200, 900)])
def test_any_shape_is_cut_to_three_by_four(size: tuple[int, int]) -> None:
    assert {name: opened(data).size for name, data in resize(a_photo(size=size), Crop()).items()} == SIZES


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1"])
def test_photos_in_other_colour_spaces_are_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    photo = saved(Image.new("RGB", (60, 80), RED).convert(mode), kind)
    assert opened(resize(photo, Crop())["small"]).mode == "RGB"


def test_no_photo_takes_a_megabyte_when_it_is_kept() -> None:
    """So the quota of photos, a number, limits bytes as well. Noise is what no format makes small."""
    noise = Image.frombytes("RGB", SIZES["large"], Random(7).randbytes(3 * SIZES["large"][0] * SIZES["large"][1]))
    sent = io.BytesIO()
    noise.save(sent, "JPEG", quality=100)
    assert sum(map(len, resize(sent.getvalue(), Crop()).values())) < 1_000_000


def test_a_grey_photo_of_sixteen_bits_stays_grey() -> None:
    photo = saved(Image.new("I;16", (60, 80), 30_000), "PNG")
    assert is_near(opened(resize(photo, Crop())["small"]).getpixel((9, 9)), (117, 117, 117))


def test_what_is_transparent_does_not_turn_black() -> None:
    photo = saved(Image.new("RGBA", (60, 80), (0, 0, 0, 0)), "PNG")
    assert not is_near(opened(resize(photo, Crop())["small"]).getpixel((9, 9)), (0, 0, 0))


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
async def test_what_is_no_photo_is_refused_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        await resize_in_subprocess(data, Crop())
    assert refused.value.field == "photo"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_five_megabytes_are_taken_and_one_byte_more_is_not(photos: Photos, ira: Caller) -> None:
    photo = a_photo("JPEG")
    padded = photo + bytes(BYTES_LIMIT - len(photo))
    assert len(padded) == 5 * 1024 * 1024
    await photos.store(ira, padded)
    with pytest.raises(Invalid, match="5 MB"):
        await photos.store(ira, padded + b"\0")


async def test_a_small_file_with_huge_pixels_is_refused_before_it_is_decoded() -> None:
    start = time.process_time()
    for width, height in ((8200, 5000), (65_000, 65_000), (2_000_000_000, 2)):
        with pytest.raises(InvalidPhoto):
            resize(a_png_that_claims(width, height), Crop())
    assert time.process_time() - start < 0.5
    with pytest.raises(Invalid, match="megapixels"):
        await resize_in_subprocess(a_png_that_claims(8200, 5000), Crop())


def test_nothing_hidden_in_the_file_survives() -> None:
    exif = Image.Exif()
    exif[MAKE] = "Sekretphone"
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    photo = a_photo("JPEG", exif=exif, comment=b"my address") + b"<script>alert(1)</script>"
    assert b"Sekretphone" in photo
    for data in resize(photo, Crop()).values():
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
    upright = opened(resize(saved(sideways, kind, exif=exif), Crop())["small"])
    assert is_near(upright.getpixel((165, 10)), RED)
    assert is_near(upright.getpixel((165, 430)), BLUE)


async def test_a_kept_photo_lies_on_the_disk_under_its_token(
    photos: Photos, files: Files, pictures: Path, ira: Caller
) -> None:
    token = await photos.store(ira, a_photo())
    assert {size for size in SIZES if await files.find(token, size, ".webp")} == set(SIZES)
    assert token != await photos.store(ira, a_photo())
    await photos.remove_unused(token)
    assert await files.find(token, "small", ".webp") is None
    assert len(files_below(pictures)) == len(SIZES)
    await photos.remove_unused(token)
    await photos.remove_unused(None)


async def test_a_refused_photo_leaves_nothing_on_the_disk(photos: Photos, pictures: Path, ira: Caller) -> None:
    with pytest.raises(Invalid):
        await photos.store(ira, NOT_PHOTOS["jpeg cut off in the middle"])
    assert files_below(pictures) == []


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_others_are_served_while_a_large_photo_is_decoded(photos: Photos, ira: Caller, kind: str) -> None:
    photo = await asyncio.to_thread(a_photo, kind, (5000, 4000))
    decoding = asyncio.create_task(photos.store(ira, photo))
    last, longest = time.process_time(), 0.0
    while not decoding.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.process_time() - last), time.process_time()
    await decoding
    assert longest < SHORT_WAIT


def test_the_chosen_part_is_what_is_shown_and_the_face_is_where_it_was_pointed_at() -> None:
    photo = Image.new("RGB", (1600, 800), BLUE)
    photo.paste(RED, (1000, 0, 1600, 800))
    data = saved(photo, "JPEG", quality=95)
    assert is_near(opened(resize(data, Crop())["small"]).getpixel((165, 220)), BLUE)
    right = resize(data, Crop(x=0.65, y=0, width=0.3, face_x=0.9, face_y=0.5))
    assert {size: opened(data).size for size, data in right.items()} == SIZES
    assert is_near(opened(right["large"]).getpixel((450, 600)), RED)
    assert is_near(opened(right["face"]).getpixel((96, 96)), RED)
    edge = opened(resize(data, Crop(x=0.5, y=0, width=0.375, face_x=0.6, face_y=0.5))["face"])
    assert is_near(edge.getpixel((10, 96)), BLUE)
    assert is_near(edge.getpixel((180, 96)), RED)


@pytest.mark.parametrize("number", [-1e308, -3.0, 0.0, 7.5, 1e308, math.inf, UNSAID])
def test_whatever_numbers_a_stranger_sends_the_cut_lies_within_the_photo(number: float) -> None:
    for size in ((1600, 900), (9, 4000)):
        for cut in (
            Crop(number, number, number, number, number),
            Crop(0.5, number, 0.1),
            Crop(0.5, 0.5, number, number),
        ):
            left, top, right, bottom = cut.box(size)
            assert 0 <= left < right <= size[0]
            assert 0 <= top < bottom <= size[1]
            assert (right - left) / (bottom - top) == pytest.approx(3 / 4, rel=0.01)
    resize(a_photo(), Crop(number, number, number, number, number))


def test_colours_of_a_wide_profile_are_made_ordinary_and_a_broken_profile_is_left_aside() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"no profile at all" * 9):
        small = opened(resize(a_photo("JPEG", icc_profile=icc), Crop())["small"])
        assert is_near(small.getpixel((165, 10)), RED)
        assert "icc_profile" not in small.info


def test_of_an_animation_the_first_picture_is_taken() -> None:
    frames = [Image.new("RGB", (60, 80), RED), Image.new("RGB", (60, 80), BLUE)]
    for kind in ("PNG", "WEBP"):
        moving = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        small = opened(resize(moving, Crop())["small"])
        assert is_near(small.getpixel((165, 220)), RED)
        assert getattr(small, "n_frames", 1) == 1


async def test_a_photo_that_takes_too_long_is_given_up_and_leaves_its_place_to_others() -> None:
    slow = await asyncio.to_thread(a_photo, "PNG", (7000, 5700))
    for _ in range(AT_ONCE + 1):
        with pytest.raises(Invalid, match="too long"):
            await resize_in_subprocess(slow, Crop(), patience=0.05)
        assert not processes_that_read(), "nobody waits for what has been given up, and it takes no processor any more"
    assert set(await resize_in_subprocess(a_photo(), Crop())) == set(SIZES)


def processes_that_read() -> list[str]:
    """Ids of child processes that read photos."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it has just ended
            is_ours = f"PPid:\t{os.getpid()}\n" in status.read_text()
            if is_ours and "domain.pictures.resize" in status.with_name("cmdline").read_text():
                found.append(status.parent.name)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_many_photos_of_one_person_are_read_one_by_one_and_hold_up_nobody_else(
    photos: Photos, ira: Caller, boris: Caller
) -> None:
    slow = await asyncio.to_thread(a_photo, "PNG", (7000, 5700))
    flood = [asyncio.create_task(photos.store(ira, slow)) for _ in range(MOST_OF_ONE_WAITING + 3)]
    refused: set[asyncio.Task[str]] = set()
    while len(refused) < 2:
        refused = (await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED))[0]
    await photos.store(boris, a_photo())
    waiting = [each for each in flood if not each.done()]
    assert len(waiting) > MOST_OF_ONE_WAITING / 2, "in one queue for all he would have come after all of hers"
    for each in flood:
        each.cancel()
    outcomes = await asyncio.gather(*flood, return_exceptions=True)
    assert [type(each) for each in outcomes].count(Busy) == 2


async def sees(photos: Photos, caller: Caller | None, token: str) -> bool:
    if await photos.is_open(token):
        return True
    try:
        await photos.check(caller, token)
    except NotFound:
        return False
    return True


async def test_a_private_characters_photo_is_for_its_owner_admins_and_who_has_talked_with_it(
    photos: Photos, characters: Characters, database: Database, people: People, ira: Caller, boris: Caller
) -> None:
    vera = await people.come("vera")
    token = await photos.store(ira, a_photo())
    everybody = {"ira": ira, "boris": boris, "vera": vera, "nobody": None}

    async def seers() -> set[str]:
        return {name for name, caller in everybody.items() if await sees(photos, caller, token)}

    assert await seers() == {"ira"}, "an upload that nothing shows yet"
    marina = await characters.save(ira, filled(picture_token=token))
    assert await seers() == set(everybody)
    async with database.write() as db:
        await open_dialog(db, await db.get_one(User, boris.user_id), await db.get_one(Character, marina.id))
    await characters.save(ira, filled(id=marina.id, picture_token=token, is_public=False))
    assert await seers() == {"ira", "boris"}
    async with database.write() as db:
        (await db.get_one(User, vera.user_id)).is_admin = True
    assert await seers() == {"ira", "boris", "vera"}


@pytest.mark.parametrize("whose", ["the character", "its author"])
async def test_a_photo_leaves_the_eyes_of_strangers_with_the_block(
    photos: Photos, characters: Characters, database: Database, ira: Caller, boris: Caller, whose: str
) -> None:
    token = await photos.store(ira, a_photo())
    marina = await characters.save(ira, filled(picture_token=token))
    assert await sees(photos, None, token)
    async with database.write() as db:
        if whose == "the character":
            (await db.get_one(Character, marina.id)).is_blocked = True
        else:
            (await db.get_one(User, ira.user_id)).is_blocked = True
    assert not await photos.is_open(token)
    assert [await sees(photos, who, token) for who in (None, boris, ira)] == [False, False, True]


async def test_a_persons_picture_is_for_those_who_are_logged_in(
    photos: Photos, avatars: Avatars, ira: Caller, boris: Caller
) -> None:
    token = await photos.store(ira, a_photo())
    await avatars.choose(ira, token)
    assert await sees(photos, boris, token)
    assert not await sees(photos, None, token)


async def test_after_a_day_what_nothing_shows_is_swept_away(
    photos: Photos,
    avatars: Avatars,
    characters: Characters,
    database: Database,
    files: Files,
    limits: RateLimiter,
    ira: Caller,
) -> None:
    names = ("forgotten", "shown", "worn", "drafted", "deleted", "fresh")
    tokens = {name: await photos.store(ira, a_photo()) for name in names}
    await characters.save(ira, filled(picture_token=tokens["shown"]))
    await avatars.choose(ira, tokens["worn"])
    deleted = await characters.save(ira, filled(picture_token=tokens["deleted"]))
    await characters.delete(ira, deleted.id)
    await Drafts(database, limits).save(ira, NEW, {"name": "Марина", "picture_token": tokens["drafted"]})
    async with database.write() as db:
        for name, token in tokens.items():
            if name != "fresh":
                (await db.get_one(Picture, token)).created_at = now() - timedelta(days=2)

    async def kept() -> set[str]:
        return {name for name, token in tokens.items() if await files.find(token, "small", ".webp")}

    sweeper = PhotoSweeper(database, photos)
    await sweeper.sweep(now() - timedelta(days=1))
    assert await kept() == set(names) - {"forgotten"}, "a deletion may still be undone"
    async with database.write() as db:
        (await db.get_one(Character, deleted.id)).deleted_at = now() - KEPT_IN_BIN
    await sweeper.sweep(now() - timedelta(days=1))
    assert await kept() == {"shown", "worn", "drafted", "fresh"}


def lie_for_days(folder: Path, *tokens: str) -> None:
    long_ago = (now() - timedelta(days=2)).timestamp()
    for file in files_below(folder):
        if file.name.startswith(tokens):
            os.utime(file, (long_ago, long_ago))


async def test_after_a_day_files_that_a_crash_left_without_a_row_are_swept_away(
    photos: Photos, characters: Characters, database: Database, files: Files, pictures: Path, ira: Caller
) -> None:
    shown = [await photos.store(ira, a_photo()) for _ in range(3)]
    for token in shown:
        await characters.save(ira, filled(picture_token=token))
    crashed, fresh = [await files.store({"small": b"...", "large": b"..."}, ".webp") for _ in range(2)]
    torn = "0" * 32
    (pictures / torn[:2]).mkdir(exist_ok=True)
    (pictures / torn[:2] / f"{torn}-small.webp.part").write_bytes(b"half of i")
    lie_for_days(pictures, *shown, crashed, torn)
    await PhotoSweeper(database, photos).sweep(now() - timedelta(days=1))
    assert {file.name[:32] for file in files_below(pictures)} == {*shown, fresh}


async def test_a_server_that_is_started_with_another_database_leaves_the_photos_of_the_first(
    photos: Photos, database: Database, files: Files, pictures: Path
) -> None:
    tokens = [await files.store({"small": b"..."}, ".webp") for _ in range(3)]
    lie_for_days(pictures, *tokens)
    await PhotoSweeper(database, photos).sweep(now() - timedelta(days=1))
    assert len(files_below(pictures)) == len(tokens)


async def test_files_of_which_half_are_unknown_are_not_taken_for_what_crashes_left(
    photos: Photos, database: Database, files: Files, pictures: Path, ira: Caller
) -> None:
    known = [await photos.store(ira, a_photo()) for _ in range(2)]
    strays = [await files.store({"small": b"..."}, ".webp") for _ in range(2)]
    lie_for_days(pictures, *known, *strays)
    await PhotoSweeper(database, photos).sweep(now() - timedelta(days=1))
    assert {file.name[:32] for file in files_below(pictures)} == {*known, *strays}
