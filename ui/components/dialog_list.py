"""A person's dialogs, grouped by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import ui


class DialogList(ui.element, component="dialog_list.js"):
    """Links to dialogs under headings.

    `groups` is [{"label": «Сегодня», "items": [{"id", "url", "name", "snippet", "picture", "time", "active": bool,
    "running": bool}, …]}, …].

    Labels: list (its name for a screen reader), empty, running.
    """

    def __init__(self, groups: Sequence[Mapping[str, object]], labels: Mapping[str, str]) -> None:
        super().__init__()
        self._props["groups"] = list(groups)
        self._props["labels"] = dict(labels)

    def show(self, groups: Sequence[Mapping[str, object]]) -> None:
        self._props["groups"] = list(groups)
        self.update()
