"""The page for addresses that lead nowhere."""

from __future__ import annotations

from domain.language import N_, Texts
from ui.error_page import error_page
from ui.visitor import Preferences

NOT_FOUND = 404
NOTHING_HERE = N_("There is nothing at this address. Perhaps it was deleted, or it is private.")


def lost_page(reading: Preferences, sentence: str = "") -> str:
    return error_page(reading, NOT_FOUND, sentence or Texts(reading.language)(NOTHING_HERE))
