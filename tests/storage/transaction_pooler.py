"""A pooler of transactions for tests: what PgBouncer is by `pool_mode = transaction`, with a pool of one connection."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, urlsplit

from psycopg.conninfo import conninfo_to_dict

IDLE = b"I"
"""What PostgreSQL is after a transaction, as it says when it is ready for what comes next."""


@contextmanager
def transaction_pooler(url: str) -> Generator[str]:
    """The address by which the database at `url`, whose server listens at a socket file, is reached through it."""
    parts = conninfo_to_dict(url)
    with (
        socket.socket(socket.AF_UNIX) as server,
        _Pooler(server) as pooler,
    ):
        server.connect(f"{parts['host']}/.s.PGSQL.5432")
        serving = threading.Thread(target=pooler.serve_forever, args=[0.01])
        serving.start()
        host, port = pooler.server_address[:2]
        user, database = quote(str(parts["user"])), urlsplit(url).path
        try:
            yield f"postgresql://{user}@{host!s}:{port}{database}?sslmode=disable&gssencmode=disable"
        finally:
            pooler.shutdown()
            serving.join()


class _Pooler(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, server: socket.socket) -> None:
        super().__init__(("127.0.0.1", 0), _Client)
        self.server = server
        self.turn = threading.Lock()
        self.greeting = b""


class _Client(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        pooler: Any = self.server
        with suppress(ConnectionError):
            startup = _read_message(self.request, has_kind=False)
            with pooler.turn:
                if not pooler.greeting:
                    pooler.server.sendall(startup)
                    pooler.greeting = _read_answer(pooler.server)
            self.request.sendall(pooler.greeting)
            while message := _read_message(self.request):
                with pooler.turn:
                    self._transaction(message, pooler.server)

    def _transaction(self, message: bytes, server: socket.socket) -> None:
        while True:
            if message.startswith(b"X"):
                raise ConnectionResetError
            server.sendall(message)
            if message[:1] in b"QS":  # a query, or the end of what belongs to one
                answer = _read_answer(server)
                self.request.sendall(answer)
                if answer.endswith(IDLE):
                    return
            message = _read_message(self.request)


def _read_answer(server: socket.socket) -> bytes:
    answer = b""
    while True:
        message = _read_message(server)
        answer += message
        if message.startswith(b"Z"):
            return answer


def _read_message(connection: socket.socket, *, has_kind: bool = True) -> bytes:
    head = _read(connection, 5 if has_kind else 4)
    [length] = struct.unpack("!i", head[-4:])
    return head + _read(connection, length - 4)


def _read(connection: socket.socket, length: int) -> bytes:
    content = b""
    while len(content) < length:
        part = connection.recv(length - len(content))
        if not part:
            raise ConnectionResetError
        content += part
    return content
