"""Reading card files: recognized by their first bytes rather than their name, they become one V3 object and its files.

Slow for large files, and hostile files are made to be slow: domain/cards/reading.py runs this in a separate process.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.cards.card_forms import as_v3
from domain.cards.charx import CARD, Archive, is_charx, is_safe
from domain.cards.drawn_portrait import takes_out_mark
from domain.cards.faults import CardRemark, Fault, Remark, UnreadableCard
from domain.cards.json_text import MARKS, decoded, read_json, storable
from domain.cards.png_chunks import is_damaged, is_png, is_too_large_to_show, text_chunks

LARGEST_PICTURE, LARGEST_ARCHIVE, LARGEST_TEXT = 20_000_000, 50_000_000, 24_000_000
KEYWORDS = ("ccv3", "chara")
"""Keywords of a card's text chunks, the better one first."""
LEGACY_ASSET = "chara-ext-asset_"
PROTECTED = "rcc||"
EMBEDDED = ("embeded://", "embedded://")
"""Scheme of embedded assets: as the specification spells it, and as everybody else does."""
PICTURE_OF_ITS_OWN = "ccdefault:"
URI_BEFORE = "beseda_uri"
"""Key of an asset for the address of its file in an archive, while a text carries the file
(domain/cards/carried_files.py).
"""
OTHER_PICTURES = (b"RIFF", b"\xff\xd8", b"GIF8")
NOT_CARDS = (b"<", b"%PDF", b"\x1f\x8b", b"Rar!")
OUR_ICONS = {each: f"{EMBEDDED[0]}assets/icon/images/beseda.{each}" for each in ("webp", "png", "jpeg", "gif")}
"""Addresses at which an export puts the character's picture, by its suffix; an import takes it out again."""
UNNAMED = "x_beseda_file"
"""Type of the asset made for a file that no asset names, while a text carries the file."""
MOST_YAML = 500_000
"""Maximum characters of YAML, whose reader takes a second for a hundred thousand."""
_LIKE_YAML = re.compile(r"(?:(?:#|%YAML|---).*\n\s*)*[\"']?[a-z][a-z_ ]{0,40}[\"']?\s*:(?:\s|$)", re.IGNORECASE)
"""Beginning of a YAML text with fields, to recognise one without a file name or with another suffix."""
_NOT_IN_PATHS = re.compile(r"[^a-z0-9_-]")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass
class ReadCard:
    """`card` is the V3 object with all its unknown parts. `files` are the files that its assets name, by address
    (`uri`). `portrait` is the picture of the character, or empty.
    """

    card: dict[str, Any]
    remarks: list[CardRemark]
    portrait: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)


def read_card(data: bytes, file_name: str = "") -> ReadCard:
    """Raises `UnreadableCard`."""
    read = _read(data, file_name)
    if is_too_large_to_show(read.portrait) or is_damaged(read.portrait):
        read.portrait = b""
        read.remarks.append(CardRemark(Remark.PORTRAIT_LEFT_OUT, "picture"))
    return read


def _read(data: bytes, file_name: str) -> ReadCard:
    if not data.strip():
        raise UnreadableCard(Fault.EMPTY)
    if is_png(data):
        return _from_picture(_within(data, LARGEST_PICTURE), file_name)
    if is_charx(data):
        return _from_archive(_within(data, LARGEST_ARCHIVE), file_name)
    if data.startswith(OTHER_PICTURES) or (data[:1] == b"\0" and data[4:8] == b"ftyp"):  # AVIF and HEIC
        raise UnreadableCard(Fault.OTHER_PICTURE)
    if data.startswith(NOT_CARDS) or (b"\0" in data[:4] and not data.startswith(tuple(mark for mark, _ in MARKS))):
        raise UnreadableCard(Fault.UNKNOWN_KIND)
    text = decoded(_within(data, LARGEST_TEXT)).strip()
    read = _with_missing(ReadCard(*as_v3(_object_in(text, file_name), file_name)))
    read.portrait = read.portrait or _main_icon(read)
    return read


