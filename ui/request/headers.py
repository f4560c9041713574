"""HTTP: response headers and addresses that several routes share."""

NOT_KEPT = {"Cache-Control": "no-store"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""For addresses that change with the content."""
SCRIPTS = "/scripts/"
"""Names below it hold a hash of the content, so browsers may keep them for good."""
