"""Versions in words: every field that a version may differ in has a name."""

from __future__ import annotations

from domain.characters.fields import field_labels
from domain.characters.version_rows import VERSIONED
from domain.language import Texts


def test_every_field_of_a_version_has_a_name() -> None:
    names = field_labels(Texts("ru"))
    assert not [field for field in VERSIONED if not names.get(field)]
