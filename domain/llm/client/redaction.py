"""Redaction: the provider's own words for the log, without keys, folders and anything from the conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable

BLACKED_OUT = "***"
LONGEST, END = 300, 120
"""Maximum characters of a line in the log, and how many are kept of its end if it is longer: llama.cpp first quotes the
template that failed, and only then says what is wrong.
"""
OPAQUE = re.compile(
    r"(?:Bearer|Api-Key) +\S+|\b(?:sk|pk)-[\w-]+|gpt://[^/\s]+|(?<=folder_id=)\w+"
    r"|\b(?=\w*\d)(?=\w*[a-z])[a-z0-9_+=]{16,}",
    re.IGNORECASE,
)
"""Matches what looks like a key, a token or a folder id, and not like an ordinary word or number."""
QUOTED_WORDS = 3
"""This many words in a row that also occur in the conversation count as a quotation."""
SHOWN_OF_KEYS = 6  # leading characters of a key, which servers may show
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_WORD = re.compile(r"\w+")


def redact(words: str, secrets: Iterable[str], conversation: Iterable[str]) -> str:
    """The message on one line, redacted. Providers quote what they refuse: a key, a folder, the prompt."""
    line = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), words).replace("\\n", " ")
    line = " ".join(line.split())
    for secret in filter(None, secrets):
        begun = (
            re.escape(secret[:SHOWN_OF_KEYS]) + r"[\w.+/=-]*" if len(secret) > 2 * SHOWN_OF_KEYS else re.escape(secret)
        )
        line = re.sub(begun, BLACKED_OUT, line, flags=re.IGNORECASE)
    line = OPAQUE.sub(BLACKED_OUT, line)
    line = _without_quotations(line, conversation)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - END - 3]} … {line[-END:]}"


def _without_quotations(line: str, conversation: Iterable[str]) -> str:
    said = set()
    for text in conversation:
        words = _words(text)
        said |= {tuple(words[at : at + QUOTED_WORDS]) for at in range(len(words) - QUOTED_WORDS + 1)}
        if 0 < len(words) < QUOTED_WORDS:
            said.add(tuple(words))
    found = list(_WORD.finditer(line))
    lowered = [match[0].lower() for match in found]
    quoted = set()
    for length in range(1, QUOTED_WORDS + 1):
        for at in range(len(found) - length + 1):
            if tuple(lowered[at : at + length]) in said:
                quoted |= set(range(at, at + length))
    for at in sorted(quoted, reverse=True):
        line = line[: found[at].start()] + BLACKED_OUT + line[found[at].end() :]
    return re.sub(r"\*\*\*(?:\W*\*\*\*)+", BLACKED_OUT, line)


def _words(text: str) -> list[str]:
    return [match[0].lower() for match in _WORD.finditer(text)]
