"""Response headers that several routes send."""

NOT_KEPT = {"Cache-Control": "no-store"}
