"""Carriers of messages between the instances of a test, with their faults: cut, frozen, used by strangers."""

from __future__ import annotations

import os
import signal
from typing import Protocol

import psycopg
from redis import Redis

from storage.wire.select import channel_of, wire_for
from storage.wire.wire import Wire
from tests.redis_server import RedisServer

SECRET = "the same on all instances"


class Carrier(Protocol):
    def wire(self, instance: str, secret: str = SECRET) -> Wire: ...
    def cut(self) -> None: ...
    def freeze(self) -> None: ...
    def thaw(self) -> None: ...
    def say(self, words: str) -> None:
        """Publish as somebody who is no instance of Beseda."""
        ...


class PostgresqlCarrier:
    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = psycopg.connect(url, autocommit=True)
        self._frozen: list[int] = []

    def wire(self, instance: str, secret: str = SECRET) -> Wire:
        return wire_for(self._url, "", instance=instance, secret=secret)

    def cut(self) -> None:
        for pid in self._backends():
            self._connection.execute("SELECT pg_terminate_backend(%s)", [pid])

    def freeze(self) -> None:
        self._frozen = self._backends()
        for pid in self._frozen:
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        while self._frozen:
            os.kill(self._frozen.pop(), signal.SIGCONT)

    def say(self, words: str) -> None:
        self._connection.execute("SELECT pg_notify(%s, %s)", [channel_of(SECRET), words])

    def close(self) -> None:
        self.thaw()
        self._connection.close()

    def _backends(self) -> list[int]:
        found = self._connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'beseda bus' AND datname = current_database()"
        )
        return [pid for (pid,) in found]


class RedisCarrier:
    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self._client = Redis.from_url(server.url)

    def wire(self, instance: str, secret: str = SECRET) -> Wire:
        return wire_for("postgresql://database.invalid/beseda", self.server.url, instance=instance, secret=secret)

    def cut(self) -> None:
        self._client.client_kill_filter(_type="pubsub")
        self._client.client_kill_filter(_type="normal", skipme=True)

    def freeze(self) -> None:
        self.server.freeze()

    def thaw(self) -> None:
        self.server.thaw()

    def say(self, words: str) -> None:
        for channel in self._client.pubsub_channels():
            self._client.publish(channel, words)

    def close(self) -> None:
        self.thaw()
        self._client.close()
