"""Secret fields: what an author tells only the model is in no view that a stranger can open, and erasure takes it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from domain.characters.fields import BY_NAME, SECRETS, Kind
from tests.ui.access.conftest import NOBODY, OWNER, PERSON, World

TRACES = {Kind.FRACTION: 0.371946, Kind.COUNT: 4319}
"""What is looked for in the answers, where it is no text."""


def trace_of(name: str) -> Any:
    return TRACES.get(BY_NAME[name].kind, f"trace-of-{name}")


def filled_with_traces() -> dict[str, Any]:
    traces = {name: trace_of(name) for name in SECRETS}
    return {name: [trace] if BY_NAME[name].kind is Kind.TEXTS else trace for name, trace in traces.items()}


@pytest.fixture(scope="module")
def character(world: World) -> int:
    return world.programs[OWNER].character(name="Молчунья", **filled_with_traces())


def views(world: World, role: str, character: int) -> dict[str, str]:
    """Whatever of the character somebody of this role may open, by its address."""
    program, visitor = world.programs[role], world.visitors[role]
    owner = world.programs[OWNER].id
    of_api = ("/api/characters", f"/api/characters?owner_id={owner}", "/api/characters?q=Молчунья")
    of_web = ("/", f"/characters/{character}", "/feed/gallery?q=Молчунья", "/feed/gallery?sort=new&language=any")
    found = {path: program.get(path).text for path in (*of_api, f"/api/characters/{character}")}
    found |= {path: visitor.get(path).text for path in of_web}
    if role != NOBODY:
        said = program.say(character, "Расскажи о себе")
        dialog = said["dialog_id"]
        found["said"] = json.dumps(said, ensure_ascii=False)
        found["history"] = program.get(f"/api/dialogs/{dialog}/messages").text
        of_dialog = (f"/chat/{dialog}", f"/feed/dialogs/{dialog}", "/feed/dialogs", "/chats")
        files = (f"/export/dialogs/{dialog}.{kind}" for kind in ("json", "md", "txt"))
        found |= {path: visitor.get(path).text for path in (*of_dialog, *files)}
    return found


def tells(content: str, trace: object) -> bool:
    """A number counts where it stands alone, not inside an id or a longer one."""
    return re.search(rf"(?<![\w.-]){re.escape(str(trace))}(?![\w.-])", content) is not None


@pytest.mark.parametrize("role", [NOBODY, PERSON])
def test_no_view_of_a_stranger_holds_a_secret_field(world: World, character: int, role: str) -> None:
    found = views(world, role, character)
    told = [(view, name) for view, content in found.items() for name in SECRETS if tells(content, trace_of(name))]
    assert told == []


def test_the_strangers_views_are_about_this_character(world: World, character: int) -> None:
    """Else the test above would find nothing in empty answers."""
    found = views(world, PERSON, character)
    about_it = {view for view, content in found.items() if "Молчунья" in content}
    assert {
        each for each in found if each.startswith(("/api/", "/feed/gallery", "/characters/", "/export/"))
    } <= about_it


def test_its_author_reads_all_of_it(world: World, character: int) -> None:
    told = world.programs[OWNER].get(f"/api/characters/{character}").json()
    assert all(tells(json.dumps(told), trace_of(name)) for name in SECRETS)
    expected = filled_with_traces()
    assert {name: told[name] for name in expected} == expected
