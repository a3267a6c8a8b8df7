"""Signals: in order, typed, and no handler's failure is another's silence."""

from __future__ import annotations

import pytest

from qa_player.signal import Signal


def test_handlers_are_called_in_the_order_in_which_they_connected() -> None:
    heard: list[str] = []
    moved = Signal[int]()
    moved.connect(lambda value: heard.append(f"first {value}"))
    moved.connect(lambda value: heard.append(f"second {value}"))
    moved.emit(7)
    assert heard == ["first 7", "second 7"]


def test_who_has_left_hears_nothing_and_may_leave_twice() -> None:
    heard: list[int] = []
    moved = Signal[int]()
    leave = moved.connect(heard.append)
    moved.emit(1)
    leave()
    leave()
    moved.emit(2)
    assert heard == [1]


def test_leaving_while_called_skips_nobody() -> None:
    heard: list[str] = []
    said = Signal[()]()

    def once() -> None:
        heard.append("once")
        said.disconnect(once)

    said.connect(once)
    said.connect(lambda: heard.append("always"))
    said.emit()
    said.emit()
    assert heard == ["once", "always", "always"]


def test_failures_come_together_once_everybody_was_called() -> None:
    heard: list[str] = []
    said = Signal[str]()

    def fail(value: str) -> None:
        raise KeyError(value)

    said.connect(fail)
    said.connect(heard.append)
    said.connect(fail)
    with pytest.raises(ExceptionGroup) as raised:
        said.emit("x")
    assert heard == ["x"]
    assert [type(failure) for failure in raised.value.exceptions] == [KeyError, KeyError]
