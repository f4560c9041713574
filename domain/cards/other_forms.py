"""Other forms: renames the fields of other programs' cards to those of V1; unknown fields keep their names.

Supported are Pygmalion's and Gradio's names, text-generation-webui's, Agnai's own characters, and the four fields of
character.ai.
"""

from __future__ import annotations

from typing import Any

PYGMALION = {
    "char_name": "name",
    "char_persona": "description",
    "char_greeting": "first_mes",
    "example_dialogue": "mes_example",
    "world_scenario": "scenario",
}
WEBUI = {"context": "description", "greeting": "first_mes", "bot": "name"}
AGNAI = {
    "description": "creator_notes",
    "greeting": "first_mes",
    "sampleChat": "mes_example",
    "alternateGreetings": "alternate_greetings",
    "systemPrompt": "system_prompt",
    "postHistoryInstructions": "post_history_instructions",
    "characterVersion": "character_version",
    "characterBook": "character_book",
}
LINES_OF_A_TALK = ("{{user}}:", "{{char}}:", "<user>:", "<bot>:", "<start>")


def with_known_names(found: dict[str, Any]) -> dict[str, Any]:
    if found.get("kind") == "character" or "sampleChat" in found or isinstance(found.get("persona"), dict):
        return _of_agnai(found)
    if "char_name" in found or _has_two_of(found, PYGMALION):
        return _renamed(found, PYGMALION)
    if _has_two_of(found, WEBUI):
        return _of_webui(found)
    if "greeting" in found and ("definition" in found or "description" in found):
        return _of_character_ai(found)
    return found


def _has_two_of(found: dict[str, Any], names: dict[str, str]) -> bool:
    """One name alone proves nothing."""
    return sum(name in found for name in names) >= 2  # noqa: PLR2004 - as above


def _renamed(found: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in found.items() if names.get(name) not in found}


def _of_webui(found: dict[str, Any]) -> dict[str, Any]:
    renamed = _renamed(found, WEBUI)
    if "mes_example" not in renamed:
        renamed["description"], renamed["mes_example"] = _without_talk(str(renamed.get("description") or ""))
    return renamed


def _of_agnai(found: dict[str, Any]) -> dict[str, Any]:
    """Agnai's `description` is for people, its `persona` for the model. A persona of more than one text is also kept as
    it was.
    """
    persona = found.get("persona")
    attributes = persona.get("attributes") if isinstance(persona, dict) else {"text": persona}
    attributes = attributes if isinstance(attributes, dict) else {}
    lines = [_attribute(name, value) for name, value in attributes.items()]
    rest = {name: value for name, value in found.items() if name != "persona" or list(attributes) != ["text"]}
    return _renamed(rest, AGNAI) | {"description": "\n".join(filter(None, lines))}


def _attribute(name: str, value: Any) -> str:
    texts = [str(each) for each in (value if isinstance(value, list) else [value]) if each]
    if name == "text" or not texts:
        return "\n".join(texts)
    return f"{name}: {', '.join(texts)}"


def _of_character_ai(found: dict[str, Any]) -> dict[str, Any]:
    """The model was given both `description` and `definition`; the latter contains example dialogues."""
    renamed = _renamed(found, {"greeting": "first_mes"})
    definition = renamed.pop("definition", None)
    if isinstance(definition, str):
        told, talk = _without_talk(definition)
        renamed["description"] = "\n\n".join(part for part in (str(found.get("description") or ""), told) if part)
        if talk:
            renamed["mes_example"] = "\n".join(part for part in (str(found.get("mes_example") or ""), talk) if part)
    return renamed


def _without_talk(context: str) -> tuple[str, str]:
    """Split a context at the first line of an example dialogue: the description before it, and the dialogue."""
    lines = context.splitlines()
    begins = next((at for at, line in enumerate(lines) if line.strip().lower().startswith(LINES_OF_A_TALK)), len(lines))
    return "\n".join(lines[:begins]).strip(), "\n".join(lines[begins:]).strip()
