"""Database statements of one turn: each of them, through the page and through the API, on both databases."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from sqlmodel import SQLModel

from tests.conftest import MIGRATED
from tests.e2e.product import Product
from tests.llm_server import LlmServer
from tests.pages import Line, Page, fetch, line
from tests.postgres import Server
from tests.ui.access.conftest import session_of
from tests.ui.api.conftest import WAIT, Town

PATIENCE = 60  # seconds

REPLY = Counter(
    {
        # The prompt: as much of the path as fits, with its texts, and whether they may still talk.
        "SELECT message dialog character user": 1,
        "SELECT dialog user": 1,  # its end: the rows are locked
        "UPDATE message": 1,
        "INSERT usage": 1,
        "UPDATE dialog": 1,
    }
)
SENT = Counter(
    {
        "SELECT dialog user login_session": 1,  # the rows are locked
        # Who may talk, what is running, what was sent; lorebooks for the prompt, and the jump pointers above.
        "SELECT character user dialog message book character_world dialog_world": 1,
        "INSERT message": 2,
        "UPDATE dialog": 1,
    }
)
SHOWN = Counter({"SELECT dialog character user login_session": 1, "SELECT message": 1})
LISTED = Counter({"SELECT dialog character message user login_session": 1})
LOOKED = Counter(
    {
        "SELECT login_session user": 1,  # whose cookie it is
        # With whom the dialog is, whether a reply is being written, what stands behind it.
        "SELECT dialog character user message character_card login_session": 1,
        "SELECT notice user login_session": 1,
    }
)
OPENED = Counter({"SELECT login_session user": 1, "SELECT notice user login_session": 1})
PAGE = OPENED + SENT + REPLY + SHOWN + LISTED + LISTED  # what was sent is shown as it was stored
API = SENT + REPLY + SHOWN + SHOWN + Counter({"SELECT login_session user": 1})


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def town(request: pytest.FixtureRequest, llm: LlmServer, tmp_path: Path) -> Generator[Town]:
    """The product, which records its statements."""
    url, settings = f"sqlite:///{tmp_path / 'data' / 'beseda.db'}", {"BASE_URL": llm.url, "LLM_MODEL": "m"}
    if request.param == "postgresql":
        postgres: Server = request.getfixturevalue("migrated_postgres")
        url = settings["DATABASE_URL"] = postgres.create("counted", MIGRATED)
    product = Product(
        tmp_path, program=("-m", "tests.ui.api.counted"), STATEMENTS_FILE=str(tmp_path / "sql"), **settings
    )
    product.start()
    town = Town(product, url)
    yield town
    town.leave()
    product.stop()


class Statements:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._before = 0

    def of_what_follows(self) -> None:
        self._before = len(self._lines())

    def since(self) -> Counter[str]:
        return Counter(map(short, self._lines()[self._before :]))

    def _lines(self) -> list[str]:
        return [each for each in self._file.read_text().splitlines() if not each.startswith(("BEGIN", "PRAGMA"))]


def short(statement: str) -> str:
    """Its verb and the tables it names, in this order; only the first of these unless it is a SELECT."""
    names = re.findall(r'\b(\w+?)(?:_\d+)?"?\.\w|(?:INTO|UPDATE) "?(\w+)', statement)
    tables = dict.fromkeys(name for each in names for name in each if name in SQLModel.metadata.tables)
    verb = statement.split(maxsplit=1)[0].replace("WITH", "SELECT")
    return " ".join([verb, *([*tables][:1] if verb != "SELECT" else tables)])


async def say_on(page: Page, words: str) -> None:
    """Open the page, say something there and wait until everything is shown."""
    async with line(page) as here:
        await here.do(page.listener("send"), {"text": words, "client_id": words})
        async with asyncio.timeout(PATIENCE):
            while not is_shown(here, words):
                await here.more()


def is_shown(here: Line, words: str) -> bool:
    """Whether everything is shown: the list comes last, with the reply in its final form."""
    code = [body["code"] for kind, body in here.told if kind == "run_javascript"]
    return any('"follow"' in each and '"running":false' in each and words not in each for each in code)


def shared(town: Town) -> Counter[str]:
    """Statements for the place at the model, which all instances share: it is taken under a lock, and released. And for
    the first words of the reply, which are saved at once, since the other instances are told when they are.
    """
    taken = {"SELECT": 1, "SELECT model_place": 1, "DELETE": 1, "UPDATE message": 1}
    return Counter(taken if town.database_url.startswith("postgresql") else {})


def counted(town: Town, times: int) -> Counter[str]:
    """Statements of rate limits, which are counted in the database where there may be several instances."""
    return Counter({"INSERT limit_count": times} if town.database_url.startswith("postgresql") else {})


@pytest.fixture
def statements(tmp_path: Path) -> Statements:
    return Statements(tmp_path / "sql")


def test_a_turn_asks_the_database_no_more_than_this(town: Town, llm: LlmServer, statements: Statements) -> None:
    person = town.come("ira")
    character_id = person.character(greeting="Заходи.")
    dialog_id = int(person.say(character_id, "Привет")["dialog_id"])  # some things are asked once

    statements.of_what_follows()
    person.say(character_id, "Ещё", dialog_id=dialog_id)
    assert statements.since() <= API + shared(town) + counted(town, 2)  # the request, and the message

    cookie = asyncio.run(session_of(town.database_url, person.id))
    statements.of_what_follows()
    with httpx.Client(base_url=town.product.url, cookies={"beseda": cookie}, timeout=WAIT) as browser:
        page = fetch(browser, f"/chat/{dialog_id}")
    assert statements.since() <= LOOKED

    llm.answer(hold=1)  # so that the list is told of the message before it is of the reply
    statements.of_what_follows()
    asyncio.run(say_on(page, "И ещё"))
    zone = Counter({"UPDATE user": 1})  # of their clock, once it is known
    assert statements.since() <= PAGE + zone + shared(town) + counted(town, 1)
