"""Baseline page, the least that NiceGUI serves: one label, with the framework's defaults, on the port in PORT."""

from __future__ import annotations

import os

from nicegui import ui

WORDS = "The least there is"

if __name__ == "__main__":

    @ui.page("/")
    def minimal() -> None:
        ui.label(WORDS).classes("minimal")

    ui.run(port=int(os.environ["PORT"]), host="127.0.0.1", reload=False, show=False, show_welcome_message=False)
