"""Content-Disposition: what a downloaded dialog is called on the reader's disk."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from ui.request.attachment import attachment


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ночь на маяке", "Ночь на маяке.md"),
        ("Море: день 1/2", "Море день 1 2.md"),
        ("../../etc/passwd", "etc passwd.md"),
        ('"; filename=evil.exe', "; filename=evil.exe.md"),
        ("???", "beseda-7.md"),
        ("...", "beseda-7.md"),
        ("я" * 100, "я" * 80 + ".md"),
    ],
)
def test_a_file_is_called_like_its_dialog_as_far_as_disks_allow(title: str, name: str) -> None:
    header = attachment(title, "beseda-7", "md")
    plain, _, encoded = header.partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="beseda-7.md"', "for programs that know ASCII only"
    assert unquote(encoded) == name
    assert header.isascii()
    assert ";" not in encoded
