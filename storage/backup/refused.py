"""Why a command ends without having done its work: one sentence for whoever typed it."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was changed."""


class DamagedArchive(Refused):
    """An archive that is none of ours, or no longer; the text says where."""
