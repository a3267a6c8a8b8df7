"""Annotating: saved with its trail or not at all, undone and redone, and told when somebody else was there first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from parts.conversations import conversation
from parts.desk import Desk
from parts.loop import wait_until
from qa_player.demo.server import DemoServer
from qa_player.errors import ConflictError, DiskFullError, NotFoundError, UsageError
from qa_player.model.annotation import Annotation, AnnotationKind, Severity
from qa_player.model.transcript import Role
from qa_player.services.library import OpenSession
from qa_player.store.database import Database


async def reviewing(desk: Desk, session_id: str = "sess_000001") -> OpenSession:
    """The session, opened and loaded."""
    session = await desk.library.open("acme", session_id)
    await desk.review.load(session)
    return session


async def stored(desk: Desk, session_id: str = "sess_000001") -> list[str]:
    """The tags that the database holds."""
    return [annotation.tag for annotation in await desk.review.of_session("acme", session_id)]


def shown(desk: Desk) -> list[str]:
    return [annotation.tag for annotation in desk.review.annotations]


async def edited(desk: Desk, annotation: Annotation, **changes: Any) -> Annotation:
    fields = {name: getattr(annotation, name) for name in ("tag", "severity", "text", "start_ms", "end_ms")}
    return await desk.review.edit(annotation.annotation_id, **{**fields, **changes})


async def test_a_span_a_moment_and_a_turn_know_what_was_said(connected: Desk) -> None:
    await reviewing(connected)
    span = await connected.review.annotate(
        start_ms=300, end_ms=1_100, tag=" fee ", severity=Severity.MAJOR, text="a\nb"
    )
    moment = await connected.review.annotate(start_ms=450, tag="tone")
    turn = await connected.review.annotate(start_ms=None, turn_index=3, tag="thanks")
    assert (span.kind, span.turn_index, span.role, span.quote) == (
        AnnotationKind.SPAN,
        1,
        Role.USER,
        "I was charged twice.",
    )
    assert (span.tag, span.severity, span.text, span.author) == ("fee", Severity.MAJOR, "a\nb", "rita")
    assert (moment.kind, moment.turn_index, moment.end_ms) == (AnnotationKind.MOMENT, 1, None)
    assert (turn.kind, turn.start_ms, turn.end_ms, turn.quote) == (AnnotationKind.TURN, 1_200, 1_600, "Thank you.")
    assert shown(connected) == await stored(connected) == ["fee", "tone", "thanks"]
    assert (await connected.audit.verify()).consistent


async def test_where_nobody_speaks_there_is_no_quote(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    turns = [{"role": "user", "text": "Late.", "start_ms": 1_000, "end_ms": 1_300}]
    await desk.connect(serve(conversation(1, turns=turns)))
    await reviewing(desk)
    annotation = await desk.review.annotate(start_ms=100, end_ms=200, tag="silence")
    assert (annotation.turn_index, annotation.role, annotation.quote) == (None, None, "")


async def test_a_turn_without_a_time_can_be_judged_all_the_same(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    raw = [{"role": "user", "text": "When?", "turn_index": 0, "ts": None}]
    await desk.connect(serve(conversation(1, raw_transcript=raw)))
    await reviewing(desk)
    annotation = await desk.review.annotate(start_ms=None, turn_index=0, tag="when")
    assert (annotation.start_ms, annotation.end_ms, annotation.quote) == (None, None, "When?")
    timed = await edited(desk, annotation, start_ms=10, end_ms=None)
    assert (timed.kind, timed.start_ms) == (AnnotationKind.MOMENT, 10)
    assert (await desk.audit.verify()).consistent


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"start_ms": -1}, "before the recording"),
        ({"start_ms": 5, "end_ms": 5}, "end after it starts"),
        ({"start_ms": 5, "end_ms": 4}, "end after it starts"),
        ({"start_ms": 10**12}, "start after the recording ends"),
        ({"start_ms": 0, "end_ms": 10**12}, "end after the recording does"),
        ({"start_ms": None, "turn_index": 99}, "no such turn"),
        ({"start_ms": None}, "no such turn"),
        ({"start_ms": 0, "tag": "  "}, "tag cannot be used"),
        ({"start_ms": 0, "tag": "x" * 201}, "tag cannot be used"),
        ({"start_ms": 0, "text": "x" * 100_001}, "text cannot be used"),
        ({"start_ms": 0, "text": "\ud800"}, "text cannot be used"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_saved(
    connected: Desk, fields: dict[str, Any], sentence: str
) -> None:
    await reviewing(connected)
    saved = []
    connected.review.saved.connect(saved.append)
    with pytest.raises(UsageError, match=sentence):
        await connected.review.annotate(**{"tag": "x", **fields})
    assert (await stored(connected), saved, connected.review.can_undo) == ([], [], False)


async def test_no_annotation_starts_after_a_recording_whose_length_is_known(connected: Desk) -> None:
    session = await reviewing(connected)
    connected.review.moved(session.measured(1_600))
    await connected.review.annotate(start_ms=1_600, tag="end")
    with pytest.raises(UsageError, match="after the recording ends"):
        await connected.review.annotate(start_ms=1_601, tag="later")


async def test_saved_is_told_after_the_commit_and_never_before(connected: Desk) -> None:
    await reviewing(connected)
    asked: list[asyncio.Task[list[str]]] = []
    connected.review.saved.connect(lambda _at: asked.append(asyncio.ensure_future(stored(connected))))
    seen = []

    async def after(change: Awaitable[Any]) -> Any:
        """What the store has when it is told that something is saved, and before the next change."""
        done = await change
        seen.append(await asked[-1])
        return done

    first = await after(connected.review.annotate(start_ms=0, tag="one"))
    await after(edited(connected, first, tag="two"))
    await after(connected.review.delete(first.annotation_id))
    await after(connected.review.undo())
    await after(connected.review.redo())
    assert seen == [["one"], ["two"], [], ["two"], []]
    assert len(asked) == len(seen)


async def test_each_change_has_its_event_and_the_trail_holds_no_word_of_it(connected: Desk) -> None:
    await reviewing(connected)
    annotation = await connected.review.annotate(start_ms=0, tag="canary-tag", text="canary-text")
    await edited(connected, annotation, text="canary-more")
    await connected.review.undo()
    await connected.review.redo()
    await connected.review.delete(annotation.annotation_id)
    events = [event for event in await connected.audit.show() if event.action.startswith("annotation.")]
    assert [event.action.partition(".")[2] for event in events] == ["added", "changed", "undone", "redone", "deleted"]
    assert {event.subject for event in events} == {annotation.annotation_id}
    assert [event.content_hmac is not None for event in events] == [True, True, True, True, False]
    assert "canary" not in "".join(event.model_dump_json() for event in events)
    assert "Good morning" not in "".join(event.model_dump_json() for event in events)


async def test_undo_and_redo_go_through_every_kind_of_change(connected: Desk) -> None:
    await reviewing(connected)
    review = connected.review
    one = await review.annotate(start_ms=0, tag="one")
    await review.annotate(start_ms=400, tag="two")
    await edited(connected, one, tag="uno", start_ms=900)
    await review.delete(one.annotation_id)
    states = [["two"], ["two", "uno"], ["one", "two"], ["one"], []]
    for state in states[1:]:
        await review.undo()
        assert shown(connected) == await stored(connected) == state
    assert (review.can_undo, review.can_redo) == (False, True)
    await review.undo()
    for state in reversed(states[:-1]):
        await review.redo()
        assert shown(connected) == await stored(connected) == state
    assert (review.can_undo, review.can_redo) == (True, False)
    await review.redo()
    await review.undo()
    await review.annotate(start_ms=1, tag="new")
    assert not review.can_redo
    assert (await connected.audit.verify()).consistent


async def test_another_session_has_its_own_list_and_nothing_to_undo(connected: Desk) -> None:
    await reviewing(connected)
    await connected.review.annotate(start_ms=0, tag="first")
    await reviewing(connected, "sess_000002")
    assert (shown(connected), connected.review.can_undo) == ([], False)
    await connected.review.undo()
    assert await stored(connected) == ["first"]


async def test_nothing_is_open_is_told(desk: Desk) -> None:
    with pytest.raises(UsageError, match="No session is open"):
        await desk.review.annotate(start_ms=0, tag="x")
    await desk.review.undo()
    await desk.review.redo()
    assert (desk.review.annotations, desk.review.can_undo, desk.review.can_redo) == ((), False, False)


class Slow:
    """The database, whose writes wait until they are let through, or fail as they are told."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.begun = 0
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def write(self, work: Callable[[Any], Any]) -> Any:
        self.begun += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return await self._database.write(work)

    async def read(self, work: Callable[[Any], Any]) -> Any:
        return await self._database.read(work)


