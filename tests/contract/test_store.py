"""What every database under the store must do; a second one is one more entry of ``DATABASES``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection as Transaction

from parts.loop import Loop
from parts.stored import KEY, NOON, act, annotate, annotation, detail, session
from qa_player.errors import ConflictError, NotFoundError
from qa_player.model.annotation import AnnotationKind
from qa_player.model.arrangement import Arrangement, chosen
from qa_player.model.audit import AuditAct
from qa_player.model.cache import CacheRecord, CacheState
from qa_player.model.connection import Connection, Sides
from qa_player.model.listing import SessionChip, SessionFilter, SessionOrder
from qa_player.model.recording import MediaFacts, RecordingState
from qa_player.model.review_state import ReviewProgress, ReviewState
from qa_player.model.session import Session, SessionState
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.settings import Home
from qa_player.store import (
    annotations,
    arrangements,
    audit,
    cache_index,
    connections,
    review_states,
    sessions,
    timings,
)
from qa_player.store.cache_index import StoredCacheIndex
from qa_player.store.database import Database


def sqlite(home: Home) -> Coroutine[object, object, Database]:
    return Database.open(home.database, KEY)


DATABASES: Mapping[str, Callable[[Home], Coroutine[object, object, Database]]] = {"sqlite": sqlite}

ODD = "a\x00b ' \" % _ \\ / \u202e é 👩\u200d🚀 <b>"
"""Text as it may come from outside."""


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, home: Home, loop: Loop) -> Iterator[Database]:
    database = loop.run(DATABASES[request.param](home))
    yield database
    loop.run(database.aclose())


async def listed(database: Database, **wanted: Any) -> list[str]:
    """The ids that a filter leaves, in its order."""

    def read(db: Transaction) -> list[str]:
        return [row.session.session_id for row in sessions.rows(db, sessions.numbers(db, SessionFilter(**wanted)))]

    return await database.read(read)


async def save(database: Database, *page: Session) -> None:
    await database.write(lambda db: sessions.save_page(db, page))


def connection(name: str, **changes: Any) -> Connection:
    fields = {"provider": "oshara", "base_url": "https://example.org", "created_at": NOON}
    return Connection(name=name, **fields | changes)


async def test_connections_come_back_by_name_as_they_were_saved(database: Database) -> None:
    second = connection("b", options={"allowed_hosts": ODD}, sides=Sides(agent="Clinician", user="Patient"))
    first = connection("a")
    for each in (second, first):
        await database.write(lambda db, each=each: connections.save(db, each))
    assert await database.read(connections.load_all) == (first, second)
    assert await database.read(lambda db: connections.load(db, "b")) == second
    assert await database.read(lambda db: connections.load(db, "c")) is None


async def test_one_name_is_one_connection(database: Database) -> None:
    changed = connection("a", provider="lyzr")
    for each in (connection("a"), changed):
        await database.write(lambda db, each=each: connections.save(db, each))
    assert await database.read(connections.load_all) == (changed,)


async def test_deleting_a_connection_that_is_not_there_is_no_error(database: Database) -> None:
    await database.write(lambda db: connections.save(db, connection("a")))
    for _ in range(2):
        await database.write(lambda db: connections.delete(db, "a"))
    assert await database.read(connections.load_all) == ()


async def test_a_session_comes_back_as_it_was_listed(database: Database) -> None:
    odd = session(
        1,
        session_id=ODD,
        title=ODD,
        agent=ODD,
        started_at=NOON + timedelta(microseconds=1),
        parties=(ODD, ""),
        turn_count=0,
        metadata={"nested": [{"é\x00": None}, 1.5, -(2**60), True, ""]},
    )
    await save(database, odd)
    assert await database.read(lambda db: sessions.session(db, "acme", ODD)) == odd
    assert await database.read(lambda db: sessions.session(db, "other", ODD)) is None
    assert await database.read(lambda db: sessions.detail(db, "acme", ODD)) is None


async def test_listing_again_updates_and_keeps_the_number_and_the_detail(database: Database) -> None:
    kept = detail(session(2))
    await save(database, session(1), session(2), session(3))
    await database.write(lambda db: sessions.save_detail(db, kept))
    before = await database.read(lambda db: sessions.numbers(db, SessionFilter()))
    renamed = session(2, title="Zebra", state=SessionState.PROCESSING, started_at=NOON - timedelta(days=1))
    await save(database, session(1), renamed, session(3))
    after = await database.read(lambda db: sessions.numbers(db, SessionFilter()))

    assert sorted(after) == sorted(before)
    assert after != before, "it is sorted by what it is now"
    assert await database.read(lambda db: sessions.session(db, "acme", "sess_2")) == renamed
    assert await listed(database, text="zebra") == ["sess_2"]
    assert await listed(database, text="Call 2") == []
    assert await database.read(lambda db: sessions.detail(db, "acme", "sess_2")) == kept


async def test_a_listing_does_not_take_back_what_a_detail_told(database: Database) -> None:
    told = session(1, parties=("Ann", "Bob"), turn_count=7, metadata={"fee": 3})
    await database.write(lambda db: sessions.save_detail(db, detail(told)))
    await save(database, session(1, agent=None, duration_ms=None, started_at=None, state=SessionState.EXPIRED))
    known = await database.read(lambda db: sessions.session(db, "acme", "sess_1"))
    assert known == told.model_copy(update={"state": SessionState.EXPIRED})


async def test_a_page_may_name_a_session_twice_and_two_connections_the_same_id(database: Database) -> None:
    await save(database, session(1), session(1, connection="other"), session(1, title="Later"))
    rows = await database.read(lambda db: sessions.rows(db, sessions.numbers(db, SessionFilter())))
    assert sorted((row.session.connection, row.session.title) for row in rows) == [
        ("acme", "Later"),
        ("other", "Call 1"),
    ]


async def test_a_detail_comes_back_to_the_byte(database: Database) -> None:
    kept = detail(session(1, session_id=ODD))
    await database.write(lambda db: sessions.save_detail(db, kept))
    assert await database.read(lambda db: sessions.detail(db, "acme", ODD)) == kept
    later = detail(session(1, session_id=ODD), turns=(), raw=b"")
    await database.write(lambda db: sessions.save_detail(db, later))
    assert await database.read(lambda db: sessions.detail(db, "acme", ODD)) == later


async def test_forgetting_a_connection_keeps_a_persons_work(database: Database) -> None:
    timing = Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PERSON, offset_ms=40)
    await database.write(lambda db: sessions.save_detail(db, detail(session(1))))
    await save(database, session(2), session(3, connection="other"))
    await annotate(database, annotation(1))
    told = AuditAct(
        action="timing.set",
        actor="Rita",
        connection="acme",
        session_id="sess_1",
        content=timings.evidence(timing),
    )
    await database.write(lambda db: (timings.save(db, "acme", "sess_1", timing), audit.append(db, told, NOON)))
    await database.write(lambda db: sessions.forget_connection(db, "acme"))

    assert await listed(database) == ["sess_3"]
    assert await database.read(lambda db: sessions.detail(db, "acme", "sess_1")) is None
    assert await database.read(lambda db: annotations.of_session(db, "acme", "sess_1")) == (annotation(1),)
    assert await database.read(lambda db: timings.load(db, "acme", "sess_1")) == timing
    assert (await database.read(audit.verify)).consistent


async def test_a_number_is_never_another_session(database: Database) -> None:
    await save(database, session(1))
    (first,) = await database.read(lambda db: sessions.numbers(db, SessionFilter()))
    await database.write(lambda db: sessions.forget_connection(db, "acme"))
    await save(database, session(2))
    (second,) = await database.read(lambda db: sessions.numbers(db, SessionFilter()))
    assert first != second
    rows = await database.read(lambda db: sessions.rows(db, [first, second]))
    assert [row.number for row in rows] == [second]


async def test_each_order_of_a_list_and_where_the_unknown_go(database: Database) -> None:
    await save(
        database,
        session(1, title="beta", duration_ms=3),
        session(2, title="Alpha", duration_ms=None),
        session(3, title="ÄLPHA", duration_ms=9, started_at=None),
        session(4, title="alpha 2", duration_ms=5),
    )
    assert await listed(database, order=SessionOrder.NEWEST) == ["sess_4", "sess_2", "sess_1", "sess_3"]
    assert await listed(database, order=SessionOrder.OLDEST) == ["sess_1", "sess_2", "sess_4", "sess_3"]
    assert await listed(database, order=SessionOrder.LONGEST) == ["sess_3", "sess_4", "sess_1", "sess_2"]
    assert await listed(database, order=SessionOrder.TITLE) == ["sess_2", "sess_4", "sess_1", "sess_3"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["sess_3", "sess_2", "sess_1"]),
        ("  ", ["sess_3", "sess_2", "sess_1"]),
        ("CANCEL", ["sess_1"]),
        (" straße ", ["sess_2"]),
        ("STRASSE", ["sess_2"]),
        ("søren", ["sess_2"]),
        ("50%", ["sess_3"]),
        ("5%0", []),
        ("%", ["sess_3"]),
        ("_", ["sess_3", "sess_2", "sess_1"]),
        ("s_ss", []),
        ("\\", ["sess_3"]),
        ("a\x00b", ["sess_3"]),
        ("cafe\u0301", ["sess_3"]),
        ("SESS_2", ["sess_2"]),
        ("'; DROP TABLE sessions; --", []),
    ],
)
async def test_text_is_sought_in_title_agent_and_id(database: Database, text: str, found: list[str]) -> None:
    await save(
        database,
        session(1, title="Cancellation"),
        session(2, title="Haupt Straße", agent="Søren"),
        session(3, title="50% off \\ a\x00b café", agent=None),
    )
    assert await listed(database, text=text) == found


async def test_chips_narrow_and_each_is_counted_by_itself(database: Database) -> None:
    await save(
        database,
        session(1),
        session(2, recording_state=RecordingState.NONE),
        session(3, state=SessionState.IN_PROGRESS, recording_state=RecordingState.PROCESSING),
        session(4, connection="other"),
    )
    for number, of in enumerate((session(1), session(1), session(2))):
        await annotate(database, annotation(number, session_id=of.session_id))
    # the same id in a connection of its own is another session
    await annotate(database, annotation(9, connection="third", session_id="sess_4"))

    async def counted(wanted: SessionFilter) -> dict[SessionChip, int]:
        found = await database.read(lambda db: sessions.counts(db, wanted))
        return {chip: count for chip, count in found.items() if count or chip in told}

    told = {SessionChip.TO_REVIEW, SessionChip.ANNOTATED, SessionChip.WITH_RECORDING, SessionChip.IN_PROGRESS}
    annotated, to_review = SessionChip.ANNOTATED, SessionChip.TO_REVIEW
    recorded, in_progress = SessionChip.WITH_RECORDING, SessionChip.IN_PROGRESS
    assert await listed(database, chips=frozenset({annotated})) == ["sess_2", "sess_1"]
    assert await listed(database, chips=frozenset({to_review})) == ["sess_4", "sess_3"]
    assert await listed(database, chips=frozenset({recorded})) == ["sess_4", "sess_1"]
    assert await listed(database, chips=frozenset({in_progress})) == ["sess_3"]
    assert await listed(database, chips=frozenset({annotated, recorded})) == ["sess_1"]
    assert await listed(database, chips=frozenset({annotated, to_review})) == []
    assert await listed(database, chips=frozenset({to_review}), connection="acme", text="call") == ["sess_3"]
    assert await counted(SessionFilter()) == {
        to_review: 2,
        annotated: 2,
        recorded: 2,
        in_progress: 1,
    }
    wanted = SessionFilter(connection="acme", text="call 1", chips=frozenset({to_review}))
    assert await counted(wanted) == {
        to_review: 0,
        annotated: 1,
        recorded: 1,
        in_progress: 0,
    }


async def test_rows_come_in_the_order_asked_for_with_their_annotations(database: Database) -> None:
    await save(database, *(session(number) for number in range(1_200)))
    for number in range(3):
        await annotate(database, annotation(number, session_id="sess_7"))
    numbers = await database.read(lambda db: sessions.numbers(db, SessionFilter(order=SessionOrder.OLDEST)))
    asked = [numbers[7], 999_999, *reversed(numbers)]
    rows = await database.read(lambda db: sessions.rows(db, asked))
    assert [row.number for row in rows] == [numbers[7], *reversed(numbers)]
    assert [row.annotations for row in rows[:2]] == [3, 0]
    assert rows[0].session == session(7)
    assert await database.read(lambda db: sessions.rows(db, [])) == []


async def test_annotations_come_back_by_start_as_they_were_added(database: Database) -> None:
    turn = annotation(3, kind=AnnotationKind.TURN, start_ms=None, end_ms=None)
    moment = annotation(2, kind=AnnotationKind.MOMENT, start_ms=1_000, end_ms=None, created_at=NOON)
    odd = annotation(
        1, text=ODD, quote=ODD, tag=ODD[:20], author=ODD, created_at=NOON + timedelta(microseconds=1), role=None
    )
    early = annotation(0, severity=None, turn_index=None)
    for each in (turn, odd, moment, early):
        await annotate(database, each)
    await annotate(database, annotation(5, session_id="sess_2"))
    found = await database.read(lambda db: annotations.of_session(db, "acme", "sess_1"))
    assert found == (early, moment, odd, turn)


async def test_a_change_replaces_the_revision_it_was_made_from(database: Database) -> None:
    await annotate(database, annotation(1))
    second = annotation(1, text="Second", revision=2)
    await database.write(lambda db: annotations.replace(db, second, expected_revision=1))
    assert await database.read(lambda db: annotations.of_session(db, "acme", "sess_1")) == (second,)


async def test_a_change_of_what_somebody_else_changed_overwrites_nothing(database: Database) -> None:
    await annotate(database, annotation(1))
    theirs, ours = (annotation(1, text=text, revision=2) for text in ("theirs", "ours"))
    await database.write(lambda db: annotations.replace(db, theirs, expected_revision=1))
    with pytest.raises(ConflictError, match="changed by somebody else"):
        await database.write(lambda db: annotations.replace(db, ours, expected_revision=1))
    with pytest.raises(ConflictError):
        await database.write(lambda db: annotations.delete(db, ours.annotation_id, expected_revision=1))
    assert await database.read(lambda db: annotations.of_session(db, "acme", "sess_1")) == (theirs,)


async def test_what_somebody_else_deleted_is_not_there_to_change(database: Database) -> None:
    await annotate(database, annotation(1))
    await database.write(lambda db: annotations.delete(db, "note-1", expected_revision=1))
    with pytest.raises(NotFoundError, match="deleted"):
        await database.write(lambda db: annotations.replace(db, annotation(1, revision=2), expected_revision=1))
    with pytest.raises(NotFoundError):
        await database.write(lambda db: annotations.delete(db, "note-1", expected_revision=1))


async def test_an_id_is_given_once(database: Database) -> None:
    await annotate(database, annotation(1))
    with pytest.raises(ConflictError):
        await annotate(database, annotation(1, text="another"))
    assert await database.read(lambda db: annotations.of_session(db, "acme", "sess_1")) == (annotation(1),)
    assert len(await database.read(audit.events)) == 1


async def test_a_change_without_a_later_revision_is_a_bug(database: Database) -> None:
    await annotate(database, annotation(1))
    with pytest.raises(ValueError, match="later revision"):
        await database.write(lambda db: annotations.replace(db, annotation(1), expected_revision=1))


async def test_an_act_and_its_event_are_kept_together_or_not_at_all(database: Database) -> None:
    def fails_after_the_event(db: Transaction) -> None:
        annotations.add(db, annotation(1))
        audit.append(db, act("annotation.added", annotation(1)), NOON)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fails_after_the_event)
    assert await database.read(audit.events) == []
    assert await database.read(lambda db: annotations.of_session(db, "acme", "sess_1")) == ()
    await annotate(database, annotation(1))
    (event,) = await database.read(audit.events)
    assert (event.sequence, event.action, event.subject) == (1, "annotation.added", "note-1")


async def test_the_trail_proves_what_was_written(database: Database) -> None:
    await annotate(database, annotation(1, text=ODD, quote=ODD, author=ODD))
    assert (await database.read(audit.verify)).consistent


async def test_timings_are_kept_per_session(database: Database) -> None:
    first = Timing(quality=TimingQuality.APPROXIMATE, origin=TimingOrigin.MEASURED, offset_ms=-250, drift_ppm=0.1)
    second = Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PERSON)
    assert await database.read(lambda db: timings.load(db, "acme", ODD)) is None
    for timing in (first, second):
        await database.write(lambda db, timing=timing: timings.save(db, "acme", ODD, timing))
        assert await database.read(lambda db: timings.load(db, "acme", ODD)) == timing
    assert await database.read(lambda db: timings.load(db, "other", ODD)) is None


def record(name: str, **changes: Any) -> CacheRecord:
    fields: dict[str, Any] = {
        "cache_id": name,
        "connection": "acme",
        "session_id": "sess_1",
        "part_id": "p/1",
        "state": CacheState.PARTIAL,
        "total": 2**40,
        "etag": '"\x00é"',
        "ranges": ((0, 65_536), (131_072, 2**40)),
        "wrapped_key": bytes(range(255, 195, -1)),
        "used_at": NOON,
    }
    return CacheRecord(**fields | changes)


def facts(duration_ms: int) -> MediaFacts:
    return MediaFacts(
        sha256=None,
        bytes=9,
        container="mp4",
        codec="aac",
        duration_ms=duration_ms,
        channels=1,
        sample_rate=48_000,
        verified=True,
    )


async def test_cache_records_come_back_as_they_were_saved(database: Database) -> None:
    index = StoredCacheIndex(database)
    partial = record("b")
    gone = record("a", state=CacheState.GONE, wrapped_key=None, ranges=(), reason="gone for good")
    for each in (partial, gone):
        await index.save(each)
    assert await index.all() == (gone, partial)
    assert await index.load("b") == partial
    assert await index.load("c") is None
    verified = record("b", state=CacheState.VERIFIED, facts=facts(5), fetched_at=NOON)
    await index.save(verified)
    assert await index.load("b") == verified
    for _ in range(2):
        await index.delete("b")
    assert await index.all() == (gone,)


async def test_the_length_of_each_part_is_what_its_bytes_say(database: Database) -> None:
    async def known() -> dict[str, int]:
        return await database.read(lambda db: cache_index.lengths_ms(db, "acme", "sess_1"))

    index = StoredCacheIndex(database)
    assert await known() == {}
    await index.save(record("a", part_id="first", facts=facts(1_500)))
    await index.save(record("z", session_id="sess_2", facts=facts(7)))
    await index.save(record("b", part_id="second"))
    assert await known() == {"first": 1_500}
    await index.save(record("b", part_id="second", facts=facts(250)))
    assert await known() == {"first": 1_500, "second": 250}


async def test_the_last_choice_of_an_arrangement_is_kept_per_session(database: Database) -> None:
    assert await database.read(lambda db: arrangements.load(db, "acme", ODD)) is None
    for choice in (chosen(Arrangement.ALTERNATIVES, ODD), chosen(Arrangement.CONSECUTIVE, None)):
        await database.write(lambda db, choice=choice: arrangements.save(db, "acme", ODD, choice))
        assert await database.read(lambda db: arrangements.load(db, "acme", ODD)) == choice
    assert await database.read(lambda db: arrangements.load(db, "other", ODD)) is None


async def test_how_far_each_review_is_narrows_the_list_and_stands_in_the_row(database: Database) -> None:
    states = {1: ReviewState.IN_REVIEW, 2: ReviewState.DONE, 3: ReviewState.DISPUTED, 4: ReviewState.TO_REVIEW}
    await save(database, *(session(number) for number in range(1, 6)))
    for number, state in states.items():
        progress = ReviewProgress(
            connection="acme",
            session_id=f"sess_{number}",
            state=state,
            changed_at=NOON,
            changed_by="rita",
            score=9_600 if number == 2 else None,
        )
        await database.write(lambda db, progress=progress: review_states.save(db, progress))
    chips = (SessionChip.IN_REVIEW, SessionChip.DONE, SessionChip.DISPUTED, SessionChip.TO_REVIEW)
    found = [await listed(database, chips=frozenset({chip})) for chip in chips]
    assert found == [["sess_1"], ["sess_2"], ["sess_3"], ["sess_5", "sess_4"]]
    numbers = await database.read(lambda db: sessions.numbers(db, SessionFilter()))
    rows = await database.read(lambda db: sessions.rows(db, numbers))
    told = {row.session.session_id: row.review and (row.review.state, row.review.score) for row in rows}
    assert told["sess_2"] == (ReviewState.DONE, 9_600)
    assert told["sess_5"] is None
