"""Response headers that several routes send."""

NOT_KEPT = {"Cache-Control": "no-store"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""For addresses that change with the content."""
