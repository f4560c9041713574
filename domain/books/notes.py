"""Notes in the texts of characters and books: what the model does not see, and what keys are looked for in; pure code.

`{{// …}}` and `{{comment: …}}` are an author's notes to themselves: they are removed, and no key fires on them.
`{{hidden_key: …}}` is removed as well, but other entries fire on its content (recursion).
"""

from __future__ import annotations

import re

_INSIDE = r"((?:[^{}]|{[^{}]*}|{{[^{}]*}})*)"
COMMENT = re.compile(r"{{\s*(?://|comment\s*:)" + _INSIDE + "}}", re.IGNORECASE)
HIDDEN_KEY = re.compile(r"{{\s*hidden_key\s*:" + _INSIDE + "}}", re.IGNORECASE)


def without_notes(text: str) -> str:
    """The text as the model reads it, and as keys are looked for in it."""
    return HIDDEN_KEY.sub("", COMMENT.sub("", text)).strip() if "{{" in text else text


def hidden_keys(text: str) -> str:
    """What keys are also looked for in, if the text is an entry's."""
    return "\n".join(found[1] for found in HIDDEN_KEY.finditer(COMMENT.sub("", text)))
