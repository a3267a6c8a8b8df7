"""The probe that keeps a broken Qt binding out: PySide6 6.12.0 loses one reference of None with every void call."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel

CALLS = 1_000
SLACK = 50
"""What else may come and go meanwhile; a binding that loses references loses some `CALLS`."""


class _Emitter(QObject):
    said = Signal(bool)


def _lost(before: int) -> int:
    return before - sys.getrefcount(None)


def test_the_probe_sees_references_go() -> None:
    if sys.version_info >= (3, 12):
        # None is immortal from 3.12 on: nothing can be lost, and the count says so by never moving
        assert sys.getrefcount(None) == sys.getrefcount(None)
        return
    held = [None] * CALLS
    before = sys.getrefcount(None)
    held.clear()
    assert _lost(before) >= CALLS - SLACK


def test_void_calls_lose_no_reference_of_none(qapp: QApplication) -> None:
    thing, label, emitter = QObject(), QLabel(), _Emitter()
    calls = (lambda: thing.setObjectName("name"), label.hide, lambda: emitter.said.emit(True))
    for call in calls:
        call()
        before = sys.getrefcount(None)
        for _ in range(CALLS):
            call()
        assert _lost(before) < SLACK
    label.deleteLater()


def test_signals_lose_no_reference_of_true(qapp: QApplication) -> None:
    emitter = _Emitter()
    before = sys.getrefcount(True)
    for _ in range(CALLS):
        emitter.said.emit(True)
    assert before - sys.getrefcount(True) < SLACK
