"""Ctrl+C (SIGINT) that nothing else handles: ends the command without a traceback through the imports under way."""

from __future__ import annotations

import sys
from types import TracebackType


def end_quietly_when_interrupted() -> None:
    """Leave out the traceback of an unhandled Ctrl+C. The exit code stays that of a program ended by the signal."""
    sys.excepthook = _tell


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
