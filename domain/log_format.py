"""Log formatting: each record on one line, whatever user input it repeats (protection from log injection)."""

from __future__ import annotations

import logging

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
INDENT = "    "
"""Prefix of traceback lines, so that none of them can be mistaken for a record, whatever an exception says."""


class OneLineFormatter(logging.Formatter):
    """Escapes what would end the line, move the cursor or change the text direction (OWASP ASVS 16.4.1)."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name for it
        record.message = escaped(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name for it
        return _indented(super().formatException(ei))  # type: ignore[arg-type]  # logging hands it what it wants

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's own name for it
        return _indented(stack_info)


def escaped(text: str) -> str:
    r"""The text with everything that cannot be seen as Python would write it: "\n", "\x1b", "\u202e"."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _written(sign) for sign in text)


def _written(sign: str) -> str:
    return sign.encode("unicode_escape", "surrogatepass").decode("ascii")


def _indented(lines: str) -> str:
    return "\n".join(INDENT + escaped(line) for line in lines.split("\n"))
