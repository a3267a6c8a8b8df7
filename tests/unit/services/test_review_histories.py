"""Any history of adding, editing, deleting, undoing, redoing and leaving a session, against a model of a few lines."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from parts.loop import Loop
from parts.stored import KEY, detail, session
from qa_player.files import Home
from qa_player.model.actor import Actor
from qa_player.model.connection import Connection
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import place
from qa_player.services.library import OpenSession
from qa_player.services.review import Review
from qa_player.services.trail import Trail
from qa_player.store import audit
from qa_player.store.database import Database

Notes = dict[str, tuple[int, str]]
"""Start and tag of each annotation by its id."""

_numbers = itertools.count()
_timing = Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PROVIDER)
_connection = Connection(
    name="acme", provider="oshara", base_url="https://acme.example", created_at=datetime(2026, 3, 2, tzinfo=UTC)
)


def opened() -> OpenSession:
    """A session that nobody judged yet."""
    told = detail(session(next(_numbers)))
    return OpenSession(_connection, told, place(told.turns, _timing, 60_000), _timing)


class Histories(RuleBasedStateMachine):
    """``past`` and ``future`` are the states that undo and redo lead to."""

    loop: ClassVar[Loop]
    database: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        self.review = Review(database=self.database, trail=Trail(Actor(login="rita")))
        self.saved = 0
        self.review.saved.connect(self._count)
        self.begin()

    def _count(self, _at: datetime) -> None:
        self.saved += 1

    def begin(self) -> None:
        self.session = opened()
        self.notes: Notes = {}
        self.past: list[Notes] = []
        self.future: list[Notes] = []
        self.run(self.review.load(self.session))

    def run(self, work: Any) -> Any:
        return self.loop.run(work)

    def become(self, notes: Notes) -> None:
        self.past.append(self.notes)
        self.future.clear()
        self.notes = notes

    @rule(start=st.integers(0, 5), tag=st.sampled_from("abc"))
    def add(self, start: int, tag: str) -> None:
        added = self.run(self.review.annotate(start_ms=start, tag=tag))
        self.become({**self.notes, added.annotation_id: (start, tag)})

    @precondition(lambda self: self.notes)
    @rule(which=st.integers(0), start=st.integers(0, 5), tag=st.sampled_from("abc"))
    def edit(self, which: int, start: int, tag: str) -> None:
        name = sorted(self.notes)[which % len(self.notes)]
        self.run(self.review.edit(name, tag=tag, severity=None, text="", start_ms=start, end_ms=None))
        self.become({**self.notes, name: (start, tag)})

    @precondition(lambda self: self.notes)
    @rule(which=st.integers(0))
    def delete(self, which: int) -> None:
        name = sorted(self.notes)[which % len(self.notes)]
        self.run(self.review.delete(name))
        self.become({other: note for other, note in self.notes.items() if other != name})

    @rule()
    def undo(self) -> None:
        before = self.saved
        self.run(self.review.undo())
        assert self.saved - before == bool(self.past)
        if self.past:
            self.future.append(self.notes)
            self.notes = self.past.pop()

    @rule()
    def redo(self) -> None:
        before = self.saved
        self.run(self.review.redo())
        assert self.saved - before == bool(self.future)
        if self.future:
            self.past.append(self.notes)
            self.notes = self.future.pop()

    @rule()
    def look_again(self) -> None:
        self.run(self.review.reload())

    @rule()
    def come_back(self) -> None:
        """Leaving a session forgets what could be undone, and nothing else."""
        self.run(self.review.load(self.session))
        self.past.clear()
        self.future.clear()

    @invariant()
    def what_is_shown_is_what_is_kept(self) -> None:
        shown = self.review.annotations
        assert {note.annotation_id: (note.start_ms, note.tag) for note in shown} == self.notes
        assert [note.start_ms for note in shown] == sorted(start for start, _ in self.notes.values())
        assert self.run(self.review.of_session("acme", self.session.session_id)) == shown
        assert (self.review.can_undo, self.review.can_redo) == (bool(self.past), bool(self.future))

    def teardown(self) -> None:
        verdict = self.run(self.database.read(audit.verify))
        assert verdict.consistent, verdict.damage


def run_histories(loop: Loop, path: Path, examples: int) -> None:
    database = loop.run(Database.open(path, KEY))
    machine = type("Histories", (Histories,), {"loop": loop, "database": database})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=25,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.run(database.aclose())


def test_every_history_is_kept_and_can_be_gone_back_and_forth(loop: Loop, home: Home) -> None:
    run_histories(loop, home.database, 25)


@pytest.mark.nightly
@pytest.mark.timeout(1_800)
def test_many_histories(loop: Loop, home: Home) -> None:
    run_histories(loop, home.database, 1_000)
