"""Backups of photos in a bucket: they are backed up and restored like those in a folder."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from domain.pictures.select import picture_files
from domain.settings.settings import Settings
from tests.domain.backup.conftest import Home, inhabit
from tests.e2e.product import ROOT
from tests.s3_server import S3Server

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])


def in_bucket(s3: S3Server, data: Path, url: str = "") -> Home:
    data.mkdir(exist_ok=True)
    given = {name.lower(): value for name, value in s3.settings.items()}
    return Home(Settings(_env_file=None, data_dir=data, database_url=url, **given))  # type: ignore[arg-type]  # all texts


async def photos(home: Home) -> dict[str, bytes]:
    files = picture_files(home.settings)
    found = {name: await files.read(name) for name in [name async for name in files.names()]}
    return {name: file.data for name, file in found.items() if file}


def test_photos_go_from_one_bucket_into_another_or_into_a_folder(
    home: Home, elsewhere: Home, s3: S3Server, tmp_path: Path
) -> None:
    here = in_bucket(s3, home.data, home.settings.database)
    asyncio.run(inhabit(here))
    before = asyncio.run(photos(here))
    assert len(before) == 2
    archive = here.back_up()
    assert here.verify(archive) == 0
    s3.new_bucket()
    another = in_bucket(s3, tmp_path / "another")
    assert another.restore(archive) == 0
    assert asyncio.run(photos(another)) == before
    assert not (another.data / "pictures").exists()
    assert elsewhere.restore(archive) == 0
    assert asyncio.run(photos(elsewhere)) == before


def test_a_bucket_that_is_away_is_told_in_one_line_and_leaves_no_half_backup(home: Home, s3: S3Server) -> None:
    here = in_bucket(s3, home.data, home.settings.database)
    asyncio.run(inhabit(here))
    environment = {**s3.settings, "DATA_DIR": str(here.data), "DATABASE_URL": here.settings.database}
    with s3.stopped():
        answer = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), "backup"],
            check=False,
            capture_output=True,
            text=True,
            cwd=here.data,
            env=environment,
            timeout=60,
        )
    assert answer.returncode == 2
    last = answer.stderr.splitlines()[-1]
    assert last.startswith("The photos cannot be reached where PICTURES_URL says: ")
    assert "Traceback" not in answer.stderr
    assert list((here.data / "backups").iterdir()) == []
