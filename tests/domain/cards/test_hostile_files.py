"""Hostile files of strangers: each is read within bounds, or refused by one plain sentence.

They go through the worker, like files from a person's browser.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cards.charx import is_safe
from domain.cards.faults import Fault, UnreadableCard
from domain.cards.read_card import read_card
from domain.cards.reading import answer, read_card_file
from domain.cards.workers import Worker, Workers
from domain.cards.write_card import as_charx
from tests.domain.cards.card_files import charx, chunk, packed, png, text, v2, v3, zipped

MEGABYTE = 1_000_000
PEAK = 900 * MEGABYTE
"""Bytes of memory that a worker ever takes; a usual one has 50 MB."""
CARD = json.dumps(v3()).encode()


def a_link() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("card.json", CARD)
        link = zipfile.ZipInfo("assets/passwords.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return written.getvalue()


def encrypted() -> bytes:
    """An archive that its flags call encrypted; nobody gets as far as the cipher."""
    plain = bytearray(zipped({"card.json": CARD}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        plain[plain.find(signature) + at] |= 1
    return bytes(plain)


def many_files() -> bytes:
    """An archive whose list of files takes seconds to read."""
    return zipped({f"{number}.png": b"" for number in range(30_000)} | {"card.json": CARD}, method=0)


def overlapping() -> bytes:
    """An archive with a hundred names for one and the same 20 MB."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", CARD)
        archive.writestr("assets/0.bin", bytes(20 * MEGABYTE))
        for number in range(1, 100):
            twin = zipfile.ZipInfo(f"assets/{number}.bin")
            first = archive.getinfo("assets/0.bin")
            for name in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(twin, name, getattr(first, name))
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
    return written.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], Fault]] = {
    "a million chunks": (lambda: png(*[chunk(b"tEXt", b"a\0b")] * 200_000), Fault.BROKEN_PICTURE),
    "a text that unpacks to 100 MB": (
        lambda: png(chunk(b"zTXt", b"chara\0\0" + zlib.compress(bytes(100 * MEGABYTE)))),
        Fault.TOO_LARGE,
    ),
    "many texts that unpack to 20 MB each": (
        lambda: png(*[chunk(b"zTXt", b"chara\0\0" + zlib.compress(bytes(20 * MEGABYTE)))] * 20),
        Fault.TOO_LARGE,
    ),
    "a picture of 60,000 × 60,000": (lambda: png(text(v2()), side=60_000), Fault.BROKEN_PICTURE),
    "a head without sizes": (lambda: b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b""), Fault.BROKEN_PICTURE),
    "a page called a picture": (lambda: b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", Fault.BROKEN_PICTURE),
    "a WebP": (lambda: b"RIFF\0\0\0\0WEBPVP8X" + bytes(100), Fault.OTHER_PICTURE),
    "a deep list": (lambda: b'{"a":' + b"[" * MEGABYTE + b"]" * MEGABYTE + b"}", Fault.TOO_DEEP),
    "700,000 lists": (lambda: json.dumps(v3(x=[[]] * 700_000)).encode(), Fault.TOO_MUCH),
    "17 million letters": (lambda: json.dumps(v3(x="a" * 17 * MEGABYTE)).encode(), Fault.TOO_LARGE),
    "a card of 9 MB": (lambda: json.dumps(v3(x="a" * 9 * MEGABYTE)).encode(), Fault.TOO_LARGE),
    "a number of 100,000 digits": (lambda: b'{"name": "A", "first_mes": ' + b"9" * 100_000 + b"}", Fault.NOT_JSON),
    "half a letter": (lambda: b'{"name": "\xd0', Fault.BROKEN_TEXT),
    "a link": (a_link, Fault.UNSAFE_ARCHIVE),
    "a backslash": (lambda: zipped({"card.json": CARD, "assets\\..\\..\\a": b"x"}), Fault.UNSAFE_ARCHIVE),
    "a drive": (lambda: zipped({"card.json": CARD, "C:/a": b"x"}), Fault.UNSAFE_ARCHIVE),
    "encrypted": (encrypted, Fault.PROTECTED),
    "30,000 files": (many_files, Fault.TOO_LARGE),
    "a hundred names for the same 20 MB": (overlapping, Fault.TOO_LARGE),
    "an archive that unpacks to 500 MB": (
        lambda: zipped({"card.json": CARD} | {f"{number}": bytes(20 * MEGABYTE) for number in range(25)}),
        Fault.TOO_LARGE,
    ),
    "a file of 26 MB": (lambda: zipped({"card.json": CARD, "a.bin": bytes(26 * MEGABYTE)}, method=0), Fault.TOO_LARGE),
    "20 MB in 20 KB": (lambda: zipped({"card.json": CARD, "assets/0.bin": bytes(20 * MEGABYTE)}), Fault.TOO_LARGE),
    "a list of files that is cut off": (lambda: charx(v3())[:-30], Fault.BROKEN_ARCHIVE),
    "a reference to itself": (lambda: b"name: &a A\ngreeting: *a\ncontext: x\n", Fault.NOT_A_CARD),
    "a megabyte of YAML": (lambda: b"name: A\n" + b"a: b\n" * 200_000, Fault.TOO_LARGE),
}


