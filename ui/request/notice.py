"""Notices: short messages at the top of the page, whatever has become of the element whose event led to them.

NiceGUI makes them in the element around the event's sender. A handler that deletes or rebuilds that element (a card
that was answered, a list shown anew) has none any more, and would fail after having done what it was asked. So notices
are made on the page itself, here and nowhere else (tests/ui/request/test_notice.py).
"""

from __future__ import annotations

from typing import Literal

from nicegui import Client, ui
from nicegui.slot import Slot

NoticeType = Literal["positive", "negative", "warning"]


def notify(words: str, *, kind: NoticeType | None = None) -> None:
    page = page_client()
    if page is not None:
        with page:
            ui.notify(words, type=kind, position="top")


def page_client() -> Client | None:
    """The page of the running handler; None if it was closed meanwhile: then nobody is there to be told."""
    for slot in reversed(Slot.get_stack()):
        try:
            return slot.parent.client
        except RuntimeError:  # its element is gone; the slot entered before it may be the page's
            continue
    return None
