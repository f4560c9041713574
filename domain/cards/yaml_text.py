"""YAML from strangers: every scalar is a text. Aliases are refused, since they let a small text expand without end."""

from __future__ import annotations

from typing import Any

import yaml

from domain.cards.faults import Fault, UnreadableCard


class _WithoutReferences(yaml.BaseLoader):  # type: ignore[misc]  # the library has no types
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise UnreadableCard(Fault.NOT_A_CARD)
        return super().compose_node(parent, index)


def read_yaml(text: str) -> Any:
    """Raises `UnreadableCard`."""
    try:
        return yaml.load(text, Loader=_WithoutReferences)  # noqa: S506 - it makes texts, lists and mappings only
    except RecursionError as error:
        raise UnreadableCard(Fault.TOO_DEEP) from error
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableCard(Fault.NOT_A_CARD) from error
