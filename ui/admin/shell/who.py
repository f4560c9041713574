"""Detail page header: the head of an admin page about one person or one character, and its tabs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from nicegui import ui

from domain.language import Texts
from ui.widgets.heading import Heading
from ui.widgets.picture import picture


@contextmanager
def detail_header(name: str, names: str, photo: str, chips: Sequence[Mapping[str, str]]) -> Iterator[None]:
    """Photo, name, its other names, its state; the actions go inside."""
    with ui.element("header").classes("admin-who"):
        picture(photo)
        with ui.element("div").classes("words"):
            Heading(name)
            ui.label(names).classes("muted")
            with ui.element("div").classes("cell-chips"):
                for chip in chips:
                    ui.label(chip["text"]).classes(f"mark {chip['tone']}")
        with ui.element("div").classes("admin-who-actions"):
            yield


def tabs(_: Texts, address: str, names: Mapping[str, str], here: str) -> None:
    """Links, one of them to this page: each tab has its own address."""
    with ui.element("nav").classes("admin-tabs") as parts:
        parts.props["aria-label"] = _("Parts")
        for key, name in names.items():
            link = ui.link(name, f"{address}?tab={key}" if key else address)
            if key == here:
                link.props("aria-current=page")
