"""Archives that are damaged or were never ours: `verify` says why, `restore` refuses, and nothing is extracted."""

from __future__ import annotations

import io
import os
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from storage.backup.archive import BLOCK, ArchiveWriter
from storage.backup.refused import DamagedArchive, Refused
from tests.domain.backup.conftest import SECRET, Home

LOCKS = {"beseda.db.lock", "beseda.db.server"}
Said = pytest.CaptureFixture[str]


def places(archive: Path) -> Iterator[tuple[str, int, int]]:
    """Each entry, with the offsets of its header and of its data."""
    with tarfile.open(archive) as tar:
        for member in tar:
            yield member.name, member.offset, member.offset_data


def flip(archive: Path, place: int) -> None:
    data = bytearray(archive.read_bytes())
    data[place] ^= 0x40
    archive.write_bytes(data)


def found(home: Home, archive: Path, capsys: Said) -> str:
    """Fault that `verify` reports; asserts that it fails."""
    capsys.readouterr()
    try:
        assert home.verify(archive) == 1
    except DamagedArchive as error:
        return str(error)
    return capsys.readouterr().err


def test_wherever_a_byte_is_flipped_verify_names_what_it_is_in(inhabited: Home, tmp_path: Path, capsys: Said) -> None:
    whole = inhabited.back_up()
    changed = tmp_path / "changed.tar"
    for name, header, data in [*places(whole)]:
        for place in (data, header + 3):
            changed.write_bytes(whole.read_bytes())
            flip(changed, place)
            told = found(inhabited, changed, capsys)
            if place == data:
                assert name.removesuffix(".sha256") in told
            assert told.strip()
    assert inhabited.verify(whole) == 0


def test_a_damaged_archive_is_not_restored(inhabited: Home, elsewhere: Home) -> None:
    archive = inhabited.back_up()
    flip(archive, next(data for name, _, data in places(archive) if name.startswith("pictures/")) + 100)
    with pytest.raises(Refused, match=r"pictures/.* is not as it was written\. Nothing was changed"):
        elsewhere.restore(archive)
    assert not (elsewhere.data / "pictures").exists()
    assert not (elsewhere.data / "jwt_secret").exists()


@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_an_archive_that_is_cut_off_is_told_so(inhabited: Home, share: float, capsys: Said) -> None:
    archive = inhabited.back_up()
    os.truncate(archive, int(archive.stat().st_size * share))
    assert "The archive ends too soon" in found(inhabited, archive, capsys)


def test_what_is_missing_and_what_is_there_too_much_is_named(inhabited: Home, tmp_path: Path, capsys: Said) -> None:
    whole, changed = inhabited.back_up(), tmp_path / "changed.tar"
    [first, second] = [name for name, _, _ in places(whole) if name.startswith("pictures/")]
    strange = first.replace("large", "huge")
    _written_anew(whole, changed, lambda name: None if name == first else name)
    assert f"{first} is missing" in found(inhabited, changed, capsys)
    _written_anew(whole, changed, lambda name: strange if name == second else name)
    told = found(inhabited, changed, capsys)
    assert f"{strange} is not in the manifest" in told
    assert f"{second} is missing" in told
    _written_anew(whole, changed, lambda name: None if name.startswith("database") else name)
    assert "The database is missing" in found(inhabited, changed, capsys)
    _written_anew(whole, changed, lambda name: None if name.startswith("manifest") else name)
    assert "no manifest" in found(inhabited, changed, capsys)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_database_that_was_damaged_before_its_backup_is_found(inhabited: Home, capsys: Said) -> None:
    """Its bytes are as they were written: only SQLite can detect it."""
    with closing(sqlite3.connect(inhabited.settings.database.removeprefix("sqlite:///"))) as db:
        db.execute("PRAGMA foreign_keys=OFF")
        db.execute("UPDATE message SET dialog_id = 4711")
        db.commit()
    told = found(inhabited, inhabited.back_up(), capsys)
    assert "rows in message without the rows of dialog they refer to" in told


def of_random_bytes(file: Path) -> None:
    file.write_bytes(os.urandom(50_000))


def overwritten_in_its_middle(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:4096] + os.urandom(len(data) - 4096))


def cut_off(file: Path) -> None:
    os.truncate(file, 10_000)


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("damage", [of_random_bytes, overwritten_in_its_middle, cut_off])
def test_a_damaged_database_is_told_so_and_can_be_replaced(
    inhabited: Home, elsewhere: Home, damage: Callable[[Path], None], capsys: Said
) -> None:
    archive = inhabited.back_up()
    elsewhere.restore(archive)
    database = Path(elsewhere.settings.database.removeprefix("sqlite:///"))
    damage(database)
    damaged = database.read_bytes()
    with pytest.raises(Refused, match="The database is damaged"):
        elsewhere.back_up()
    capsys.readouterr()
    with pytest.raises(Refused, match="--replace"):
        elsewhere.restore(archive)
    assert database.read_bytes() == damaged
    assert elsewhere.restore(archive, replace=True) == 0
    [kept] = (elsewhere.data / "backups").glob("*.db")
    assert f"What was there is damaged, and lies as it was in {kept}." in capsys.readouterr().out
    assert kept.read_bytes() == damaged
    assert kept.with_name(f"{kept.name}.jwt_secret").read_text() == SECRET
    assert elsewhere.ask("SELECT count(*) FROM message") == [2]
    assert elsewhere.verify(elsewhere.back_up()) == 0


