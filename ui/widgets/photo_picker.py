"""Photo picker (component): choose, drop or paste a portrait, and crop it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from nicegui import ui

from domain.language import Texts
from ui.socket.shapes import Record, Takes, Text
from ui.widgets.picture_urls import Size

MEGABYTE = 1024 * 1024


class PhotoPicker(ui.element, component="photo_picker.js"):
    """Sends the picked file to `url` once it is cropped; emits `picked` {picture_id, picture} and `removed`.

    The file is the raw body of a POST with its own Content-Type, the crop is in the query as fractions of the photo
    (x, y, width; fx, fy: the middle of the face); `url` answers {"picture_id": str, "picture": url} or,
    refusing, {"error": sentence}. `picture` is the url of the current portrait, `without` what is shown when none is
    chosen ("" shows an empty frame); `limit` is in bytes, `size` the variant that is shown of what was picked.

    Labels: see `photo_labels`.
    """

    TAKES: ClassVar[Takes] = {
        "picked": Record({"picture_id": Text(100), "picture": Text(300)}),
        "removed": None,
    }

    def __init__(
        self,
        url: str,
        labels: Mapping[str, str],
        *,
        picture: str,
        without: str = "",
        limit: int = 8 * MEGABYTE,
        size: Size = "large",
    ) -> None:
        super().__init__()
        self._props["url"] = url
        self._props["labels"] = dict(labels)
        self._props["picture"] = picture
        self._props["without"] = without
        self._props["limit"] = limit
        self._props["size"] = size


def photo_labels(_: Texts) -> dict[str, str]:
    return {
        "picture": _("Photo"),
        "drop": _("Drop your photo here"),
        "choose": _("Choose a photo"),
        "hint": _("Or drop or paste it here. PNG, JPEG or WebP, at most 5 MB."),
        "remove": _("Remove photo"),
        "sending": _("Uploading…"),
        "too_large": _("A photo can be at most 5 MB."),
        "failed": _("Couldn't upload the photo. Please try again."),
        "not_picture": _("We couldn't read this photo. Please use PNG, JPEG or WebP."),
        "crop": _("Crop your photo"),
        "frame": _("Visible part of the photo"),
        "keys": _("Arrow keys move it, plus and minus zoom, Enter confirms"),
        "face": _("The face"),
        "face_keys": _("Arrow keys move the circle"),
        "round": _("Round picture"),
        "crop_hint": _("Drag the photo into place and the circle onto the face: that's the round picture in chats."),
        "nearer": _("Zoom in"),
        "further": _("Zoom out"),
        "zoom": _("Zoom"),
        "take": _("Done"),
        "cancel": _("Cancel"),
    }
