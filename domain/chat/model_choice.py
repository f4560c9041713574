"""Model settings of a dialog: the model, its temperature, and the length of prompts."""

from __future__ import annotations

from collections.abc import Sequence

from domain.accounts.sessions import Caller, authenticate
from domain.chat.prompts.prompt_reader import PromptReader
from domain.chat.tree.own_dialog import dialog_to_change
from domain.errors import Invalid
from domain.llm.token_estimates import CHARACTERS_A_TOKEN, LARGEST_PROMPT
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.settings.model_settings import SHORTEST_PROMPT
from storage.database import Database


class ModelChoice:
    """`models` and `temperature` are those of the settings; the default model is the first."""

    def __init__(
        self,
        database: Database,
        models: Sequence[str],
        temperature: float,
        prompts: PromptReader | None = None,
    ) -> None:
        self._database = database
        self._prompts = prompts or PromptReader(lambda _model: LARGEST_PROMPT * CHARACTERS_A_TOKEN)
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
        """Set the temperature, from 0 (the same words each time) to 1 (the most surprising words); None restores the
        default.
        """
        if temperature is not None and not 0 <= temperature <= 1:
            raise Invalid("Creativity is a number from 0 to 1.", field="temperature")
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authenticate(db, caller), dialog_id)
            dialog.temperature = temperature

    @property
    def usual_prompt_tokens(self) -> int:
        """The length of prompts, in estimated tokens, of a dialog without a choice."""
        return self._prompts.tokens

    def longest_prompt(self, dialog: Dialog) -> int:
        """Maximum estimated tokens of this dialog's prompts: what its model can read."""
        return max(SHORTEST_PROMPT, min(LARGEST_PROMPT, self._prompts.room_of(dialog.model) // CHARACTERS_A_TOKEN))

    async def choose_prompt_tokens(self, caller: Caller, dialog_id: int, tokens: int | None) -> None:
        """Set the length of prompts, in estimated tokens, from the next reply on. Longer prompts have more of the talk
        word for word and cost more. None restores the default.
        """
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authenticate(db, caller), dialog_id)
            most = self.longest_prompt(dialog)
            if tokens is not None and not SHORTEST_PROMPT <= tokens <= most:
                raise Invalid(
                    "The model can be given from {least} to {most} tokens here.",
                    field="prompt_tokens",
                    least=SHORTEST_PROMPT,
                    most=most,
                )
            dialog.prompt_tokens = tokens
