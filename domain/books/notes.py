"""Notes in the texts of characters and books: hidden from the model, and partly matched by keys; pure code.

`{{// …}}` and `{{comment: …}}` are an author's notes to themselves: they are removed, and no key fires on them.
`{{hidden_key: …}}` is removed as well, but other entries fire on its content (recursion).
"""

from __future__ import annotations

import re

_INSIDE = r"((?:[^{}]|{[^{}]*}|{{[^{}]*}})*)"
COMMENT = re.compile(r"{{\s*(?://|comment\s*:)" + _INSIDE + "}}", re.IGNORECASE)
HIDDEN_KEY = re.compile(r"{{\s*hidden_key\s*:" + _INSIDE + "}}", re.IGNORECASE)


def without_notes(text: str) -> str:
    """The text as the model reads it and as keys are matched against it."""
    return HIDDEN_KEY.sub("", COMMENT.sub("", text)).strip() if "{{" in text else text


def hidden_keys(text: str) -> str:
    """The contents of an entry's hidden keys, which keys are matched against as well."""
    return "\n".join(found[1] for found in HIDDEN_KEY.finditer(COMMENT.sub("", text)))
