"""Permissions on open pages: every service method checks them again, whatever page is open; found by inspection.

A service in `App` or a method with a `caller` is covered from the day it is written; one that takes something of a new
kind fails here until `SAMPLES` has one of it.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count
from operator import attrgetter
from typing import Any, get_type_hints

import pytest

from domain.accounts.providers import GITHUB, Provider, ProviderProfile
from domain.accounts.sessions import Caller, LoginSession
from domain.admin.announcements import AnnouncementFields, Level
from domain.admin.page_texts import PageKind
from domain.audit.dialog_access import ReadingReason
from domain.books.entry_form import EntryForm
from domain.cards.writing import CardKind
from domain.characters.gallery_query import GalleryQuery
from domain.characters.writing_prompt import WritingTask
from domain.chat.ask import PendingReply
from domain.chat.recently_deleted import Kind
from domain.chat.transcript.saved_dialog import SavedDialog
from domain.clock import now
from domain.errors import Blocked, Invalid, NotAdmin, NotAllowed, NotFound, SignedOut
from domain.language import Texts
from domain.model.audit_entry import AuditEntry
from domain.model.character import Character
from domain.model.dialog import Feedback
from domain.model.user import User
from domain.moderation.enforcement import Decision
from domain.moderation.measure import MeasureKind
from domain.moderation.reports import Complaint
from domain.settings.settings import Settings
from domain.statistics.period_stats import Period
from main import build_server
from tests.conftest import MIGRATED
from tests.domain.conftest import PASSWORD, filled
from tests.domain.pictures.photos import a_photo
from tests.postgres import Server
from ui.app import App

numbers = count(1)
SAMPLES: dict[object, Callable[[], object]] = {
    int: lambda: 1,
    int | None: lambda: 1,
    float: lambda: 0.5,
    float | None: lambda: 0.5,
    bool: lambda: True,
    bool | None: lambda: True,
    str: lambda: PASSWORD,
    str | None: lambda: None,
    Feedback | None: lambda: Feedback.UP,
    bytes: a_photo,
    set[int]: lambda: {1},
    Collection[int]: lambda: [1],
    Collection[AuditEntry]: list,
    Sequence[str]: lambda: ["слово"],
    Sequence[int]: lambda: [1],
    Mapping[str, Any]: dict,
    CardKind: lambda: CardKind.PNG,
    EntryForm: EntryForm,
    Callable[[str, int], tuple[str, str]]: lambda: lambda _name, _portrait: ("#111", "#eee"),
    dict[str, Any]: dict,
    Character: filled,
    GalleryQuery: GalleryQuery,
    PageKind: lambda: PageKind.RULES,
    WritingTask: lambda: WritingTask.SHORTEN,
    PendingReply: lambda: PendingReply(1, 1),
    Provider: lambda: GITHUB,
    ProviderProfile: lambda: ProviderProfile("7"),
    SavedDialog: lambda: SavedDialog(1, "Марина", "", now(), [], None),
    Kind: lambda: Kind.CHAT,
    datetime: lambda: now() + timedelta(days=1),
    tzinfo: lambda: UTC,
    Texts: lambda: Texts("ru"),
    Period: lambda: Period(now() - timedelta(days=1), now()),
    Decision: lambda: Decision(MeasureKind.HIDDEN, Complaint.SPAM),
    Complaint: lambda: Complaint.SPAM,
    ReadingReason: lambda: ReadingReason.FAULT,
    AnnouncementFields: lambda: AnnouncementFields(Level.INFO, "Скоро перерыв."),
}
MAY_BE_OVER = {"SessionList.log_out"}
"""Logging out again is no complaint."""
FOR_THE_BLOCKED = {
    "Accounts.choose_appearance",
    "Appeals.create",
    "SessionList.log_out",
    "DataExport.begin",
    "Dialogs.exportable",
    "Dialogs.transcript",
    "AccountErasure.delete",
    "AccountErasure.mail_code",
    "Measures.in_force_on_caller",
    "Notifications.list_own",
    "Notifications.seen",
    "Notifications.unseen_count",
    "Photos.check",
}
"""What blocked people may do: read why, answer, take their conversations along, see their own picture, leave."""
FOR_EVERYBODY = {
    "Appeals.create",
    "Measures.in_force_on_caller",
    "Notifications.list_own",
    "Notifications.seen",
    "Notifications.unseen_count",
    "Quotas.own_budget",
    "Reports.file",
}
"""What of domain/admin people ask for themselves."""
SPECIAL = {
    "gender": "female",
    "form_of_address": "ты",
    "language": "ru",
    "email": "new@example.org",
    "client_id": "1",
    "display_name": "Ира",
    "username": "ira",
    "model": "yandexgpt-lite/latest",
}


def services() -> dict[str, type]:
    """By the way to them in `App`, such as "chat.branches"."""
    groups = {group: kind for group, kind in get_type_hints(App).items() if kind.__module__ == "domain.services.groups"}
    return {f"{group}.{name}": kind for group, of in groups.items() for name, kind in get_type_hints(of).items()}


def actions() -> Iterator[tuple[str, str]]:
    for service, kind in services().items():
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            is_awaited = inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)
            takes_caller = "caller" in inspect.signature(method).parameters
            if is_awaited and takes_caller and not name.startswith("_"):
                yield service, name


def arguments(method: Callable[..., Any], caller: Caller) -> dict[str, object]:
    hints = get_type_hints(method)
    given: dict[str, object] = {"caller": caller}
    for name, parameter in inspect.signature(method).parameters.items():
        is_optional = parameter.default is not parameter.empty or parameter.kind is parameter.VAR_KEYWORD
        if name in {"self", "caller"} or is_optional:
            continue
        assert hints[name] in SAMPLES, f"{method.__qualname__} takes a {hints[name]}: SAMPLES needs one"
        given[name] = SPECIAL.get(name, SAMPLES[hints[name]]())
    return given


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[App]:
    """One for all cases on a database: each has somebody of its own, and is refused."""
    folder = tmp_path_factory.mktemp("app")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), folder / "beseda.db")
        database_url = f"sqlite:///{folder / 'beseda.db'}"
    else:
        server: Server = request.getfixturevalue("migrated_postgres")
        database_url = server.create("open_pages", MIGRATED)
    app, _ = build_server(Settings(_env_file=None, database_url=database_url, data_dir=folder))
    yield app
    await app.database.close()
    if request.param == "postgresql":
        server.drop("open_pages")


async def somebody(app: App, *, is_blocked: bool = False, is_admin: bool = True) -> Caller:
    email = f"{next(numbers)}@example.org"
    async with app.database.write() as db:
        user = User(email=email, email_key=email, display_name="Ира", is_admin=is_admin)
        user.is_blocked = is_blocked
        db.add(user)
        await db.flush()
        tomorrow = now() + timedelta(days=1)
        session = LoginSession(user_id=user.id, token_hash=email, entered_at=now(), expires_at=tomorrow)
        db.add(session)
        await db.flush()
        return Caller(session.id, user.id)


async def done(app: App, service: str, name: str, caller: Caller) -> None:
    method = attrgetter(f"{service}.{name}")(app)
    result = method(**arguments(method, caller))
    if inspect.isasyncgen(result):
        async for _ in result:
            return
    else:
        await result


def test_the_actions_are_found() -> None:
    found = [f"{services()[service].__name__}.{name}" for service, name in actions()]
    assert {
        "Chat.send",
        "Branches.edit",
        "Characters.save",
        "ProfileEditing.set_password",
        "AccountErasure.delete",
    } <= {*found}
    assert len(found) > 40


@pytest.mark.parametrize(("service", "name"), [*actions()])
async def test_an_action_is_refused_when_the_session_has_ended(app: App, service: str, name: str) -> None:
    caller = await somebody(app)
    await app.accounts.sessions.log_out(caller)
    if f"{services()[service].__name__}.{name}" in MAY_BE_OVER:
        await done(app, service, name, caller)
        return
    with pytest.raises(SignedOut):
        await done(app, service, name, caller)


@pytest.mark.parametrize(("service", "name"), [*actions()])
async def test_an_action_is_refused_when_its_doer_is_blocked(app: App, service: str, name: str) -> None:
    caller = await somebody(app, is_blocked=True)
    if f"{services()[service].__name__}.{name}" in FOR_THE_BLOCKED:
        with suppress(NotFound, Invalid, NotAllowed):  # it is looked at, and there is nothing
            await done(app, service, name, caller)
        return
    with pytest.raises(Blocked):
        await done(app, service, name, caller)


def actions_of_admins() -> Iterator[tuple[str, str]]:
    for service, name in actions():
        kind = services()[service]
        if (
            kind.__module__.startswith(("domain.admin.", "domain.audit.", "domain.moderation.", "domain.statistics."))
            and f"{kind.__name__}.{name}" not in FOR_EVERYBODY
        ):
            yield service, name


@pytest.mark.parametrize(("service", "name"), [*actions_of_admins()])
async def test_an_action_of_admins_is_refused_to_whoever_is_none_any_more(app: App, service: str, name: str) -> None:
    caller = await somebody(app, is_admin=False)
    with pytest.raises(NotAdmin):
        await done(app, service, name, caller)