def test_a_photo_that_the_database_names_must_be_there(inhabited: Home, capsys: Said) -> None:
    archive = inhabited.back_up()
    token = inhabited.ask("SELECT token FROM picture")[0]
    changed = archive.with_name("changed.tar")

    def without_photos(name: str) -> str | None:
        return None if token in name else name

    _written_anew(archive, changed, without_photos, forget=token)
    assert f"The photo {token} is named in the database and missing" in found(inhabited, changed, capsys)


def _written_anew(
    archive: Path, to: Path, renamed: Callable[[str], str | None], *, forget: str = "no token at all"
) -> None:
    """Rewrite the archive with its entries renamed; lines with `forget` leave the manifest, which is sealed again."""
    with tarfile.open(archive) as tar, to.open("wb") as out:
        writer = ArchiveWriter(out, lambda _: None)
        seal = b""
        for member in tar:
            data = tar.extractfile(member)
            assert data
            content = data.read()
            if member.name == "manifest.json":
                lines = content.decode().splitlines(keepends=True)
                kept = "".join(line for line in lines if forget not in line).encode()
                seal = f"{sha256(kept).hexdigest()}  manifest.json\n".encode()
                content = kept
            elif member.name == "manifest.json.sha256":
                content = seal
            if name := renamed(member.name):
                writer.add_bytes(name, content)
        writer.close()


def _tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member, data in members:
            member.size = member.size or len(data)
            tar.addfile(member, io.BytesIO(data.ljust(member.size, b"\0")) if member.isreg() else None)
    return out.getvalue()


def _plain(name: str, data: bytes = b"x") -> tuple[tarfile.TarInfo, bytes]:
    return tarfile.TarInfo(name), data


def _special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def _huge_header() -> bytes:
    member = tarfile.TarInfo("database.sqlite")
    member.size = 1 << 60
    return member.tobuf(tarfile.GNU_FORMAT) + bytes(BLOCK)


def _huge_manifest() -> bytes:
    """A manifest to be refused for its size, before it is read."""
    member = tarfile.TarInfo("manifest.json")
    member.size = 100 << 20
    return member.tobuf(tarfile.GNU_FORMAT) + bytes(BLOCK)


def _packed() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        member = tarfile.TarInfo("database.sqlite")
        member.size = 10_000_000
        tar.addfile(member, io.BytesIO(bytes(member.size)))
    return out.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a path that leads out": lambda: _tar(_plain("../outside")),
    "one that begins well": lambda: _tar(_plain("pictures/" + "a" * 32 + "/../../outside")),
    "an absolute path": lambda: _tar(_plain("/tmp/outside")),
    "a symbolic link": lambda: _tar(_special("jwt_secret", tarfile.SYMTYPE, "/etc/passwd")),
    "a hard link": lambda: _tar(_special("database.sqlite", tarfile.LNKTYPE, "/etc/passwd")),
    "a folder": lambda: _tar(_special("pictures", tarfile.DIRTYPE)),
    "a device": lambda: _tar(_special("database.sqlite", tarfile.CHRTYPE)),
    "a name by an extension": lambda: _tar(_plain("pictures/" + "я" * 200)),
    "a sparse file": lambda: _tar(_special("database.sqlite", tarfile.GNUTYPE_SPARSE)),
    "a size of an exabyte": _huge_header,
    "one name twice": lambda: _tar(_plain("jwt_secret"), _plain("jwt_secret")),
    "a manifest alone": lambda: _tar(_plain("manifest.json", b"{}")),
    "a manifest too deep": lambda: _tar(_plain("manifest.json", b"[" * 100_000)),
    "a manifest of lists": lambda: _tar(_plain("manifest.json", b"[[]" + b",[]" * 1_000_000 + b"]")),
    "a manifest of keys": lambda: _tar(_plain("manifest.json", b'{"a":1' + b',"a":1' * 1_000_000 + b"}")),
    "a manifest of small values": lambda: _tar(_plain("manifest.json", b"[1" + b',"ab"' * 1_000_000 + b"]")),
    "a manifest too large": _huge_manifest,
    "no manifest": lambda: _tar(_plain("jwt_secret")),
    "what unpacks to more": _packed,
    "nothing": lambda: b"",
    "zeros": lambda: bytes(10_240),
    "many zeros": lambda: bytes(1 << 20),
    "a letter": lambda: "Здравствуйте! ".encode() * 100,
}


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_zeros_without_end_are_no_archive(home: Home) -> None:
    with pytest.raises(DamagedArchive, match="does not end where it should"):
        home.verify(Path("/dev/zero"))


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_in_a_sentence_and_leaves_nothing(
    elsewhere: Home, kind: str, tmp_path: Path
) -> None:
    archive = tmp_path / "hostile.tar"
    archive.write_bytes(HOSTILE[kind]())
    before = sorted(tmp_path.rglob("*"))
    for command in (elsewhere.verify, elsewhere.restore):
        with pytest.raises(DamagedArchive) as refused:
            command(archive)
        assert "\n" not in str(refused.value)
    assert "in manifest.json" not in str(refused.value), "it was not read"
    after = [path for path in sorted(tmp_path.rglob("*")) if path.name not in LOCKS]
    assert after == before
