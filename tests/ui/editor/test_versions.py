"""Versions in words: every field that a version may differ in has a name."""

from __future__ import annotations

from domain.characters.version_rows import VERSIONED
from domain.language import Texts
from ui.editor.editor_labels import field_names


def test_every_field_of_a_version_has_a_name() -> None:
    names = field_names(Texts("ru"))
    assert not [field for field in VERSIONED if not names.get(field)]