@pytest.fixture
def slow(connected: Desk) -> Slow:
    """Stands between `connected`'s review and its database."""
    slow = Slow(connected.database)
    connected.review._database = slow
    return slow


async def test_a_save_whose_caller_is_cancelled_is_carried_to_its_end(connected: Desk, slow: Slow) -> None:
    await reviewing(connected)
    told: list[str] = []
    connected.review.annotations_changed.connect(lambda: told.append("changed"))
    connected.review.saved.connect(lambda _at: told.append("saved"))
    saving = asyncio.create_task(connected.review.annotate(start_ms=0, tag="kept"))
    await wait_until(lambda: slow.begun)
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    assert (shown(connected), await stored(connected), told) == ([], [], [])
    slow.gate.set()
    await connected.review.settled()
    assert shown(connected) == await stored(connected) == ["kept"]
    assert told == ["saved", "changed"]
    assert connected.review.can_undo
    await connected.review.undo()
    assert await stored(connected) == []


async def test_a_save_that_ends_in_another_session_is_shown_in_its_own(connected: Desk, slow: Slow) -> None:
    await reviewing(connected)
    saving = asyncio.create_task(connected.review.annotate(start_ms=0, tag="first"))
    await wait_until(lambda: slow.begun)
    second = await connected.library.open("acme", "sess_000002")
    loading = asyncio.create_task(connected.review.load(second))
    await asyncio.sleep(0)
    slow.gate.set()
    await asyncio.gather(saving, loading)
    assert (shown(connected), connected.review.can_undo) == ([], False)
    await reviewing(connected)
    assert shown(connected) == ["first"]


