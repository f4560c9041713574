"""Moderation notifications: an in-app notice about a measure, and a mail to users with an address."""

from __future__ import annotations

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.notices import NoticeKind, post_notification
from domain.accounts.profile import NEWS_LIFE
from domain.clock import now
from domain.language import Texts
from domain.mail.letters import Mail
from domain.mail.measure_letters import appeal_letter, lifted_letter, measure_letter
from domain.mail.outbox import Outbox
from domain.model.character import Character
from domain.model.user import User
from domain.moderation.measure import Measure
from domain.moderation.reasons import REASONS
from storage.bus import Bus


class MeasureNotifier:
    """`address` is the public base URL for links."""

    def __init__(self, bus: Bus, outbox: Outbox, *, address: str) -> None:
        self._bus = bus
        self._outbox = outbox
        self._address = address

    def notify_imposed(
        self, db: AsyncSession, person: User, measure: Measure, character: Character | None, *, sends_letter: bool
    ) -> None:
        """Notify the user that a measure was imposed."""
        post_notification(db, self._bus, person.id, NoticeKind.MEASURE, _told(measure, character))
        if person.email and sends_letter:
            letter = measure_letter(
                Texts(person.language),
                person.email,
                measure.kind,
                _name(character),
                reason=REASONS[measure.reason],
                words="\n\n".join(filter(None, [measure.words, measure.field_words])),
                until=measure.until,
                link=self._address,
            )
            self._post(db, letter)

    def notify_lifted(self, db: AsyncSession, person: User, measure: Measure, character: Character | None) -> None:
        """Notify the user that a measure was lifted."""
        post_notification(db, self._bus, person.id, NoticeKind.MEASURE_LIFTED, _told(measure, character))
        if person.email:
            _ = Texts(person.language)
            self._post(db, lifted_letter(_, person.email, measure.kind, _name(character), self._address))

    def notify_answered(
        self,
        db: AsyncSession,
        person: User,
        measure: Measure,
        character: Character | None,
        *,
        granted: bool,
        answer: str,
    ) -> None:
        """Notify the user that an appeal was answered."""
        told = _told(measure, character) | {"granted": granted, "answer": answer}
        post_notification(db, self._bus, person.id, NoticeKind.APPEAL_ANSWERED, told)
        if person.email:
            letter = appeal_letter(
                Texts(person.language),
                person.email,
                measure.kind,
                _name(character),
                granted=granted,
                answer=answer,
                link=self._address,
            )
            self._post(db, letter)

    def _post(self, db: AsyncSession, letter: Mail) -> None:
        self._outbox.enqueue(db, letter, good_until=now() + NEWS_LIFE)


def _name(character: Character | None) -> str:
    return character.name if character else ""


def _told(measure: Measure, character: Character | None) -> dict[str, Any]:
    return {
        "measure_id": measure.id,
        "kind": measure.kind.value,
        "reason": measure.reason.value,
        "words": measure.words,
        "until": measure.until.isoformat() if measure.until else None,
        "character_id": measure.character_id,
        "character": _name(character),
    }
