"""Compiled templates: what browsers draw our components with is what Vue makes of their templates as they stand."""

from __future__ import annotations

import json

from tests.ui.scripts.templates import compiled
from ui.scripts.bundles import OF_THE_FRAMEWORK, bundles, sources
from ui.scripts.templates import KEPT, templates, with_compiled


def test_what_is_kept_is_what_vue_makes_of_the_templates() -> None:
    assert json.loads(KEPT.read_text("utf-8")) == compiled(), "make templates"


def test_no_template_of_a_chat_is_left_to_the_browser() -> None:
    """One is enough to have Vue's compiler parsed: those of the framework's own components count, too."""
    of_every_page = [each for each in sources() if each.name in OF_THE_FRAMEWORK]
    assert of_every_page
    for text in (bundles()["chat"].text, *(with_compiled(each.read_text("utf-8")) for each in of_every_page)):
        assert "template: `" not in text


def test_a_template_changed_since_is_compiled_in_the_browser() -> None:
    script = "export default { template: `<p>{{ wordsOfToday }}</p>` };\n"
    assert [*templates(script)] == ["<p>{{ wordsOfToday }}</p>"]
    assert with_compiled(script) == script


def test_a_template_put_together_of_parts_is_left_to_the_browser() -> None:
    assert not [*templates("template: `<p>${words}</p>`, template: `<p>\\u00a0</p>`")]
