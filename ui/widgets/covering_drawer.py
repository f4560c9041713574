"""Drawers (side panels) by keyboard: one that covers the page takes the focus, closes with Esc and gives the focus
back, as a dialog does. Where there is room it stands beside the page, and the focus stays where it was.
"""

from __future__ import annotations

from nicegui.elements.drawer import Drawer

COVERED = 'document.querySelector(".q-drawer__backdrop:not(.hidden)")'
"""JavaScript expression for the backdrop between such a drawer and the page; a click on it closes the drawer."""
TAKE_FOCUS = f"""() => {{
  const drawer = getHtmlElement(%(id)s), before = document.activeElement;
  const isBehindDialog = document.querySelector(".q-dialog--modal, dialog:modal"); // opened while it slid in
  if (!{COVERED} || drawer.contains(before) || isBehindDialog) return;
  drawer.openedFrom = before;
  drawer.querySelector("a, button, input, select, textarea")?.focus();
}}"""
GIVE_BACK = """() => {
  const drawer = getHtmlElement(%(id)s), now = document.activeElement;
  if (now === document.body || drawer.contains(now)) drawer.openedFrom?.focus();
  drawer.openedFrom = null;
}"""
CLOSE = f"(event) => {{ if ({COVERED}) {{ event.stopPropagation(); {COVERED}.click(); }} }}"


def mind_focus(drawer: Drawer) -> None:
    drawer.on("show", js_handler=TAKE_FOCUS % {"id": drawer.id})
    drawer.on("hide", js_handler=GIVE_BACK % {"id": drawer.id})
    drawer.on("keydown.esc", js_handler=CLOSE)
