"""Fixture of file storage: a folder, or a bucket of a real S3 service on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.files import Files
from storage.folder import Folder


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "folder":
        return Files(Folder(tmp_path / "pictures"))
    return Files(request.getfixturevalue("s3").opened())
