"""A portrait: choose it, drop it or paste it."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui

MEGABYTE = 1024 * 1024


class PhotoPicker(ui.element, component="photo_picker.js"):
    """Sends the picked file to `url` at once; emits `picked` {picture_id, picture} and `removed`.

    The file is the raw body of a POST with its own Content-Type; `url` answers {"picture_id": str, "picture": url} or,
    refusing, {"error": sentence}. `picture` is the url of the present portrait, `without` what is shown when none is
    chosen ("" shows an empty frame); `limit` is in bytes.

    Labels: picture (what the preview shows), drop, choose, remove, hint, sending, too_large, not_picture, failed.
    """

    def __init__(
        self, url: str, labels: Mapping[str, str], *, picture: str, without: str = "", limit: int = 8 * MEGABYTE
    ) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["labels"] = dict(labels)
        self._props["picture"] = picture
        self._props["without"] = without
        self._props["limit"] = limit
