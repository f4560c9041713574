"""Files of a card within its text: JSON and PNG have no other place for them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from domain.cards.read_card import UNNAMED, URI_BEFORE

MOST_CARRIED = 5_000_000
"""Bytes of files in a text; more stay in the archive's form alone (CHARX), or our own reader would refuse the text."""


def with_files(card: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """The card with its files as `data:` addresses, the smaller ones first if they are too much together; those that no
    asset names are given one.
    """
    carried = deepcopy(dict(card))
    fitting = _fitting(files)
    assets = carried["data"].get("assets", [])
    named = {asset["uri"] for asset in assets}
    assets += [{"type": UNNAMED, "uri": uri, "name": uri, "ext": "unknown"} for uri in fitting if uri not in named]
    for asset in assets:
        if content := fitting.get(asset["uri"]):
            asset[URI_BEFORE] = asset["uri"]
            asset["uri"] = f"data:application/octet-stream;base64,{b64encode(content).decode()}"
    if assets:
        carried["data"]["assets"] = assets
    return carried


def _fitting(files: Mapping[str, bytes]) -> dict[str, bytes]:
    room = MOST_CARRIED
    fitting = set()
    for uri in sorted(files, key=lambda each: len(files[each])):
        room -= len(files[uri])
        if room < 0:
            break
        fitting.add(uri)
    return {uri: content for uri, content in files.items() if uri in fitting}
