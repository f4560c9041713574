"""Generated portraits: SVG from a name."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from ui.widgets.picture_urls import portrait, portrait_address


def test_the_same_name_gives_the_same_portrait_and_others_differ() -> None:
    assert portrait("Марина") == portrait("Марина")
    assert len({portrait(name) for name in ("Марина", "Марта", "Мирон", "Мила")}) == 4


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"/><x', "&lt;", "", "🦊", "\u202e", "../../etc"])
def test_whatever_the_name_is_the_portrait_is_plain_svg(name: str) -> None:
    drawn = ET.fromstring(portrait(name))
    assert {element.tag.split("}")[1] for element in drawn.iter()} <= {
        *("svg", "defs", "linearGradient", "stop", "rect", "circle", "text"),
    }
    assert len(drawn.findtext("{http://www.w3.org/2000/svg}text") or "") <= 1
    assert portrait_address(name).count("/") == 2
