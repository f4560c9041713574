"""Upload validation: every place that takes a picture × everything that is none: refused, or drawn anew as ours."""

from __future__ import annotations

import inspect
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle, product

import httpx
import pytest

from domain.pictures.photos import BYTES_LIMIT
from tests.domain.pictures.photos import a_photo, a_png_that_claims
from tests.ui.access.conftest import OWNER, World
from tests.ui.access.test_open_pages import services

SCRIPT = b"<script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
CHUNK = 64 * 1024
BOUNDARY = "a-boundary-of-the-tests"


def zipped(content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("index.html", content)
    return held.getvalue()


REFUSED = {
    "svg": SVG,
    "svg with a declaration": b'<?xml version="1.0"?>' + SVG,
    "html called a picture": b"<!doctype html>" + SCRIPT,
    "html behind the signature of a png": b"\x89PNG\r\n\x1a\n" + SCRIPT,
    "html behind the signature of a gif": b"GIF89a" + SCRIPT,
    "a gif": bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"),
    "a pdf": b"%PDF-1.7\n" + SCRIPT,
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "a bomb": a_png_that_claims(60_000, 60_000),
    "nothing": b"",
    "half a png": a_photo("PNG", (600, 800))[:300],
    "half a jpeg": a_photo("JPEG", (600, 800))[:900],
    "zeros": bytes(1000),
    "five megabytes and a byte": a_photo() + bytes(BYTES_LIMIT),
}
DRAWN_ANEW = {
    "a png": a_photo(),
    "a png that is html too": a_photo() + SCRIPT,
    "a jpeg with a page in its comment": a_photo("JPEG", comment=SCRIPT),
    "a png that is an archive too": a_photo() + zipped(SCRIPT),
}


def raw(world: World, data: bytes, *, kind: str) -> httpx.Response:
    return world.visitors[OWNER].post("/feed/photos", content=data, headers={"Content-Type": kind})


def form(world: World, data: bytes, *, kind: str) -> httpx.Response:
    files = {"file": ("../../../face.html", data, kind)}
    return world.programs[OWNER].post("/api/characters/upload/photo", files=files)


PLACES: dict[str, Callable[..., httpx.Response]] = {
    "POST /feed/photos": raw,
    "POST /api/characters/upload/photo": form,
}
KINDS = ("image/png", "image/svg+xml", "text/html")


def covering(pictures: dict[str, bytes]) -> list[object]:
    """Each picture as each kind and at each place, if not each as each at each: every one is read by a new process."""
    return [
        pytest.param(PLACES[place], data, kind, id=f"{name} as {kind}: {place}")
        for place, ((name, data), kind) in zip(cycle(PLACES), product(pictures.items(), KINDS), strict=False)
    ]


def test_pictures_come_in_by_these_places_only() -> None:
    """Whatever takes bytes from a person takes a picture; the routes that call it are the places of this table. Card
    files are read before a picture is taken out of them (tests/domain/cards), and only then drawn, or kept unseen.
    """
    takers = {
        f"{kind.__name__}.{name}"
        for kind in services().values()
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not kind.__module__.startswith("domain.cards")
        and not name.startswith("_")
        and "bytes" in {str(parameter.annotation) for parameter in inspect.signature(method).parameters.values()}
    }
    assert takers == {"Photos.store", "Photos.store_from_card", "Photos.drawn", "Photos.put_archive"}, (
        "a new place that takes a picture belongs into PLACES"
    )


@pytest.mark.parametrize(("place", "data", "kind"), covering(REFUSED))
def test_what_is_no_picture_is_refused(
    world: World, place: Callable[..., httpx.Response], data: bytes, kind: str
) -> None:
    answer = place(world, data, kind=kind)
    assert answer.status_code in {413, 422}, answer.text
    assert "alert(1)" not in answer.text


@pytest.mark.parametrize(("place", "data", "kind"), covering(DRAWN_ANEW))
def test_a_picture_comes_back_as_ours_and_as_nothing_else(
    world: World, place: Callable[..., httpx.Response], data: bytes, kind: str
) -> None:
    told = place(world, data, kind=kind).json()
    picture = world.visitors[OWNER].get(told.get("photo_url") or told["picture"])
    assert picture.status_code == 200
    assert picture.headers["content-type"] == "image/webp"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert "default-src" in picture.headers["content-security-policy"]
    assert picture.content[:4] + picture.content[8:12] == b"RIFFWEBP"
    assert b"alert(1)" not in picture.content


def test_a_program_follows_the_address_of_its_owners_photo_and_of_nobody_elses(world: World) -> None:
    path = f"/pictures/{world.picture}/small.webp"
    statuses = {role: program.ask("GET", path).status_code for role, program in world.programs.items()}
    assert (statuses[OWNER], statuses["admin"], statuses["person"], statuses["nobody"]) == (200, 200, 404, 404)


def endless(opening: bytes = b"") -> Iterator[bytes]:
    """Far more than any limit, without saying how much is to come."""
    yield opening
    for _ in range(1000):
        yield bytes(CHUNK)


def test_without_a_length_a_body_is_cut_off_at_the_limit(world: World) -> None:
    opening = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    ).encode()
    multipart = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    owner, program = world.visitors[OWNER], world.programs[OWNER]
    asks: tuple[Callable[[], httpx.Response], ...] = (
        lambda: owner.post("/feed/photos", content=endless()),
        lambda: owner.post("/feed/dialogs/import", content=endless()),
        lambda: owner.post("/enter", content=endless(), headers={"Content-Type": "application/json"}),
        lambda: owner.post("/preferences", content=endless(), headers={"Content-Type": "application/json"}),
        lambda: program.ask("POST", "/api/characters/upload/photo", content=endless(opening), headers=multipart),
        lambda: program.ask("POST", "/api/characters", content=endless(), headers={"Content-Type": "application/json"}),
    )
    for ask in asks:
        with suppress(httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):  # it may hang up in mid-body
            assert ask().status_code in {413, 422}
    assert owner.get("/healthz").status_code == 200
