"""Fair-queue key of a request: in whose name it waits (storage/fair_queue.py), before the database is asked."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from starlette.requests import HTTPConnection

from domain.accounts.sessions import hash_of
from storage.fair_queue import acting_for

KEPT = 10_000
"""Cookies and tokens that are remembered, each by its hash: less than 2 MB."""
BEARER = "bearer "


class KnownPeople:
    """Whose cookies and tokens were good when they were used last. No permission hangs on it, only whose turn it is.

    What is not known here waits by the address it comes from: a made-up cookie makes nobody somebody new.
    """

    def __init__(self) -> None:
        self._people: OrderedDict[str, int] = OrderedDict()

    def note(self, secret: str, person_id: int) -> None:
        """The cookie or token is this person's, and so is what this task does from now on."""
        key = hash_of(secret)
        self._people[key] = person_id
        self._people.move_to_end(key)
        if len(self._people) > KEPT:
            self._people.popitem(last=False)
        act_for(person_id)

    def key_of(self, connection: HTTPConnection, cookie: str, ip: str) -> Hashable:
        """By whom a request or a socket waits: the person, else the address. `cookie` is the session cookie's name."""
        authorization = connection.headers.get("authorization", "")
        is_token = authorization.lower().startswith(BEARER)
        secret = authorization[len(BEARER) :] if is_token else connection.cookies.get(cookie, "")
        person_id = self._people.get(hash_of(secret)) if secret else None
        return ip if person_id is None else _of_person(person_id)


def act_for(person_id: int) -> None:
    """What this task does from now on is done in the person's name."""
    acting_for.set(_of_person(person_id))


def _of_person(person_id: int) -> Hashable:
    return "person", person_id
