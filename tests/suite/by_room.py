"""Distribution of the tests over processes: those of a room stay together, those in a browser go file by file.

A process makes once what it needs for a room: a product with people in it, compiled statements, loaded libraries. By
files, each of three processes would make nearly all of it.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/e2e"
LARGEST = (
    BROWSER,
    "tests/domain/memory",
    "tests/domain/chat",
    "tests/ui/access",
    "tests/domain/cards",
    "tests/ui/api",
    "tests/domain/llm",
    "tests/domain/characters",
    "tests/ui/account",
    "tests/domain/accounts",
    "tests/domain/backup",
    "tests/domain/books",
    "tests/domain/admin",
    "tests/domain/statistics",
    "tests/domain/pictures",
)
"""They go first, so that no process is left with one at the end; those with a browser before all, since nothing
asynchronous runs beside its driver.
"""


class ByRoom(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    def _split_scope(self, nodeid: str) -> str:
        return room_of(nodeid)


def room_of(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    return file if file.startswith(BROWSER) else "/".join(file.split("/")[:3])


def place_of(nodeid: str) -> int:
    """Position in the order in which rooms are begun."""
    return next((place for place, room in enumerate(LARGEST) if nodeid.startswith(f"{room}/")), len(LARGEST))
