"""Pictures in a bucket: served by our own route to those who may see them, refused in a sentence while it is away."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Generator
from itertools import count
from pathlib import Path

import httpx
import pytest
from sqlmodel import func, select

from domain.model.picture import Picture
from storage.database import Database
from tests.domain.pictures.photos import a_photo
from tests.e2e.product import ROOT, Product
from tests.s3_server import KEY_ID, SECRET, S3Server
from tests.ui.access.conftest import WAIT, session_of
from tests.ui.api.conftest import Program, Town

pytestmark = pytest.mark.slow

AWAY = "We can't show or save pictures right now. Please try again in a minute."
PHOTO = a_photo("PNG", (600, 800))
NUMBERS = count(1)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Generator[Product]:
    s3_server.new_bucket()
    product = Product(tmp_path_factory.mktemp("bucket"), DEMO_PAUSE="0", **s3_server.settings)
    product.start()
    yield product
    product.stop()


@pytest.fixture(scope="module")
def town(product: Product) -> Generator[Town]:
    town = Town(product, f"sqlite:///{product.data / 'beseda.db'}")
    yield town
    town.leave()


@pytest.fixture
def ira(town: Town) -> Program:
    return town.come(f"ira{next(NUMBERS)}")


@pytest.fixture
def browser(product: Product, ira: Program) -> Generator[httpx.Client]:
    cookies = {"beseda": asyncio.run(session_of(f"sqlite:///{product.data / 'beseda.db'}", ira.id))}
    with httpx.Client(base_url=product.url, cookies=cookies, timeout=60, headers={"Accept-Language": "en"}) as browser:
        yield browser


def test_a_picture_is_served_to_those_who_may_see_it_as_one_of_the_disk_is(
    product: Product, browser: httpx.Client
) -> None:
    address = browser.post("/feed/photos", content=PHOTO).json()["picture"]
    whole = browser.get(address)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "image/webp")
    assert whole.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert httpx.get(f"{product.url}{address}", timeout=WAIT).status_code == 404, "a stranger's"
    assert not [path for path in product.data.rglob("*.webp") if path.is_file()]
    for asked, status, part in (
        ({"Range": "bytes=2-5"}, 206, whole.content[2:6]),
        ({"Range": "bytes=5-"}, 206, whole.content[5:]),
        ({"Range": "bytes=-5"}, 206, whole.content[-5:]),
        ({"Range": "bytes=2-5", "If-Range": whole.headers["last-modified"]}, 206, whole.content[2:6]),
        ({"Range": "bytes=2-5", "If-Range": '"another"'}, 200, whole.content),
        ({"Range": "bytes=99999999-"}, 416, b""),
        ({"Range": "bytes=5-2"}, 416, b""),
        ({"Range": "nonsense"}, 200, whole.content),
        ({"If-None-Match": whole.headers["etag"]}, 304, b""),
    ):
        answer = browser.get(address, headers=asked)
        assert (answer.status_code, answer.content) == (status, part), asked
    assert browser.get(address, headers={"Range": "bytes=2-5"}).headers["content-range"] == (
        f"bytes 2-5/{len(whole.content)}"
    )


def test_while_the_bucket_is_away_uploads_are_refused_and_all_else_goes_on(
    product: Product, s3_server: S3Server, ira: Program, browser: httpx.Client
) -> None:
    address = browser.post("/feed/photos", content=PHOTO).json()["picture"]
    character = ira.character()
    before = asyncio.run(pictures_in(product))
    with s3_server.stopped():
        by_page = browser.post("/feed/photos", content=PHOTO)
        by_program = ira.ask("POST", "/api/characters/upload/photo", files={"file": ("a.png", PHOTO)})
        shown = browser.get(address)
        assert [answer.status_code for answer in (by_page, by_program, shown)] == [503] * 3
        assert by_page.json() == shown.json() == {"error": AWAY}
        assert by_page.headers["retry-after"]
        in_russian = browser.post("/feed/photos", content=PHOTO, headers={"Accept-Language": "ru"})
        assert in_russian.json()["error"].startswith("Сейчас не получается")
        assert asyncio.run(pictures_in(product)) == before, "no row without a picture"
        for path in ("/", "/feed/gallery", f"/characters/{character}", f"/characters/{character}/preview.jpg"):
            assert browser.get(path).status_code == 200, path
        assert ira.say(character, "Привет!")
    give_up = time.monotonic() + 60
    while browser.get(address).status_code != 200:
        assert time.monotonic() < give_up, "the bucket is back, and nobody has noticed"
        time.sleep(0.1)
    assert browser.post("/feed/photos", content=PHOTO).status_code == 200
    log = product.log.read_text("utf-8")
    assert "The bucket of pictures does not answer" in log
    assert not [secret for secret in ("Traceback", KEY_ID, SECRET, address.split("/")[2]) if secret in log]


@pytest.mark.parametrize(("missing", "said"), [("", "takes pictures"), ("-not-there", "NoSuchBucket")])
def test_the_command_line_tells_how_the_bucket_is(tmp_path: Path, s3: S3Server, missing: str, said: str) -> None:
    settings = s3.settings | {"PICTURES_URL": f"s3://{s3.bucket}{missing}", "DATA_DIR": str(tmp_path), "LANG": "en"}
    checked = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "check"],
        env={"PATH": "", "PYTHONPATH": str(ROOT), **settings},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    [line] = [line for line in checked.stdout.splitlines() if line.startswith("Pictures")]
    assert said in line
    assert not [secret for secret in (KEY_ID, SECRET, s3.bucket) if secret in checked.stdout + checked.stderr]


async def pictures_in(product: Product) -> int:
    database = Database(f"sqlite:///{product.data / 'beseda.db'}")
    async with database.read() as db:
        count = (await db.exec(select(func.count()).select_from(Picture))).one()
    await database.close()
    return count
