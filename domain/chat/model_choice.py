"""Model settings of a dialog: the model that answers, and its temperature."""

from __future__ import annotations

from collections.abc import Sequence

from domain.accounts.sessions import Caller, authenticate
from domain.chat.tree.own_dialog import dialog_to_change
from domain.errors import Invalid
from domain.model.character import Character
from storage.database import Database


class ModelChoice:
    """`models` are those of the settings, the default first; `temperature` is theirs too."""

    def __init__(self, database: Database, models: Sequence[str], temperature: float) -> None:
        self._database = database
        self.models = tuple(models)
        self._temperature = temperature

    def usual_temperature(self, character: Character) -> float:
        """The temperature of a dialog without a choice: the character's own, else that of the settings."""
        return self._temperature if character.temperature is None else character.temperature

    async def choose_model(self, caller: Caller, dialog_id: int, model: str) -> None:
        """Set the model from the next reply on; the default is stored as "", so that it follows the settings."""
        if model not in self.models:
            raise Invalid("This model is not available.", field="model")
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authenticate(db, caller), dialog_id)
            dialog.model = "" if model == self.models[0] else model

    async def choose_temperature(self, caller: Caller, dialog_id: int, temperature: float | None) -> None:
        """Set the temperature: 0 (the same words each time) to 1 (the most surprising ones); None returns to the
        default.
        """
        if temperature is not None and not 0 <= temperature <= 1:
            raise Invalid("Creativity is a number from 0 to 1.", field="temperature")
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authenticate(db, caller), dialog_id)
            dialog.temperature = temperature
