"""Event relay for lists: republishes events of a dialog for its user's lists, which cannot subscribe to 200 dialogs."""

from __future__ import annotations

import asyncio
import logging

from sqlmodel import select

from domain.accounts.trial_takeover import TrialTakenOver
from domain.chat.tree.events import BranchChanged, DialogListChanged, MessageSent, ReplyEnded
from domain.model.dialog import Dialog
from storage.bus import Bus, Missed
from storage.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)

REMEMBERED = 10_000
"""Cache size: dialogs whose user is known without a query, since it changes only when a trial is taken over."""

Happened = MessageSent | BranchChanged | ReplyEnded


class DialogListRelay:
    """Subscribes with `start`, ends with `close`."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._person_of: dict[int, int] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._bus.subscribe_to_all(MessageSent, self._retell, own_only=True)
        self._bus.subscribe_to_all(BranchChanged, self._retell, own_only=True)
        self._bus.subscribe_to_all(ReplyEnded, self._retell, own_only=True)
        self._bus.subscribe_to_all(TrialTakenOver, self._forget_trial)
        self._bus.subscribe_to_all(Missed, self._forget_all)

    async def close(self) -> None:
        await asyncio.gather(*self._asking)

    def _forget_trial(self, fact: TrialTakenOver) -> None:
        self._person_of = {each: whose for each, whose in self._person_of.items() if whose != fact.about}

    def _forget_all(self, _fact: Missed) -> None:
        self._person_of = {}

    def _retell(self, fact: Happened) -> None:
        if person_id := self._person_of.get(fact.about):
            self._bus.publish(DialogListChanged(person_id, fact.about))
        else:
            asking = asyncio.create_task(self._ask_and_tell(fact.about), name=f"whose is dialog {fact.about}")
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)

    async def _ask_and_tell(self, dialog_id: int) -> None:
        known = self._person_of  # replaced if forgotten meanwhile, since the answer may be from before a take-over
        try:
            async with self._database.read() as db:
                person_id = (await db.exec(select(Dialog.user_id).where(Dialog.id == dialog_id))).first()
        except DatabaseUnavailable as error:
            log.warning("A list of dialogs is not told of dialog %s: %s", dialog_id, error)
            return
        if person_id is None:  # erased in the meantime
            return
        if len(known) >= REMEMBERED:
            known.clear()
        known[dialog_id] = person_id
        self._bus.publish(DialogListChanged(person_id, dialog_id))
