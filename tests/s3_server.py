"""Fake S3 service: moto's, by real HTTP on loopback. Its contents survive a stop and a start."""

from __future__ import annotations

import http.client
import logging
import socket
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Self

from tests.ports import free_port

if TYPE_CHECKING:  # they take a second to load: only where they are used
    from moto.server import ThreadedMotoServer

    from storage.bucket import Bucket

HOST = "127.0.0.1"
KEY_ID, SECRET = "a-key-id", "a-secret-of-the-bucket"
REGION = "ru-central1"
NUMBERS = count(1)


class S3Server:
    """`with S3Server() as server:`, with an empty bucket; stopped and started by hand, the port stays the same."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"http://{HOST}:{self._port}"
        self.bucket = "none-yet"
        self._running: ThreadedMotoServer | None = None

    def start(self) -> None:
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # not a line for each request
        self._running = ThreadedMotoServer(HOST, self._port, verbose=False)
        self._running.start()

    def stop(self) -> None:
        """Stop the server; connections are refused from now on."""
        if self._running and self._running._server:
            self._running.stop()
            self._running._server.server_close()
        self._running = None

    @contextmanager
    def stopped(self) -> Generator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Generator[socket.socket]:
        """Within the block, connections are accepted and never answered."""
        with self.stopped(), socket.create_server((HOST, self._port), backlog=1000) as door:
            yield door

    def new_bucket(self) -> None:
        """Create an empty bucket, to which `settings` and `opened` refer from now on."""
        self.bucket = f"pictures-{next(NUMBERS)}"
        signed_for_a_place = f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20260101/us-east-1/s3/aws4_request"
        asking = http.client.HTTPConnection(HOST, self._port)
        asking.request("PUT", f"/{self.bucket}", headers={"Authorization": signed_for_a_place})
        assert asking.getresponse().status == http.HTTPStatus.OK
        asking.close()

    @property
    def settings(self) -> dict[str, str]:
        """Settings of the product, as environment variables."""
        return {
            "PICTURES_URL": f"s3://{self.bucket}/photos",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def opened(self, url: str = "") -> Bucket:
        from storage.bucket import Bucket

        url = url or self.settings["PICTURES_URL"]
        return Bucket(url, endpoint=self.url, region=REGION, key_id=KEY_ID, secret=SECRET)

    def __enter__(self) -> Self:
        self.start()
        self.new_bucket()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
