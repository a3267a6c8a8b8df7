"""Windows over a tape of eight seconds, for tests of what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from parts import heard
from parts.loop import Loop
from parts.window import Room, furnish
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer
from qa_player.files import Home

ODD_TIMES = "Times that are none"


def odd_times() -> Sample:
    """Turns whose times JSON cannot even write, beside one that is well."""
    literals = ("NaN", "Infinity", "-1e400", '"soon"', "null", "1e300")
    turns = [
        {"role": "user", "text": f"at {word}", "turn_index": at, "ts_literal": word} for at, word in enumerate(literals)
    ]
    turns.append({"role": "assistant", "text": "at two", "turn_index": len(turns), "ts": 2.0})
    facts = {
        "session_id": "sess_ODD00001",
        "subject": ODD_TIMES,
        "character_slug": "odd",
        "duration_ms": 8_000,
        "recording_status": None,
        "turns": [],
        "raw_transcript": turns,
    }
    return Sample(facts, datetime.now(UTC))


@pytest.fixture(scope="session")
def short_tape(tmp_path_factory: pytest.TempPathFactory) -> heard.TapeSample:
    return heard.taped(tmp_path_factory.mktemp("tape") / "short.wav", duration_ms=8_000, rate=16_000)


@pytest.fixture
def demo(short_tape: heard.TapeSample) -> Iterator[DemoServer]:
    """The stand-in providers with the tape and a session of odd times, and nothing else."""
    with DemoServer(samples=(short_tape, odd_times()), calls=(), visits=(), phone_calls=()) as server:
        yield server


@pytest.fixture
def room(loop: Loop, qapp: QApplication, home: Home, demo: DemoServer) -> Iterator[Room]:
    """The window on a silent clock, connected to ``demo``, its sessions listed; no bug may have been caught."""
    room = loop.run(furnish(home, demo, qapp))
    try:
        loop.run(room.until(lambda: room.panels.sessions.list.sessions.rowCount() == 2))
        yield room
    finally:
        loop.run(room.close())
    room.shell.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert room.bugs == []