async def test_reading_the_list_again_in_mid_save_loses_nothing(connected: Desk, slow: Slow) -> None:
    await reviewing(connected)
    saving = asyncio.create_task(connected.review.annotate(start_ms=0, tag="kept"))
    await wait_until(lambda: slow.begun)
    reading = asyncio.create_task(connected.review.reload())
    await asyncio.sleep(0.01)
    slow.gate.set()
    await asyncio.gather(saving, reading)
    assert shown(connected) == ["kept"]


async def test_changes_at_once_are_made_one_after_the_other(connected: Desk, slow: Slow) -> None:
    slow.gate.set()
    await reviewing(connected)
    one = await connected.review.annotate(start_ms=0, tag="one")
    await asyncio.gather(
        edited(connected, one, tag="two"),
        edited(connected, one, tag="three"),
        connected.review.undo(),
        connected.review.annotate(start_ms=5, tag="more"),
    )
    assert shown(connected) == await stored(connected) == ["two", "more"]
    await connected.review.undo()
    await connected.review.undo()
    assert shown(connected) == await stored(connected) == ["one"]


async def test_a_full_disk_calls_nothing_saved_and_the_next_try_goes_through(connected: Desk, slow: Slow) -> None:
    slow.gate.set()
    await reviewing(connected)
    kept = await connected.review.annotate(start_ms=0, tag="kept")
    saved = []
    connected.review.saved.connect(saved.append)
    slow.error = DiskFullError("The disk is full; this was not saved.", "Free some space and try again.")
    for act in (
        connected.review.annotate(start_ms=1, tag="lost"),
        edited(connected, kept, tag="lost"),
        connected.review.delete(kept.annotation_id),
        connected.review.undo(),
    ):
        with pytest.raises(DiskFullError):
            await act
    assert saved == []
    assert shown(connected) == await stored(connected) == ["kept"]
    slow.error = None
    await connected.review.undo()
    assert (await stored(connected), len(saved), connected.review.can_redo) == ([], 1, True)


@pytest.fixture
def other(make_desk: Callable[..., Awaitable[Desk]]) -> Callable[[], Awaitable[Desk]]:
    """Another process at the same home, reviewing the same session."""

    async def make() -> Desk:
        desk = await make_desk(actor="omar")
        await reviewing(desk)
        return desk

    return make


async def test_what_somebody_else_changed_is_not_overwritten(
    connected: Desk, other: Callable[[], Awaitable[Desk]]
) -> None:
    await reviewing(connected)
    note = await connected.review.annotate(start_ms=0, tag="mine")
    theirs = await other()
    await edited(theirs, note, tag="theirs")
    with pytest.raises(ConflictError, match="changed by somebody else"):
        await edited(connected, note, tag="mine again")
    with pytest.raises(ConflictError):
        await connected.review.delete(note.annotation_id)
    assert await stored(connected) == ["theirs"]
    await connected.review.reload()
    assert shown(connected) == ["theirs"]
    await edited(connected, note, tag="agreed")
    assert await stored(connected) == ["agreed"]


async def test_undo_takes_back_what_one_did_oneself_and_nothing_else(
    connected: Desk, other: Callable[[], Awaitable[Desk]]
) -> None:
    await reviewing(connected)
    first = await connected.review.annotate(start_ms=0, tag="first")
    second = await connected.review.annotate(start_ms=1, tag="second")
    theirs = await other()
    await edited(theirs, second, tag="theirs")
    await connected.review.reload()
    with pytest.raises(ConflictError):
        await connected.review.undo()
    assert await stored(connected) == ["first", "theirs"]
    await connected.review.undo()
    assert await stored(connected) == ["theirs"]
    assert connected.review.annotations[0].annotation_id != first.annotation_id


async def test_what_somebody_else_deleted_is_told_as_gone(
    connected: Desk, other: Callable[[], Awaitable[Desk]]
) -> None:
    await reviewing(connected)
    note = await connected.review.annotate(start_ms=0, tag="mine")
    theirs = await other()
    await theirs.review.delete(note.annotation_id)
    with pytest.raises(NotFoundError, match="deleted by somebody else"):
        await edited(connected, note, tag="again")
    await connected.review.reload()
    with pytest.raises(NotFoundError):
        await connected.review.delete(note.annotation_id)
    assert (await stored(connected), shown(connected)) == ([], [])
    assert (await connected.audit.verify()).consistent


async def test_two_who_add_at_once_both_keep_theirs(connected: Desk, other: Callable[[], Awaitable[Desk]]) -> None:
    await reviewing(connected)
    theirs = await other()
    await asyncio.gather(
        *(desk.review.annotate(start_ms=at, tag=f"{at}") for at in range(20) for desk in (connected, theirs))
    )
    assert await stored(connected) == [f"{at}" for at in range(20) for _ in range(2)]
    verdict = await connected.audit.verify()
    assert (verdict.consistent, len(await connected.events("annotation.added"))) == (True, 40)
