"""Sample data command: `main.py demo`, as used to try the product at size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.domain.test_command_line import run


@pytest.mark.slow
def test_a_fresh_folder_is_filled_and_the_way_in_is_told(tmp_path: Path) -> None:
    answer = run(tmp_path, "demo", "--characters", "30", "--dialogs", "20", DATA_DIR="data")
    assert answer.returncode == 0, answer.stderr
    assert "characters 30, dialogs 20" in answer.stdout
    assert "main.py admin grant" in answer.stdout
    assert "100%" in answer.stderr


@pytest.mark.slow
@pytest.mark.parametrize("nonsense", ["-1", "many", "1.5"])
def test_numbers_that_are_none_are_refused_before_anything_is_made(tmp_path: Path, nonsense: str) -> None:
    answer = run(tmp_path, "demo", f"--characters={nonsense}")
    assert answer.returncode == 2
    assert "not a number from 0 up" in answer.stderr
    assert list(tmp_path.iterdir()) == []
