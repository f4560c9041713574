"""Carried files: the files of a card within its text, since JSON and PNG have no other place for them."""

from __future__ import annotations

import mimetypes
from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from domain.cards.read_card import UNNAMED, URI_BEFORE

MOST_CARRIED = 5_000_000
"""Maximum bytes of files in a text. With more, only the archive format (CHARX) has all of them: our own reader would
refuse such a text.
"""
KNOWN = mimetypes.MimeTypes()  # without the machine's own tables
BEGINNINGS = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"OggS", "ogg"), (b"ID3", "mp3"))
"""First bytes of files, and their suffix, which takes precedence over the suffix in the name."""
SHOWN = ("image/", "audio/", "video/", "font/")
"""Types that other programs can show or play."""


def with_files(card: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """The card with its files as `data:` addresses. If they are too large together, the smaller ones are preferred.
    Files that no asset names get an asset.
    """
    carried = deepcopy(dict(card))
    fitting = _fitting(files)
    assets = carried["data"].get("assets", [])
    named = {asset["uri"] for asset in assets}
    assets += [{"type": UNNAMED, "uri": uri, "name": uri, "ext": "unknown"} for uri in fitting if uri not in named]
    for asset in assets:
        if content := fitting.get(asset["uri"]):
            asset[URI_BEFORE] = asset["uri"]
            kind = _type_of(content, asset["ext"] if isinstance(asset.get("ext"), str) else "")
            asset["uri"] = f"data:{kind};base64,{b64encode(content).decode()}"
    if assets:
        carried["data"]["assets"] = assets
    return carried


def suffix_of(content: bytes) -> str:
    """The suffix for a file, by its first bytes; "" if its type is not known here."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((suffix for begins, suffix in BEGINNINGS if content.startswith(begins)), "")


def _type_of(content: bytes, suffix: str) -> str:
    suffix = suffix_of(content) or suffix.lower()
    kind = KNOWN.types_map[True].get(f".{suffix}", "") or KNOWN.types_map[False].get(f".{suffix}", "")
    return kind if kind.startswith(SHOWN) else "application/octet-stream"


def _fitting(files: Mapping[str, bytes]) -> dict[str, bytes]:
    room = MOST_CARRIED
    fitting = set()
    for uri in sorted(files, key=lambda each: len(files[each])):
        room -= len(files[uri])
        if room < 0:
            break
        fitting.add(uri)
    return {uri: content for uri, content in files.items() if uri in fitting}