def _within(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise UnreadableCard(Fault.TOO_LARGE)
    return data


def _object_in(text: str, file_name: str) -> Any:
    if text[:1] in {"{", "["}:
        return read_json(text)
    if file_name.lower().endswith((".yaml", ".yml")) or _LIKE_YAML.match(text):
        return _yaml(text)
    raise UnreadableCard(Fault.UNKNOWN_KIND)


def _yaml(text: str) -> Any:
    from domain.cards.yaml_text import read_yaml  # few files need it

    if len(text) > MOST_YAML:
        raise UnreadableCard(Fault.TOO_LARGE)
    return storable(read_yaml(text))


def _from_picture(picture: bytes, file_name: str) -> ReadCard:
    candidates: dict[str, list[tuple[bytes, bool]]] = {keyword: [] for keyword in KEYWORDS}
    files: dict[str, bytes] = {}
    cut_off = None
    try:
        for chunk in text_chunks(picture):
            keyword = chunk.keyword.lower()
            if keyword in candidates:
                candidates[keyword].append((chunk.value, chunk.is_intact))
            elif keyword.startswith(LEGACY_ASSET):
                path = chunk.keyword[len(LEGACY_ASSET) :].lstrip(":")
                files[f"__asset:{path}"] = _bytes_of(chunk.value) or b""
    except UnreadableCard as error:
        if error.fault is not Fault.BROKEN_PICTURE or not any(candidates.values()):
            raise
        cut_off = CardRemark(Remark.DAMAGED_CHUNK, "picture")
    read = _best_of(candidates, file_name)
    read.files = {uri: content for uri, content in files.items() if content}
    read = _with_missing(read)
    is_drawn = takes_out_mark(read.card, picture, texts=(*KEYWORDS, LEGACY_ASSET))
    if cut_off:
        read.remarks.append(cut_off)
    elif not is_drawn:
        read.portrait = picture
    return read


def _best_of(candidates: dict[str, list[tuple[bytes, bool]]], file_name: str) -> ReadCard:
    """The last text that is a card; texts with the better keyword are tried first."""
    fault = Fault.NO_CARD_IN_PICTURE
    for keyword in KEYWORDS:
        for value, is_intact in reversed(candidates[keyword]):
            try:
                card, remarks = as_v3(_object_of(value), file_name)
            except UnreadableCard as error:
                fault = error.fault
                continue
            if not is_intact:
                remarks.append(CardRemark(Remark.DAMAGED_CHUNK, keyword))
            return ReadCard(card, remarks)
    raise UnreadableCard(fault)


def _object_of(value: bytes) -> Any:
    stripped = value.strip()
    if not stripped:
        raise UnreadableCard(Fault.BROKEN_TEXT)
    if stripped.startswith(PROTECTED.encode()):
        raise UnreadableCard(Fault.PROTECTED)
    if not stripped.startswith((b"{", b"[", *(mark for mark, _ in MARKS))):
        found = _bytes_of(stripped)
        if found is None:
            raise UnreadableCard(Fault.BROKEN_TEXT)
        stripped = found
    if stripped.startswith(PROTECTED.encode()):
        raise UnreadableCard(Fault.PROTECTED)
    return read_json(decoded(stripped).strip())


def _bytes_of(value: bytes) -> bytes | None:
    """Decode base64: with or without white space and padding, in either alphabet. None if the value is not base64."""
    packed = b"".join(value.split()).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    if _NOT_BASE64.search(packed) or len(packed) % 4 == 1:
        return None
    try:
        return b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error:
        return None


def _from_archive(data: bytes, file_name: str) -> ReadCard:
    archive = Archive(data)
    written = archive.read(CARD)
    if written is None:
        raise UnreadableCard(Fault.NO_CARD_IN_ARCHIVE)
    card, remarks = as_v3(read_json(decoded(written).strip()), file_name)
    read = ReadCard(card, remarks)
    for asset in card["data"].get("assets", []):
        path = path_in_archive(asset["uri"])
        if path and path != CARD and (content := archive.asset(path)):
            read.files[asset["uri"]] = content
    named = {path_in_archive(uri) for uri in read.files}
    for name in archive.names:  # files that no asset names are kept all the same
        if name not in named and name != CARD and (content := archive.asset(name)):
            read.files[f"{EMBEDDED[0]}{name}"] = content
    read = _with_missing(read)
    read.portrait = read.portrait or _main_icon(read) or archive.picture
    return read


def path_in_archive(uri: str) -> str:
    return next((uri[len(scheme) :] for scheme in EMBEDDED if uri.startswith(scheme)), "")


def _main_icon(read: ReadCard) -> bytes:
    icons = [each for each in read.card["data"].get("assets", []) if each.get("type") == "icon"]
    icons.sort(key=lambda each: each.get("name") != "main")
    return next((read.files[each["uri"]] for each in icons if each["uri"] in read.files), b"")


def _with_missing(read: ReadCard) -> ReadCard:
    """Give each file an address in an archive, wherever it was, and add a remark for each missing file. Our own icon
    becomes the portrait. Nothing is downloaded.
    """
    assets = read.card["data"].get("assets", [])
    for number, asset in enumerate(assets):
        uri, before = asset["uri"], asset.pop(URI_BEFORE, "")
        content = _within_text(uri) if uri.startswith("data:") else read.files.get(uri)
        if content and not path_in_archive(uri):
            read.files.pop(uri, None)
            is_ours = isinstance(before, str) and is_safe(path_in_archive(before))
            asset["uri"] = before if is_ours else _new_address(asset, number, read.files)
            read.files[asset["uri"]] = content
        elif not content and not uri.startswith(PICTURE_OF_ITS_OWN):
            kind = Remark.ASSET_REMOTE if uri.startswith(("http://", "https://")) else Remark.ASSET_MISSING
            read.remarks.append(CardRemark(kind, "assets", {"name": str(asset.get("name") or uri[:80])}))
    ours = [read.files.pop(uri) for uri in OUR_ICONS.values() if uri in read.files]
    read.portrait = ours[0] if ours else b""
    stay = [each for each in assets if each.get("type") != UNNAMED and each["uri"] not in OUR_ICONS.values()]
    if assets and not stay:
        del read.card["data"]["assets"]
    elif assets:
        read.card["data"]["assets"] = stay
    return read


def _within_text(uri: str) -> bytes | None:
    head, _, packed = uri.partition(",")
    return _bytes_of(packed.encode("ascii", "replace")) if head.endswith(";base64") else None


def _new_address(asset: dict[str, Any], number: int, taken: Mapping[str, bytes]) -> str:
    """An address for a file that was carried in a text; the specification names the folders."""
    kind, suffix = (_NOT_IN_PATHS.sub("", str(asset.get(name, "")))[:20] for name in ("type", "ext"))
    path = f"assets/{kind or 'other'}/images/{number}"
    while f"{EMBEDDED[0]}{path}.{suffix or 'bin'}" in taken:
        path += "_"
    return f"{EMBEDDED[0]}{path}.{suffix or 'bin'}"
