"""Permissions of those who have not signed up: every use case that names its caller, in one table.

A new use case is refused by default; one that is to be allowed needs its line in `ALLOWED`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, timedelta
from typing import Any

import pytest

from domain.accounts.providers import GITHUB, ProviderProfile
from domain.admin.announcements import AnnouncementFields, Level
from domain.admin.page_texts import PageKind
from domain.audit.dialog_access import ReadingReason
from domain.books.entry_form import EntryForm
from domain.cards.writing import CardKind
from domain.characters.gallery_query import GalleryQuery
from domain.characters.writing_prompt import WritingTask
from domain.chat.recently_deleted import Kind
from domain.chat.transcript.saved_dialog import SavedDialog
from domain.clock import now
from domain.errors import AppError, NeedsAccount
from domain.language import Texts
from domain.model.character import Character
from domain.model.dialog import Feedback
from domain.model.user import User
from domain.moderation.enforcement import Decision
from domain.moderation.measure import MeasureKind
from domain.moderation.reports import Complaint
from domain.services.groups import Services
from domain.statistics.period_stats import Period
from tests.domain.conftest import filled
from tests.domain.trials.conftest import Place, Stranger

GROUPS = ("accounts", "characters", "cards", "pictures", "chat", "moderation", "audit", "admin")
ALLOWED = {
    "sessions.check": "the page of the conversation is theirs",
    "sessions.log_out": "ends nobody's session but one's own",
    "chat.open": "reading it",
    "chat.look": "reading it",
    "chat.refresh": "reading it",
    "chat.send": "talking",
    "chat.stop": "talking",
    "memory.bar": "reading it",
    "memory.overview": "reading it",
    "branches.answer": "talking, and counted",
    "branches.edit": "talking, and counted",
    "branches.regenerate": "talking, within a bound of its own",
    "branches.switch_branch": "reading it",
    "replies.reply": "reading it, where it was asked for",
    "replies.subscribe": "reading it, where it was asked for",
    "replies.wait_until_ended": "reading it, where it was asked for",
    "measures.in_force_on_caller": "why one may only read",
}
"""And why."""


def use_cases(services: Services) -> Iterator[tuple[str, Callable[..., Any]]]:
    for group in GROUPS:
        for field in fields(getattr(services, group)):
            service = getattr(getattr(services, group), field.name)
            for name, method in inspect.getmembers(service, inspect.ismethod):
                if not name.startswith("_") and "caller" in inspect.signature(method).parameters:
                    yield f"{field.name}.{name}", method


async def sample(services: Services, stranger: Stranger, marina: Character) -> dict[str, Any]:
    """A valid value for every parameter of a use case, by its name."""
    conversation = await services.chat.chat.open(stranger.caller, stranger.dialog_id)
    message_id = conversation.messages[-1].id
    moment = now()
    return {
        "caller": stranger.caller,
        "about": "",
        "answer": "",
        "appeal_id": 1,
        "announcement_id": 1,
        "archive": b"",
        "before": None,
        "blocked": True,
        "book_id": 1,
        "by": 1,
        "card": "{}",
        "character_id": marina.id,
        "chapter_id": 1,
        "client_id": "1",
        "colours": lambda _name, _portrait: ("#111", "#eee"),
        "complaint": Complaint.SPAM,
        "content": {"name": "Марина"},
        "data": b"{}",
        "decision": Decision(MeasureKind.HIDDEN, Complaint.SPAM, "Так нельзя."),
        "dialog_id": stranger.dialog_id,
        "dialog_ids": [stranger.dialog_id],
        "display_name": "Ира",
        "email": "ira@example.org",
        "entries": [],
        "entry_id": 1,
        "fact_id": 1,
        "favourite": True,
        "feedback": Feedback.UP,
        "field": "bio",
        "filled": filled(),
        "form": "ты",
        "form_of_address": "вы",
        "gender": "female",
        "given": {},
        "granted": True,
        "hidden": True,
        "ids": {message_id},
        "item_id": message_id,
        "keep_public": False,
        "kind": PageKind.RULES,
        "language": "en",
        "largest": 1,
        "limit": 10,
        "measure_id": 1,
        "message_id": message_id,
        "message_ids": [message_id],
        "model": services.chat.model_choice.models[0],
        "name": "Мир",
        "new": "лошадь скрепка батарейка",
        "notice_ids": [1],
        "number": 1,
        "old": "",
        "on": True,
        "password": "",
        "period": Period(moment - timedelta(days=1), moment),
        "photo": b"",
        "pin_id": 1,
        "pinned": True,
        "profile": ProviderProfile(subject="1"),
        "proof": "",
        "provider": GITHUB,
        "reason": ReadingReason.REPORT,
        "report_id": 1,
        "username": "irina",
        "version": "",
        "version_id": 1,
        "world_id": 1,
        "_": Texts("ru"),
        "saved": SavedDialog(marina.id, marina.name, "", moment, [], None),
        "session_id": stranger.caller.session_id,
        "text": "Добрый вечер!",
        "title": "Вечер",
        "token": "0" * 32,
        "tokens": 1,
        "temperature": 0.5,
        "until": moment + timedelta(days=1),
        "user_id": 1,
        "value": 5,
        "wanted": GalleryQuery(),
        "wish": WritingTask.WRITE,
        "words": "море",
        "zone": UTC,
    }


async def is_refused(method: Callable[..., Any], given: dict[str, Any]) -> bool:
    parameters = inspect.signature(method).parameters.values()
    required = (each for each in parameters if each.default is each.empty and each.kind is not each.VAR_KEYWORD)
    arguments = {each.name: given[each.name] for each in required}
    try:
        answer = method(**arguments)
        if inspect.isasyncgen(answer):
            async for _piece in answer:
                break
        else:
            await answer
    except AppError as error:
        return isinstance(error, NeedsAccount)
    return False


async def test_somebody_without_an_account_may_talk_and_nothing_else(
    place: Place, services: Services, marina: Character
) -> None:
    stranger = await place.stranger(marina)
    given = await sample(services, stranger, marina)
    cases = dict(use_cases(services))
    assert cases.keys() > ALLOWED.keys()
    announcement = {"filled": AnnouncementFields(Level.INFO, "Новое")}
    special: dict[str, dict[str, Any]] = {
        "announcements.create": announcement,
        "announcements.change": announcement,
        "recently_deleted.erase": {"kind": Kind.MESSAGE},
        "entries.save": {"form": EntryForm()},
        "exporting.export": {"kind": CardKind.JSON},
        "exporting.export_many": {"kind": CardKind.JSON},
    }
    may = []
    for name, method in cases.items():
        arguments = given | special.get(name, {})
        if name not in ALLOWED and not await is_refused(method, arguments):
            may.append(name)
    assert may == [], "what is not in the table of what is allowed needs an account"


async def test_a_trial_is_no_account_of_the_totals(services: Services, place: Place, marina: Character) -> None:
    stranger = await place.stranger(marina)
    async with services.database.read() as db:
        user = await db.get_one(User, stranger.caller.user_id)
    assert (user.is_trial, user.email, user.password_hash) == (True, None, None)


@pytest.mark.parametrize("name", ["chat.open", "chat.refresh", "sessions.check"])
async def test_what_is_allowed_works(name: str, services: Services, place: Place, marina: Character) -> None:
    stranger = await place.stranger(marina)
    given = await sample(services, stranger, marina)
    assert not await is_refused(dict(use_cases(services))[name], given)