@pytest.fixture
async def workers() -> AsyncGenerator[Workers]:
    """Workers of each test's own: here their processes die."""
    workers = Workers()
    yield workers
    await workers.close()


@pytest.fixture(scope="module")
async def worker() -> AsyncGenerator[Worker]:
    """A worker of this file's own: its peak memory is measured."""
    workers = Workers()
    async with workers.one(1) as worker:
        yield worker
    await workers.close()


def peak_of(worker: Worker) -> int:
    """Peak memory of the worker in bytes."""
    assert worker._process
    told = Path(f"/proc/{worker._process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    assert found
    return int(found[1]) * 1_024


async def test_what_is_made_to_do_harm_is_refused_by_its_sentence_within_bounds(worker: Worker) -> None:
    for about, (make, fault) in REFUSED.items():
        name = "card.yaml" if "YAML" in about or "reference" in about else "card"
        with pytest.raises(UnreadableCard) as refused:
            await read_card_file(worker, make(), name)
        assert refused.value.fault is fault, about
        assert peak_of(worker) < PEAK, about


READ: dict[str, Callable[[], bytes]] = {
    "a wrong checksum": lambda: png(chunk(b"tEXt", b"chara\0" + packed(v2()), crc=1)),
    "NUL and half characters": lambda: json.dumps(v3(description="a\0\ud800b", x={"\0\udfff": "\0"})).encode(),
    "not a number": lambda: CARD.replace(b'"1.2"', b"NaN").replace(b"null", b"-Infinity"),
    "numbers without end": lambda: CARD.replace(b"null", b"1e999").replace(b'"3.0"', b"9" * 4_000),
    "the same name twice": lambda: b'{"name": "A", "name": "B", "first_mes": "c", "first_mes": "d"}',
    "100,000 entries": lambda: json.dumps(
        v3(character_book={"entries": [{"keys": ["a"], "content": "b"}] * 100_000})
    ).encode(),
    "5 MB of keys": lambda: json.dumps(
        v3(character_book={"entries": [{"keys": ["ab"] * 300_000 + ["c" * 5 * MEGABYTE], "content": "b"}]})
    ).encode(),
    "100,000 assets": lambda: json.dumps(v3(assets=[{"type": "icon", "uri": "embeded://a"}] * 100_000)).encode(),
    "fields of every other type": lambda: json.dumps(
        v3(**{name: {"a": [1]} for name in v3()["data"]} | {"name": "A", "character_book": {"entries": [1, None, {}]}})
    ).encode(),
    "odd versions": lambda: json.dumps(v3() | {"spec_version": {"major": 3}}).encode(),
    "a file with a wrong checksum": lambda: charx(v3(), {"assets/a.bin": b"whole file"}).replace(b"whole", b"other"),
    "ten thousand tags": lambda: json.dumps(v3(tags=["t" * 1_000] * 2_000)).encode(),
    "an address out of the archive": lambda: json.dumps(
        v3(assets=[{"type": "icon", "uri": "data:;base64,AAAA", "beseda_uri": "embeded://../../a", "ext": "/../x"}])
    ).encode(),
}


@pytest.mark.parametrize("about", READ)
async def test_what_is_odd_is_read_within_bounds_and_can_be_stored(worker: Worker, about: str) -> None:
    found = await read_card_file(worker, READ[about](), "card")
    assert found.fields["name"]
    texts = [found.card, *found.kept, *(each.entry for each in (found.book.entries if found.book else []))]
    assert not [text for text in texts if re.search(r"\\u0000|[\0\ud800-\udfff]|\\ud[89a-f]", text)]
    assert len(found.remarks) <= 200
    assert peak_of(worker) < PEAK
    json.loads(found.card)


def test_yaml_makes_texts_and_nothing_else() -> None:
    told = b"name: A\ngreeting: !!python/object/apply:os.system ['true']\ncontext: x\nborn: 2001-01-01\n"
    read = read_card(told, "card.yaml")
    assert (read.card["data"]["first_mes"], read.card["born"]) == ("", "2001-01-01")


def test_no_file_gets_a_path_out_of_an_archive() -> None:
    odd = {"embeded://../a": b"1", "embeded:///etc/b": b"2", "embeded://card.json": b"3", "embeded://ok.png": b"4"}
    with zipfile.ZipFile(io.BytesIO(as_charx(v3(), odd))) as archive:
        assert archive.namelist() == ["card.json", "ok.png"]
    assert not any(map(is_safe, ("", "..", "a/../b", "/a", "a\\b", "C:a", "a\0", "card.json", "a/")))


async def test_a_worker_that_dies_of_a_file_takes_nobody_along(workers: Workers) -> None:
    async with workers.one(1) as worker:
        with pytest.raises(UnreadableCard) as refused:
            await worker.ask(lambda: [b'{"do": "nothing known"}'], lambda parts: parts)
        assert refused.value.fault is Fault.TOO_MUCH
    async with workers.one(1) as other:
        assert (await read_card_file(other, CARD, "card.json")).fields["name"] == "Аглая"


async def killed_while_idle(workers: Workers, *, is_noticed: bool) -> None:
    async with workers.one(1) as worker:
        await read_card_file(worker, CARD, "card.json")
        assert worker._process
    worker._process.kill()
    if is_noticed:
        worker._process.wait()


@pytest.mark.parametrize("is_noticed", [True, False])
async def test_the_next_file_does_not_pay_for_a_worker_that_died_while_idle(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, *, is_noticed: bool
) -> None:
    await killed_while_idle(workers, is_noticed=is_noticed)
    if not is_noticed:  # it dies between the check and the request
        monkeypatch.setattr(Worker, "is_alive", True)
    async with workers.one(1) as worker:
        assert (await read_card_file(worker, CARD, "card.json")).fields["name"] == "Аглая"


async def test_a_file_that_kills_a_kept_worker_and_a_fresh_one_is_at_fault(workers: Workers) -> None:
    async with workers.one(1) as worker:
        await read_card_file(worker, CARD, "card.json")
        with pytest.raises(UnreadableCard) as refused:
            await worker.ask(lambda: [b'{"do": "nothing known"}'], lambda parts: parts)
        assert refused.value.fault is Fault.TOO_MUCH


def test_a_text_that_needs_no_unpacking_leaves_the_room_for_those_that_do() -> None:
    asset = chunk(b"iTXt", b"chara-ext-asset_:a\0\0\0\0\0" + b"A" * (18 * MEGABYTE))
    large = v2(creator_notes="a" * 6 * MEGABYTE)
    card = chunk(b"zTXt", b"chara\0\0" + zlib.compress(packed(large)))
    assert read_card(png(asset, card)).card["data"]["creator_notes"] == large["data"]["creator_notes"]


async def test_a_file_that_takes_too_long_is_given_up(workers: Workers) -> None:
    async with workers.one(1) as worker:
        question: list[bytes] = [json.dumps({"do": "read card", "file_name": "a"}).encode(), CARD]
        with pytest.raises(UnreadableCard) as refused:
            await worker.ask(lambda: question, lambda parts: parts, patience=0.001)
        assert refused.value.fault is Fault.TOO_SLOW
        assert worker.is_spent


WHOLE = [png(text(v2()), text(v3(), b"ccv3")), charx(v3(), {"assets/a.png": png()}), CARD]


@pytest.mark.slow
@settings(derandomize=True, max_examples=400, deadline=None)
@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    st.integers(0, 10_000),
)
def test_damage_anywhere_gives_a_card_or_a_sentence(whole: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    damaged = bytearray(whole)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    spoiled = bytes(damaged[: len(damaged) - cut % len(damaged)] if cut % 3 == 0 else damaged)
    told: dict[str, Any] = json.loads(answer({"do": "read card", "file_name": "card"}, spoiled)[0])
    assert told.get("fault") in {*Fault, None}


def test_a_length_that_lies_is_found_out() -> None:
    lying = bytearray(png(text(v2())))
    at = lying.find(b"tEXt") - 4
    lying[at : at + 4] = struct.pack(">I", 2**31)
    with pytest.raises(UnreadableCard):
        read_card(bytes(lying))
