"""Log formatting: each record on one line, as text or as JSON, whatever user input it repeats (protection from log
injection).
"""

from __future__ import annotations

import json
import logging
from typing import Any

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
INDENT = "    "
"""Prefix of traceback lines, so that none of them can be mistaken for a record, whatever an exception says."""


JSON_FIELDS = ("time", "level", "logger", "instance", "message", "reference", "traceback", "stack_info")
"""The only fields of an object: other packages add fields of their own to their records."""


def formatter_for(log_format: str, instance: str = "") -> logging.Formatter:
    """The formatter of LOG_FORMAT; `instance` is named in each JSON object, if there are several."""
    return _json_formatter(instance) if log_format == "json" else OneLineFormatter()


def writes_json() -> bool:
    """Whether this process's log is JSON by now."""
    formatters = [handler.formatter for handler in logging.getLogger().handlers if handler.formatter]
    return any(not isinstance(each, OneLineFormatter) for each in formatters)


def announce(text: str) -> None:
    """Tell whoever starts the server, whatever LOG_LEVEL says."""
    if not writes_json():
        print(text, flush=True)
        return
    announcements = logging.getLogger("beseda.start")
    announcements.setLevel(logging.INFO)
    for line in filter(str.strip, text.splitlines()):
        announcements.info(line.strip())


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


def _json_formatter(instance: str) -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter

    return JsonFormatter(
        ("levelname", "name", "message"),
        timestamp="time",
        rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
        static_fields={"instance": instance} if instance else {},
        json_serializer=_json_line,
    )


def _json_line(record: dict[str, Any], **options: Any) -> str:
    """Readable in any alphabet; what cannot be seen is escaped, though JSON would take it."""
    fields = {name: record[name] for name in JSON_FIELDS if name in record}
    line = json.dumps(fields, **options | {"ensure_ascii": False})
    return line if line.isprintable() else "".join(map(_json_sign, line))


def _json_sign(sign: str) -> str:
    return sign if sign.isprintable() else json.dumps(sign)[1:-1]
