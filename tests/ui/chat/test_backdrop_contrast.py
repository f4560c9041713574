"""Texts before the picture behind a chat can be read, whatever the picture shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[3] / "assets" / "css" / "tokens.css").read_text("utf-8")
ENOUGH = 4.5
"""WCAG AA for ordinary text."""
LIGHT, DARK = 0, 1
Colour = tuple[float, float, float]


def token(name: str, theme: int) -> Colour:
    found = re.search(rf"--{name}: light-dark\(#(\w{{6}}), #(\w{{6}})\)", TOKENS)
    assert found, name
    red, green, blue = bytes.fromhex(found[1 + theme])
    return red, green, blue


def behind(theme: int, pixel: Colour) -> Colour:
    """A pixel of the picture, as pale as it is shown, on the colour of the page."""
    shown = re.search(r"--picture-behind: (\d+)%", TOKENS)
    assert shown
    share = int(shown[1]) / 100
    red, green, blue = (
        share * of + (1 - share) * paper for of, paper in zip(pixel, token("paper", theme), strict=True)
    )
    return red, green, blue


def luminance(colour: Colour) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (each / 255 for each in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("name", ["ink", "muted-on-picture", "danger-on-picture", "accent-on-picture"])
@pytest.mark.parametrize("pixel", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)])
def test_each_colour_of_a_text_is_far_enough_from_the_picture_behind_it(theme: int, name: str, pixel: Colour) -> None:
    assert contrast(token(name, theme), behind(theme, pixel)) >= ENOUGH
