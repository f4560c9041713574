"""A portrait: choose it, drop it or paste it."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui

from domain.language import Texts

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


def photo_labels(_: Texts) -> dict[str, str]:
    return {
        "picture": _("Photo"),
        "drop": _("Drop the photo here"),
        "choose": _("Choose a photo"),
        "hint": _("Or drop or paste it here. PNG, JPEG or WebP, at most 5 MB."),
        "remove": _("Remove the photo"),
        "sending": _("Uploading…"),
        "too_large": _("A photo has at most 5 MB."),
        "failed": _("The photo could not be sent. Please try again."),
        "not_picture": _("This is not a photo we can read. PNG, JPEG and WebP work."),
    }
