"""Progress as a bar, where somebody is looking: on a terminal only."""

from __future__ import annotations

import sys

from tqdm import tqdm


class ProgressBar:
    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None

    def begin(self, what: str, total: int | None = None) -> None:
        self.close()
        self._bar = tqdm(desc=what, total=total, unit="", unit_scale=True, disable=None, leave=False, file=sys.stderr)

    def advance(self, count: int) -> None:
        if self._bar is not None:
            self._bar.update(count)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
