"""Quota: the part of today's budget of replies that is used, for the profile."""

from __future__ import annotations

from nicegui import ui

from domain.usage.budget import Budget
from ui.request.visitor import Reader


def my_quota(reader: Reader, budget: Budget) -> None:
    """A progress bar with its text below."""
    _ = reader._
    used = min(budget.used, budget.tokens)
    words = _(
        "{used} of {all} tokens used today",
        used=_.number(budget.used),
        all=_.number(budget.tokens),
    )
    with ui.element("div").classes("quota"):
        bar = ui.element("progress").props(f"max={budget.tokens} value={used}")
        bar.props["aria-label"] = _("Used today")
        ui.label(words)
        ui.label(_("Renews at {time}.", time=reader.moment(budget.renews_at))).classes("muted")
