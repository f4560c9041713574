"""The next prompt in the reader's language, for the memory panel: how long it may be, and what it contains."""

from __future__ import annotations

from typing import Any

from domain.chat.model_choice import ModelChoice
from domain.chat.next_prompt import PromptView
from domain.language import N_, Texts
from domain.llm.port import Role
from domain.model.dialog import Dialog
from ui.chat.memory.lore_words import lore_told

ROLES = {Role.SYSTEM: N_("Instructions"), Role.USER: N_("You"), Role.ASSISTANT: N_("Character")}


def sizes_shown(_: Texts, choice: ModelChoice, dialog: Dialog) -> dict[str, Any]:
    """The lengths of prompts to choose from, in tokens: the usual one (0) and its multiples that the model can read."""
    usual, most = choice.usual_prompt_tokens, choice.longest_prompt(dialog)
    sizes = {usual * times for times in (2, 4, 8) if usual * times <= most} | {dialog.prompt_tokens or 0} - {0}
    tokens = {size: _("{tokens} tokens", tokens=_.short_number(size)) for size in sorted(sizes)}
    first = _("default, {tokens} tokens", tokens=_.short_number(min(usual, most)))
    return {"size": dialog.prompt_tokens or 0, "sizes": [[0, first], *map(list, tokens.items())] if tokens else []}


def prompt_shown(_: Texts, view: PromptView) -> dict[str, Any]:
    """The prompt in the shape panel_prompt.js expects. A person who may not see the card gets only the memory of their
    own chat, and entries of their own worlds.
    """
    knowledge = [{"who": _("Knowledge"), "text": lore_told(_, view.lore, texts=not view.messages)}] if view.lore else []
    parts = [{"who": _(ROLES[each.role]), "text": each.text} for each in view.messages]
    memory = [{"who": _("Memory"), "text": view.memory}] if view.memory else []
    said = _("About {tokens} tokens. What comes to mind is added once you write.", tokens=_.short_number(view.tokens))
    return {"said": said, "parts": [*knowledge, *(parts or memory)]}
