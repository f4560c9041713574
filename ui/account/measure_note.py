"""Moderation notice for the author of a character under a measure, on its page and above its form."""

from __future__ import annotations

from domain.model.character import Character
from domain.services.groups import ModerationServices
from ui.account.my_measures import measure_card
from ui.request.visitor import Reader


async def measure_note(moderation: ModerationServices, reader: Reader, character: Character) -> dict[str, str]:
    """Shows the measures in force, to the author only. Returns the fields at fault and what is wrong with them."""
    is_measured = character.is_blocked or character.is_hidden or character.is_to_mend
    if not is_measured or reader.user is None or reader.user.id != character.owner_id:
        return {}
    mine = await moderation.measures.in_force_on_caller(reader.must_be_logged_in())
    measures = [each for each in mine if each.character_id == character.id]
    for measure in measures:
        measure_card(moderation, reader, measure)
    return {each.field: each.field_words or reader._("Please fix this.") for each in measures if each.field}
