"""HTTP compression: the framework's scripts are packed once, and the same whoever asks and however."""

from __future__ import annotations

import re

import httpx

from tests.ui.access.conftest import NOBODY, World

BACK = {"Accept-Encoding": "identity"}


def test_a_script_or_style_sheet_is_packed_as_the_browser_can_unpack_it_and_whole_for_all(world: World) -> None:
    visitor = world.visitors[NOBODY]
    sizes = {}
    for script in (*scripts_of(visitor)[:5], *sheets_of(visitor)):
        plain = visitor.get(script, headers=BACK)
        assert "content-encoding" not in plain.headers
        for asked, packing in (("gzip, deflate, br, zstd", "br"), ("gzip, deflate", "gzip")):
            first, again = [visitor.get(script, headers={"Accept-Encoding": asked}) for _time in range(2)]
            assert [answer.headers["content-encoding"] for answer in (first, again)] == [packing, packing]
            assert plain.content == first.content == again.content
            for answer in (first, again):
                assert "Accept-Encoding" in answer.headers["vary"], "else a cache on the way gives it to whoever asks"
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert answer.headers["content-type"] == plain.headers["content-type"]
            sizes[packing] = int(first.headers["content-length"])
        assert sizes["br"] < sizes["gzip"] < len(plain.content)


def test_a_part_of_a_script_and_one_kept_already_are_not_answered_from_memory(world: World) -> None:
    visitor = world.visitors[NOBODY]
    script = scripts_of(visitor)[0]
    whole = visitor.get(script, headers=BACK)
    for asked in ("identity", "gzip", "br"):
        packed = {"Accept-Encoding": asked}
        assert visitor.get(script, headers=packed).content == whole.content, "kept from now on"
        part = visitor.get(script, headers={"Range": "bytes=0-9"} | packed)
        assert (part.status_code, part.content) == (206, whole.content[:10])
        assert "content-encoding" not in part.headers
    assert visitor.get(script, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304


def test_what_is_not_there_is_not_there_the_second_time_either(world: World) -> None:
    for _time in range(2):
        assert world.visitors[NOBODY].get("/_nicegui/static/no-such.js").status_code == 404


def scripts_of(visitor: httpx.Client) -> list[str]:
    return sorted(set(re.findall(r"/_nicegui/[\w./-]+/static/[\w.]+\.js", visitor.get("/").text)))


def sheets_of(visitor: httpx.Client) -> list[str]:
    found = sorted(set(re.findall(r"/styles\.css\?v=\w+", visitor.get("/").text)))
    assert found
    return found
