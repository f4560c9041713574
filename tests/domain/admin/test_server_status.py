"""Server status, as an admin sees it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.admin.server_status import ServerHealth
from domain.clock import now
from domain.errors import NotAllowed
from domain.mail.outbox import QueuedMail
from storage.files import Files
from tests.domain.admin.crowd import an_admin
from tests.domain.chat.conftest import ChatWorld
from tests.s3_server import S3Server


async def test_an_admin_sees_how_the_server_is_doing_and_no_secret_of_it(world: ChatWorld, tmp_path: Path) -> None:
    admin, ira = await an_admin(world.database), await world.somebody()
    state = ServerHealth(world.database, world.reply_writer, tmp_path)
    dialog = await world.dialog(ira)
    world.llm.answer(fault="403")
    await world.chat.send(ira, dialog, "Привет!", "1")
    await world.ended(ira, dialog)
    async with world.database.write() as db:
        for tries in (0, 3):
            letter: dict[str, Any] = {"recipient": "a@b.test", "subject": "Тайна", "text": "Тайна", "good_until": now()}
            db.add(QueuedMail(tries=tries, **letter))
    seen = await state.now(admin)
    assert (seen.database.dialect, seen.database.revision > "0005") == (world.database.dialect, True)
    assert seen.database.size > 100_000
    assert (seen.model.places, seen.model.busy, seen.model.waiting) == (2, 0, 0)
    assert (seen.model.replies, seen.model.failed) == (1, 1)
    [fault] = seen.model.faults
    assert (fault.code, fault.count) == ("key_rejected", 1)
    assert timedelta() <= now() - fault.last_at < timedelta(minutes=5)
    assert (seen.letters.waiting, seen.letters.failing) == (2, 1)
    assert 0 < seen.disk.free <= seen.disk.size
    assert seen.bucket_answers is None
    shown = str(asdict(seen))
    for secret in ("Тайна", "a@b.test", str(tmp_path), "folder", "postgresql://"):
        assert secret not in shown
    with pytest.raises(NotAllowed):
        await state.now(ira)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_an_admin_sees_whether_the_bucket_of_pictures_answers(
    world: ChatWorld, tmp_path: Path, s3: S3Server
) -> None:
    admin = await an_admin(world.database)
    state = ServerHealth(world.database, world.reply_writer, tmp_path, bucket=Files(s3.opened()))
    assert (await state.now(admin)).bucket_answers is True
    with s3.stopped():
        assert (await state.now(admin)).bucket_answers is False
