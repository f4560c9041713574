"""Late methods: a dataclass works as usual, though its methods are compiled when they are first called."""

from __future__ import annotations

import dataclasses
from dataclasses import FrozenInstanceError, dataclass

import pytest

from domain.environment.late_methods import compile_methods_late


@pytest.fixture(autouse=True)
def _late_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataclasses, "_create_fn", getattr(dataclasses, "_create_fn", None), raising=False)
    compile_methods_late()


def test_a_frozen_dataclass_is_compared_hashed_printed_and_kept_from_changes() -> None:
    @dataclass(frozen=True, order=True)
    class Seat:
        row: int
        place: int = 1

    @dataclass(frozen=True)
    class Window(Seat):
        view: str = "sea"

    @dataclass(frozen=True, slots=True)
    class Ticket:
        number: int

    for _ in range(2):  # the first call compiles, the second finds what that has put in place
        assert Seat(1) == Seat(1, 1) != Seat(2)
        assert Seat(1) < Seat(2)
        assert {Seat(1): "taken"}[Seat(1, 1)] == "taken"
        assert repr(Seat(1)).endswith("Seat(row=1, place=1)")
        assert Window(1) == Window(1, view="sea") != Window(1, view="wall")
        assert len({Window(1), Window(1), Window(2)}) == 2
        assert repr(Window(1)).endswith("Window(row=1, place=1, view='sea')")
        assert Ticket(1) == Ticket(1) != Ticket(2)
        assert len({Ticket(1), Ticket(1)}) == 1
        for seat in (Seat(1), Window(1)):
            with pytest.raises(FrozenInstanceError):
                seat.row = 2  # type: ignore[misc]
            with pytest.raises(FrozenInstanceError):
                del seat.row


def test_what_a_class_says_itself_stands() -> None:
    @dataclass(frozen=True)
    class Word:
        text: str

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return self.text

    assert hash(Word("a")) == 7
    assert f"{Word('a')!r}" == "a"
    assert Word("a") == Word("a")
