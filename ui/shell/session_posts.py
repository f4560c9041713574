"""Posts to the session routes: what only a plain request of the browser can do, since it sets or drops cookies."""

from __future__ import annotations

import json

from nicegui import ui


def post(address: str, body: dict[str, str], *, then: str = "") -> None:
    """Have the browser post to one of our session routes, then go to `then` (default: reload the page)."""
    onward = f"location.href = {json.dumps(then)}" if then else "location.reload()"
    stay = "window.leaving = false"  # the server did not answer
    ui.run_javascript(
        f"window.leaving = true; {_posting(address, body)}.then(() => {{ {onward} }}, () => {{ {stay} }})"
    )


def keep_preference(name: str, value: str) -> None:
    """Have the browser post a choice that takes effect without a reload."""
    ui.run_javascript(_posting("/preferences", {name: value}))


def exchange_ticket(ticket: str, then: str) -> None:
    """After a log-in: the browser exchanges its ticket for the session cookie and goes on to `then`."""
    post("/enter", {"ticket": ticket}, then=then)


def _posting(address: str, body: dict[str, str]) -> str:
    return (
        f"fetch({json.dumps(address)}, {{method: 'POST', headers: {{'Content-Type': 'application/json'}},"
        f" body: {json.dumps(json.dumps(body))}}})"
    )
