"""A message of a path, with the properties that a prompt needs."""

from __future__ import annotations

from dataclasses import dataclass

from domain.llm.port import Role
from domain.model.dialog import State


@dataclass(frozen=True)
class PathMessage:
    """The properties of a message that decide whether the model gets it; `length` in characters. Its text is read only
    for a prompt.
    """

    id: int
    role: Role
    state: State
    length: int
    parent_id: int | None = None
    is_hidden: bool = False
    text: str = ""

    @property
    def counts(self) -> bool:
        """Whether it may go into the prompt. Empty replies say nothing, filtered ones provoke more of their kind, and
        the person may have hidden it.
        """
        return self.length > 0 and self.state != State.FILTERED and not self.is_hidden
