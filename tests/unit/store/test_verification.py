"""What an owner of the database who edits it is found by, and what the verdict does not claim."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Connection as Transaction

from parts.stored import NOON, act, annotate, annotation, detail, session
from qa_player.model.audit import AuditAct, AuditVerdict
from qa_player.model.coverage import Manner, Sitting, Stretch
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.store import annotations, audit, coverage, sessions, timings
from qa_player.store.chain import link_digest
from qa_player.store.database import Database
from qa_player.store.tables import AUDIT_GUARDS

ENTRIES = 12


class UndoneError(Exception):
    """Carries a verdict out of a transaction that is to leave nothing."""

    def __init__(self, verdict: AuditVerdict) -> None:
        super().__init__()
        self.verdict = verdict


async def work(database: Database) -> None:
    """Annotations added, changed and deleted, a session with its detail, and events that speak of none of it."""

    def change(db: Transaction) -> None:
        changed = annotation(3, text="Announced too late", revision=2)
        annotations.replace(db, changed, expected_revision=1)
        audit.append(db, act("annotation.changed", changed), NOON)
        annotations.delete(db, "note-4", expected_revision=1)
        audit.append(db, act("annotation.deleted", annotation(4), exists=False), NOON)
        sessions.save_detail(db, detail(session(1)))
        audit.append(db, AuditAct(action="session.opened", actor="Rita", connection="acme", session_id="sess_1"), NOON)
        audit.append(db, AuditAct(action="settings.changed", actor="Rita", content=b"dark"), NOON)

    for number in range(8):
        await annotate(database, annotation(number))
    await database.write(change)


async def verdict_after(database: Database, attack: Callable[[Transaction], object]) -> AuditVerdict:
    """The verdict on a database that an owner edited, putting the guards back; the edit is undone."""

    def attacked(db: Transaction) -> None:
        guards = db.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for guard in AUDIT_GUARDS:
            db.exec_driver_sql(f"DROP TRIGGER {guard}")
        attack(db)
        for guard in guards:
            db.exec_driver_sql(guard)
        raise UndoneError(audit.verify(db))

    with pytest.raises(UndoneError) as undone:
        await database.write(attacked)
    return undone.value.verdict


def sql(statement: str) -> Callable[[Transaction], object]:
    return lambda db: db.exec_driver_sql(statement)


def made_anew(db: Transaction) -> None:
    """Give every row the digests that fit it, as who can write the database and knows the code may do."""
    previous = "0" * 64
    for row in db.exec_driver_sql("SELECT * FROM audit ORDER BY sequence").mappings().all():
        columns: dict[Any, Any] = dict(row) | {"previous": previous}
        previous = link_digest(columns)
        db.exec_driver_sql(
            "UPDATE audit SET previous = ?, digest = ? WHERE sequence = ?",
            (columns["previous"], previous, row["sequence"]),
        )
    db.exec_driver_sql("UPDATE audit_head SET digest = ?, sequence = (SELECT max(sequence) FROM audit)", (previous,))


async def test_honest_work_is_consistent_and_its_end_is_not_claimed(database: Database) -> None:
    assert await database.read(audit.verify) == AuditVerdict(
        consistent=True, end_proven=False, entries=0, anchored_at=None
    )
    await work(database)
    assert await database.read(audit.verify) == AuditVerdict(
        consistent=True, end_proven=False, entries=ENTRIES, anchored_at=None
    )
    untouched = await verdict_after(database, lambda db: None)
    assert untouched.consistent, "the control: taking the guards off and on is no damage by itself"


EDITS = {
    "actor": "UPDATE audit SET actor = 'Mallory' WHERE sequence = {n}",
    "action": "UPDATE audit SET action = 'session.closed' WHERE sequence = {n}",
    "time": "UPDATE audit SET at = '2026-03-02T12:00:00.000001Z' WHERE sequence = {n}",
    "detail": "UPDATE audit SET detail = '[]' WHERE sequence = {n}",
    "spelling": "UPDATE audit SET detail = ' ' || detail WHERE sequence = {n}",
    "content": "UPDATE audit SET content_hmac = '" + "0" * 64 + "' WHERE sequence = {n}",
    "subject": "UPDATE audit SET subject = 'note-99' WHERE sequence = {n}",
    "digest": "UPDATE audit SET digest = '" + "0" * 64 + "' WHERE sequence = {n}",
    "not text": "UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE sequence = {n}",
    "removed": "DELETE FROM audit WHERE sequence = {n}",
    "moved": "UPDATE audit SET sequence = sequence + 100 WHERE sequence = {n}",
    "twice": "INSERT INTO audit SELECT sequence + 100, at, actor, action, connection, session_id, subject, detail,"
    " content_hmac, previous, digest FROM audit WHERE sequence = {n}",
}


@pytest.mark.parametrize("edit", EDITS)
async def test_an_edit_of_any_entry_is_found(database: Database, edit: str) -> None:
    await work(database)
    for entry in range(1, ENTRIES + 1):
        verdict = await verdict_after(database, sql(EDITS[edit].format(n=entry)))
        assert not verdict.consistent, f"entry {entry}"
        assert verdict.damage
        if edit not in ("not text", "removed", "moved", "twice"):
            assert verdict.damage.startswith(f"Entry {entry} of the audit trail")
            assert verdict.entries == entry - 1
    assert (await database.read(audit.verify)).consistent


async def test_two_entries_that_changed_places_are_found(database: Database) -> None:
    await work(database)
    for entry in range(1, ENTRIES):

        def swap(db: Transaction, entry: int = entry) -> None:
            for was, becomes in ((entry, 100), (entry + 1, entry), (100, entry + 1)):
                db.exec_driver_sql("UPDATE audit SET sequence = ? WHERE sequence = ?", (becomes, was))

        assert (await verdict_after(database, swap)).damage is not None


async def test_a_careless_cut_of_the_tail_is_found(database: Database) -> None:
    await work(database)
    verdict = await verdict_after(database, sql(f"DELETE FROM audit WHERE sequence > {ENTRIES - 1}"))
    assert verdict.damage == f"The audit trail ends at entry {ENTRIES - 1}, but entry {ENTRIES} was written."
    assert not (await verdict_after(database, sql("DELETE FROM audit"))).consistent
    assert not (await verdict_after(database, sql("DELETE FROM audit_head"))).consistent


async def test_a_trail_made_anew_is_found_by_the_work_it_no_longer_fits(database: Database) -> None:
    await work(database)

    def cut_and_made_anew(db: Transaction) -> None:
        db.exec_driver_sql("DELETE FROM audit WHERE sequence > 4")
        made_anew(db)

    verdict = await verdict_after(database, cut_and_made_anew)
    assert verdict.damage == "An annotation is not what entry 4 of the audit trail says was written."

    def forged(db: Transaction) -> None:
        db.exec_driver_sql("UPDATE audit SET content_hmac = ? WHERE sequence = 2", ("0" * 64,))
        made_anew(db)

    assert (await verdict_after(database, forged)).damage == (
        "An annotation is not what entry 2 of the audit trail says was written."
    )


async def test_what_only_an_anchor_would_find_is_not_claimed(database: Database) -> None:
    """Who can write the database may take an act back together with its event; the verdict says so by claiming less."""
    await work(database)

    def take_back(db: Transaction) -> None:
        db.exec_driver_sql("DELETE FROM audit WHERE sequence > 8")
        db.exec_driver_sql("DELETE FROM annotations WHERE annotation_id IN ('note-3', 'note-4')")
        db.exec_driver_sql("DELETE FROM audit WHERE subject IN ('note-3', 'note-4')")
        for row in db.exec_driver_sql("SELECT sequence FROM audit ORDER BY sequence").scalars().all():
            below = "SELECT count(*) FROM audit AS other WHERE other.sequence <= audit.sequence"
            db.exec_driver_sql(f"UPDATE audit SET sequence = ({below}) WHERE sequence = {row}")
        made_anew(db)

    verdict = await verdict_after(database, take_back)
    assert verdict.consistent
    assert not verdict.end_proven


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE annotations SET text = 'There was no fee' WHERE annotation_id = 'note-1'",
        "UPDATE annotations SET severity = NULL WHERE annotation_id = 'note-1'",
        "UPDATE annotations SET start_ms = start_ms + 1 WHERE annotation_id = 'note-1'",
        "UPDATE annotations SET author = 'Mallory' WHERE annotation_id = 'note-3'",
        "UPDATE annotations SET session_id = 'sess_2' WHERE annotation_id = 'note-1'",
        "UPDATE annotations SET created_at = '2026-03-02T12:00:01Z' WHERE annotation_id = 'note-1'",
        "UPDATE annotations SET role = 'nobody' WHERE annotation_id = 'note-1'",
        "UPDATE annotations SET annotation_id = 'note-99' WHERE annotation_id = 'note-1'",
        "DELETE FROM annotations WHERE annotation_id = 'note-1'",
        "INSERT INTO annotations SELECT 'note-4', connection, session_id, kind, start_ms, end_ms, turn_index, role,"
        " quote, tag, severity, text, author, created_at, updated_at, revision, extra, private"
        " FROM annotations WHERE annotation_id = 'note-1'",
        "UPDATE session_keys SET key = zeroblob(32)",
        "DELETE FROM session_keys",
    ],
)
async def test_an_annotation_that_is_not_what_was_written_is_found(database: Database, statement: str) -> None:
    await work(database)
    assert not (await verdict_after(database, sql(statement))).consistent


async def test_the_guards_refuse_what_they_guard_against(database: Database) -> None:
    await work(database)
    for statement in (
        "UPDATE audit SET actor = 'Mallory' WHERE sequence = 1",
        "DELETE FROM audit WHERE sequence = 1",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT sequence, at, 'Mallory', action, connection, session_id, subject, detail,"
        " content_hmac, previous, digest FROM audit WHERE sequence = 1",
    ):
        with pytest.raises(sqlalchemy.exc.IntegrityError, match="only grows"):
            await database.write(sql(statement))
    assert (await database.read(audit.verify)).consistent


async def test_a_guard_that_is_gone_is_found(database: Database) -> None:
    for guard in AUDIT_GUARDS:

        def take_off(db: Transaction, guard: str = guard) -> None:
            db.exec_driver_sql(f"DROP TRIGGER {guard}")
            raise UndoneError(audit.verify(db))

        with pytest.raises(UndoneError) as undone:
            await database.write(take_off)
        assert undone.value.verdict.damage == "The guard that lets the audit trail only grow was taken off."


async def test_a_row_that_refers_to_nothing_is_found(database: Database) -> None:
    await work(database)

    def orphan(db: Transaction) -> None:
        db.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        db.exec_driver_sql("UPDATE details SET number = 77")

    assert (await verdict_after(database, orphan)).damage is not None


async def test_content_is_nowhere_in_the_trail(database: Database) -> None:
    said = "Kanarienvogel"
    await annotate(database, annotation(1, text=said, quote=said, tag=said))
    rows = await database.read(lambda db: [tuple(row) for row in db.exec_driver_sql("SELECT * FROM audit")])
    assert said not in repr(rows)
    assert said in repr(await database.read(lambda db: annotations.of_session(db, "acme", "sess_1")))


async def test_the_same_content_has_another_digest_in_another_session(database: Database) -> None:
    def both(db: Transaction) -> list[str | None]:
        acts = [
            AuditAct(action="note.read", actor="Rita", connection="acme", session_id=name, content=b"same")
            for name in ("sess_1", "sess_2", "sess_1")
        ]
        return [audit.append(db, each, NOON).content_hmac for each in acts]

    first, second, again = await database.write(both)
    assert first == again
    assert first != second


async def test_events_come_back_as_they_were_appended(database: Database) -> None:
    acts = [
        AuditAct(
            action="recording.played",
            actor="Rita",
            connection="acme",
            session_id=f"sess_{number % 2}",
            subject="p\x00/1",
            detail={"from_ms": number, "nested": [{"é": None}, True]},
        )
        for number in range(6)
    ]
    appended = [
        await database.write(lambda db, each=each, at=NOON + timedelta(microseconds=number): audit.append(db, each, at))
        for number, each in enumerate(acts)
    ]
    assert await database.read(audit.events) == appended
    assert [event.detail for event in appended] == [each.detail for each in acts]
    assert [event.at for event in appended] == [NOON + timedelta(microseconds=number) for number in range(6)]
    last = await database.read(lambda db: audit.events(db, limit=2))
    assert [event.sequence for event in last] == [5, 6]
    of_one = await database.read(lambda db: audit.events(db, connection="acme", session_id="sess_1", limit=2))
    assert [event.sequence for event in of_one] == [4, 6]
    assert await database.read(lambda db: audit.events(db, connection="other")) == []


async def test_a_detail_with_a_fraction_is_refused_whole(database: Database) -> None:
    with pytest.raises(ValueError, match="canonical"):
        await database.write(
            lambda db: audit.append(db, AuditAct(action="speed.set", actor="Rita", detail={"speed": 1.5}), NOON)
        )
    assert await database.read(audit.events) == []


async def test_verdicts_can_be_handed_on_as_json(database: Database) -> None:
    verdict = await database.read(audit.verify)
    assert json.loads(verdict.model_dump_json(exclude={"damage"})) == {
        "consistent": True,
        "end_proven": False,
        "entries": 0,
        "anchored_at": None,
    }


async def listened(database: Database) -> None:
    """A clock that was set twice, one that was taken back, a sitting that ended and one that lasts."""
    stretch = Stretch(start_ms=0, end_ms=9_000, manner=Manner.HEARD, speed=1.5)
    sitting = Sitting(
        sitting_id="sat-1",
        connection="acme",
        session_id="sess_1",
        actor="Rita",
        login="rita",
        began_at=NOON,
        ended_at=NOON,
        stretches=(stretch,),
    )

    def set_clock(db: Transaction, session_id: str, offset_ms: int) -> None:
        clock = Timing(quality=TimingQuality.APPROXIMATE, origin=TimingOrigin.PERSON, offset_ms=offset_ms)
        timings.save(db, "acme", session_id, clock)
        told(db, "timing.set", session_id, None, timings.evidence(clock), exists=True)

    def told(
        db: Transaction, action: str, session_id: str, subject: str | None, proof: bytes | None, **detail: Any
    ) -> None:
        place = {"connection": "acme", "session_id": session_id}
        audit.append(
            db, AuditAct(action=action, actor="Rita", subject=subject, content=proof, detail=detail, **place), NOON
        )

    def change(db: Transaction) -> None:
        for offset_ms in (100, 200):
            set_clock(db, "sess_1", offset_ms)
        set_clock(db, "sess_2", 300)
        timings.forget(db, "acme", "sess_2")
        told(db, "timing.set", "sess_2", None, None, exists=False)
        coverage.save(db, sitting)
        told(db, "recording.heard", "sess_1", "sat-1", coverage.evidence(sitting))
        coverage.save(db, sitting.model_copy(update={"sitting_id": "sat-2", "ended_at": None}))

    await database.write(change)


@pytest.mark.parametrize(
    ("attack", "damage"),
    [
        ("UPDATE sittings SET payload = replace(payload, '9000', '90000')", "record of what was heard is not what"),
        ("UPDATE sittings SET payload = replace(payload, '1.5', '1.0')", "record of what was heard is not what"),
        ("UPDATE sittings SET payload = replace(payload, 'Rita', 'Anna')", "record of what was heard is not what"),
        ("DELETE FROM sittings", "record of what was heard that entry 5"),
        (
            "INSERT INTO sittings SELECT 'sat-9', connection, session_id, replace(payload, 'sat-1', 'sat-9')"
            " FROM sittings WHERE sitting_id = 'sat-1'",
            "that the audit trail does not know",
        ),
        ("UPDATE timings SET payload = replace(payload, '200', '100')", "timing is not what entry 2"),
        ("UPDATE timings SET session_id = 'sess_2'", "timing that the audit trail does not know"),
        ("DELETE FROM timings", "timing that entry 2"),
    ],
)
async def test_what_was_heard_and_the_clock_are_what_the_trail_says(
    database: Database, attack: str, damage: str
) -> None:
    await listened(database)
    assert (await database.read(audit.verify)).consistent
    verdict = await verdict_after(database, sql(attack))
    assert not verdict.consistent
    assert damage in (verdict.damage or "")
