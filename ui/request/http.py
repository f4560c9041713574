"""What routes share: addresses, headers, parameters."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from storage.columns import LARGEST_ID

SomeId = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]

PREFIX = "/api"
