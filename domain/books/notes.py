"""Notes within texts of characters and books: what a model does not get to read, and what keys look at; pure code.

`{{// …}}` and `{{comment: …}}` are an author's notes to themselves: removed, and no key fires on them. What stands in
`{{hidden_key: …}}` is removed as well, but other entries fire on it (recursion).
"""

from __future__ import annotations

import re

_INSIDE = r"((?:[^{}]|{[^{}]*}|{{[^{}]*}})*)"
COMMENT = re.compile(r"{{\s*(?://|comment\s*:)" + _INSIDE + "}}", re.IGNORECASE)
HIDDEN_KEY = re.compile(r"{{\s*hidden_key\s*:" + _INSIDE + "}}", re.IGNORECASE)


def without_notes(text: str) -> str:
    """What a model reads of it, and what keys look at."""
    return HIDDEN_KEY.sub("", COMMENT.sub("", text)).strip() if "{{" in text else text


def hidden_keys(text: str) -> str:
    """What keys look at besides, in what an entry says."""
    return "\n".join(found[1] for found in HIDDEN_KEY.finditer(COMMENT.sub("", text)))
