"""Files in a bucket of an S3-compatible service: `4f…/small.webp` is an object's key, below the prefix of the address.

While the service is away, one request at a time probes it until it answers again; all others fail at once.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from storage.files import Entry, FilesUnavailable, StoredFile

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore.store import BackoffConfig, S3Config

log = logging.getLogger(__name__)

TO_READ, TO_WRITE = 4.0, 10.0
"""Timeouts in seconds, retries included. While a browser waits for six pictures, it requests nothing else."""
CONNECTING = timedelta(seconds=2)
BACKOFF: BackoffConfig = {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=1), "base": 2}
AT_ONCE = 32
FAILURES = 3
"""Consecutive failures after which the service counts as away."""
REST = 2.0
"""Seconds between two probes of a service that is away."""
CAUSE = re.compile(r'<Code>(\w+)</Code>|(?:message|error): "([^"]+)"')
NO_BUCKET = "NoSuchBucket"
CHECKED = b"a check"


class Bucket:
    """`url` is `s3://bucket` or `s3://bucket/prefix`. Without a key, the service's usual sources of credentials are
    used: the environment, the role of the machine or container.
    """

    def __init__(self, url: str, *, endpoint: str = "", region: str = "", key_id: str = "", secret: str = "") -> None:
        where = urlsplit(url)
        config: S3Config = {"disable_bulk_delete": True}  # not every service supports it
        if endpoint:
            config["endpoint"] = endpoint
        if region:
            config["region"] = region
        if key_id:
            config |= {"access_key_id": key_id, "secret_access_key": secret}
        self._store = S3Store(
            where.netloc,
            prefix=where.path.strip("/") or None,
            config=config,
            client_options={"allow_http": endpoint.startswith("http://"), "connect_timeout": CONNECTING},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=TO_READ), "backoff": BACKOFF},
        )
        self._places = asyncio.Semaphore(AT_ONCE)
        self._failures = 0
        self._asked_again_at = 0.0

    async def write(self, files: Mapping[str, bytes]) -> None:
        """Files left by a failure have no row: the sweeper deletes them (domain/characters/unused_photos.py)."""
        async with self._asking(TO_WRITE):
            for name, data in files.items():
                await obstore.put_async(self._store, name, data, use_multipart=False)

    async def read(self, name: str) -> StoredFile | None:
        """Read the whole file: a picture takes less than a megabyte. So no slow reader holds a connection to the
        service, and if it goes away halfway, that is known before our response has begun.
        """
        async with self._asking(TO_READ):
            try:
                found = await obstore.get_async(self._store, name)
                return StoredFile(bytes(await found.bytes_async()), found.meta["last_modified"])
            except FileNotFoundError as missing:
                if NO_BUCKET in str(missing):
                    raise
                return None

    async def entries(self, token: str = "") -> AsyncIterator[Entry]:
        pages = aiter(obstore.list(self._store, prefix=token or None))
        while True:
            async with self._asking(TO_READ):
                page = await anext(pages, None)
            if page is None:
                return
            for each in page:
                yield Entry(each["path"], each["last_modified"])

    async def delete(self, names: Iterable[str]) -> None:
        if keys := list(names):
            async with self._asking(TO_READ):  # the short timeout: the sweeper deletes later whatever is left
                await obstore.delete_async(self._store, keys)

    async def check(self) -> None:
        name = f"{secrets.token_hex(16)}/check.txt"
        await self.write({name: CHECKED})
        await self.read(name)
        await self.delete([name])

    @asynccontextmanager
    async def _asking(self, within: float) -> AsyncGenerator[None]:
        """Wrap a request to the service: its faults become `FilesUnavailable`, and after enough of them it is away."""
        self._refuse_while_away()
        async with self._places:
            self._refuse_while_away()  # it may have gone away while we waited for a place
            self._asked_again_at = time.monotonic() + REST  # if it is away, only this call probes it
            try:
                async with asyncio.timeout(within):
                    yield
            except TimeoutError:
                raise self._failed("no answer in time") from None
            except (BaseError, FileNotFoundError) as error:  # its text names keys and pictures
                raise self._failed(_cause(error)) from None
        if self._failures >= FAILURES:
            log.warning("The bucket of pictures answers again")
        self._failures = 0

    def _refuse_while_away(self) -> None:
        if self._failures >= FAILURES and time.monotonic() < self._asked_again_at:
            raise FilesUnavailable("away")

    def _failed(self, cause: str) -> FilesUnavailable:
        self._failures += 1
        if self._failures <= FAILURES:
            log.warning("The bucket of pictures does not answer, or refuses us: %s", cause)
        self._asked_again_at = time.monotonic() + REST
        return FilesUnavailable(cause)


def _cause(error: Exception) -> str:
    """The cause in a few words: the service's own error code, or that of the connection."""
    found = CAUSE.search(str(error))
    return next(filter(None, found.groups()), "") if found else type(error).__name__
