"""Heading: one that screen readers recognise; NiceGUI's labels are plain blocks."""

from __future__ import annotations

from typing import Literal

from nicegui.elements.mixins.text_element import TextElement


class Heading(TextElement):
    """`<h1>`, or a lower one, with the style that goes with it."""

    def __init__(self, text: str, level: Literal[1, 2, 3] = 1) -> None:
        super().__init__(tag=f"h{level}", text=text)
        self.classes({1: "title", 2: "subtitle", 3: "part-title"}[level])
