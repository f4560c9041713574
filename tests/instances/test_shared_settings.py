"""Settings that all instances must share: an instance that comes with another value is refused while others live."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.domain.test_command_line import run
from tests.e2e.product import Product
from tests.instances.conftest import Instances, instances_over
from tests.llm_server import LlmServer
from tests.ports import free_port
from tests.postgres import Server
from tests.ui.api.conftest import SECRET

pytestmark = pytest.mark.slow
ANOTHER = "another secret of the tests, as long as the first"
REFUSAL = (
    "Beseda cannot start. {name}: the instance first on this database has another one. All need the same; to change "
    "it, stop all of them first."
)


@pytest.fixture
def instances(server: Server, tmp_path: Path, llm: LlmServer) -> Generator[Instances]:
    with instances_over(server, tmp_path, llm) as instances:
        yield instances


@pytest.mark.parametrize(("name", "value"), [("JWT_SECRET", ANOTHER), ("PUBLIC_URL", "http://elsewhere.test")])
def test_a_second_instance_that_differs_is_refused_in_one_line(
    instances: Instances, llm: LlmServer, tmp_path: Path, name: str, value: str
) -> None:
    first = instances.started(INSTANCE="first")
    ira = instances.person("ira", first)
    shared = {"DATABASE_URL": instances.database_url, "JWT_SECRET": SECRET, "PUBLIC_URL": "http://beseda.test"}
    second = run(tmp_path, **(shared | {"BASE_URL": llm.url, "LLM_MODEL": "m", "PORT": str(free_port()), name: value}))
    assert second.returncode == 2
    assert second.stderr.splitlines()[-1] == REFUSAL.format(name=name)
    assert "Traceback" not in second.stderr
    llm.answer("Я здесь.")
    assert ira.say(ira.character(), "Ты тут?")["assistant_message"]["content"] == "Я здесь."


def test_the_secret_may_be_changed_when_all_are_stopped(instances: Instances) -> None:
    for instance in [instances.started(), instances.started()]:
        instances.stop(instance)
    for instance in [instances.started(JWT_SECRET=ANOTHER) for _ in range(2)]:
        assert "Looking whether that one lives" not in instance.log.read_text()


def test_on_sqlite_the_secret_may_be_changed_with_a_restart(tmp_path: Path) -> None:
    for secret in (SECRET, ANOTHER):
        product = Product(tmp_path, DEMO_PAUSE="0", JWT_SECRET=secret)
        product.start()
        product.stop()
