"""Unsaved text: a browser asks before it leaves a page on which something was typed and not yet saved.

What the editor, the composer and the lorebooks hold is kept by themselves; this is for the framework's own fields.
"""

from __future__ import annotations

from nicegui import ui

from ui.request.notice import page_client

MARK = "data-asks-before-leaving"
SCRIPT = f"""<script>(() => {{
  const saved = new Map() // what stood in a field before somebody typed
  addEventListener("focusin", ({{ target }}) => {{
    if (target.matches?.("[{MARK}]") && !saved.has(target)) saved.set(target, target.value)
  }}, true)
  addEventListener("beforeunload", (event) => {{
    const isUnsaved = ([field, text]) => field.isConnected && field.value.trim() && field.value !== text
    if (!window.leaving && [...saved].some(isUnsaved)) event.preventDefault()
  }})
  window.typedTextIsSaved = () => {{
    for (const field of saved.keys()) saved.set(field, field.value)
  }}
}})()</script>"""
"""Script for the head of every page, on which `guard` and `text_is_saved` rely."""


def guard(field: ui.textarea) -> ui.textarea:
    """Have the browser ask before what is typed in the field is left behind; an empty field is not worth a question."""
    field.props[MARK] = True
    return field


def text_is_saved() -> None:
    """Tell the page that the text in its fields is saved, though it stays there; whatever has become of the button
    that was pressed.
    """
    if page := page_client():
        page.run_javascript("window.typedTextIsSaved()")
