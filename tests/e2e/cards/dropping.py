"""Files dragged over a page and dropped, or pasted, by the events that a browser dispatches."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from playwright.sync_api import JSHandle, Page

KINDS = {"png": "image/png", "json": "application/json"}


def carried(page: Page, files: Mapping[str, bytes]) -> JSHandle:
    """A `DataTransfer` with these files: what a mouse drags, or the clipboard holds."""
    told = [[name, KINDS.get(name.rpartition(".")[2], ""), b64encode(data).decode()] for name, data in files.items()]
    return page.evaluate_handle(
        """(told) => {
          const carried = new DataTransfer();
          for (const [name, type, data] of told)
            carried.items.add(new File([Uint8Array.from(atob(data), (each) => each.charCodeAt(0))], name, { type }));
          return carried;
        }""",
        told,
    )


def hover(page: Page, files: Mapping[str, bytes], at: str = "body") -> None:
    page.dispatch_event(at, "dragover", {"dataTransfer": carried(page, files)})


def drop(page: Page, files: Mapping[str, bytes], at: str = "body") -> None:
    hover(page, files, at)
    page.dispatch_event(at, "drop", {"dataTransfer": carried(page, files)})


def paste(page: Page, files: Mapping[str, bytes]) -> None:
    page.evaluate(
        """(clipboardData) => {
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        carried(page, files),
    )


def paste_text(page: Page, text: str) -> None:
    page.evaluate(
        """(text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        text,
    )
