"""HTTP caching of our own files: forever where the address changes with the content, else for an hour."""

from __future__ import annotations

import re

import pytest

from tests.ui.access.conftest import NOBODY, OWNER, World
from ui.request.compression import PACKED_FROM
from ui.scripts.bundles import bundles

FOR_GOOD = "public, max-age=31536000, immutable"


@pytest.mark.slow
def test_every_file_that_a_page_names_may_be_kept_for_good(world: World) -> None:
    visitor = world.visitors[NOBODY]
    named = re.findall(r'(?:href|src)="(/(?:assets|scripts|styles)[^"]*)"', visitor.get("/").text)
    named += re.findall(r'"(/assets/[^"]*)"', visitor.get("/manifest.webmanifest").text)
    assert len(named) > 5
    for address in named:
        answer = visitor.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, FOR_GOOD), address


def test_a_file_asked_for_by_its_bare_name_is_looked_at_again_soon(world: World) -> None:
    for name in ("logo.svg", "favicon.svg", "apple-touch-icon.png"):
        answer = world.visitors[NOBODY].get(f"/assets/icons/{name}")
        assert answer.headers["cache-control"] == "public, max-age=3600"


def test_a_bundle_is_packed_and_one_of_another_version_is_not_there(world: World) -> None:
    visitor = world.visitors[NOBODY]
    for bundle in bundles().values():
        answer = visitor.get(bundle.address, headers={"Accept-Encoding": "br"})
        assert answer.text == bundle.text
        assert answer.headers.get("content-encoding") == ("br" if len(bundle.text) >= PACKED_FROM else None)
        assert answer.headers["cache-control"] == FOR_GOOD
        assert visitor.get(re.sub(r"\.\w+\.js", ".0123456789ab.js", bundle.address)).status_code == 404


def test_a_preview_is_asked_for_again_and_gone_as_soon_as_its_character_is_private(world: World) -> None:
    visitor, owner = world.visitors[NOBODY], world.programs[OWNER]
    shown = owner.character(name="Недолго")
    address = f"/characters/{shown}/preview.jpg"
    first = visitor.get(address)
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    again = visitor.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    owner.ask("PATCH", f"/api/characters/{shown}", json={"is_public": False})
    assert visitor.get(address, headers={"If-None-Match": first.headers["etag"]}).status_code == 404
