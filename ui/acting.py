"""Fair-queue key of a request (storage/fair_queue.py): the person or IP address, found without the database."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from starlette.requests import HTTPConnection

from domain.accounts.sessions import hash_of
from storage.fair_queue import acting_for

KEPT = 10_000
"""Maximum number of cookies and tokens remembered, each by its hash: under 2 MB in all."""
BEARER = "bearer "


class CredentialCache:
    """Owners of cookies and tokens valid when last used. Not for permissions, only for the order in the queue.

    Unknown ones wait under the IP address they come from: making up cookies does not make a new person.
    """

    def __init__(self) -> None:
        self._people: OrderedDict[str, int] = OrderedDict()

    def note(self, secret: str, person_id: int) -> None:
        """Remember whose cookie or token this is; from now on this task acts for that person."""
        key = hash_of(secret)
        self._people[key] = person_id
        self._people.move_to_end(key)
        if len(self._people) > KEPT:
            self._people.popitem(last=False)
        act_for(person_id)

    def key_of(self, connection: HTTPConnection, cookie: str, ip: str) -> Hashable:
        """The queue key of a request or a socket: the person, else the IP. `cookie` is the session cookie's name."""
        authorization = connection.headers.get("authorization", "")
        is_token = authorization.lower().startswith(BEARER)
        secret = authorization[len(BEARER) :] if is_token else connection.cookies.get(cookie, "")
        person_id = self._people.get(hash_of(secret)) if secret else None
        return ip if person_id is None else _of_person(person_id)


def act_for(person_id: int) -> None:
    """Let this task act for the person from now on."""
    acting_for.set(_of_person(person_id))


def _of_person(person_id: int) -> Hashable:
    return "person", person_id
