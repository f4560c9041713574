"""Documentation checks: README.md and README.ru.md say the same; CHANGELOG.md and pyproject.toml name one version."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.test_architecture import ROOT

pytestmark = pytest.mark.source

ENGLISH = (ROOT / "README.md").read_text("utf-8")
RUSSIAN = (ROOT / "README.ru.md").read_text("utf-8")


def test_both_readmes_have_the_same_parts() -> None:
    assert [_shape(line) for line in RUSSIAN.splitlines() if _shape(line)] == [
        _shape(line) for line in ENGLISH.splitlines() if _shape(line)
    ]


def test_both_readmes_name_the_same_settings() -> None:
    assert _settings(RUSSIAN) == _settings(ENGLISH)


def test_the_newest_version_of_the_changelog_is_the_one_of_the_program() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$", changelog, re.MULTILINE)
    assert versions[0] == tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def _shape(line: str) -> str:
    """Shape of a line, whatever its language: the level of a heading, a row, a list item, a fence."""
    return found[0].strip() if (found := re.match(r"#+ |\||- |\d\. |```\w*", line)) else ""


def _settings(readme: str) -> list[str]:
    return re.findall(r"`([A-Z][A-Z_]{3,})`", readme)
