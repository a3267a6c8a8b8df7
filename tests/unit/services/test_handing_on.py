"""Many sessions in one file: nothing is asked for twice, the same sessions are the same bytes, and it is whole."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from parts.conversations import NOON, TURNS, conversation
from parts.desk import Desk
from parts.forms import answered_card
from parts.stored import annotate, annotation, session
from qa_player.canonical import sha256
from qa_player.demo.server import DemoServer
from qa_player.errors import ConflictError, KeyRefusedError, NotFoundError, StorageError, UsageError
from qa_player.files import writing_alone
from qa_player.formats import json_lines
from qa_player.formats.annotation_row import annotation_row
from qa_player.model.handed_on import What
from qa_player.services.handing_on import Wanted
from qa_player.store import scorecards, sessions

TRANSCRIPTS = Wanted("acme", What.TRANSCRIPTS)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "many"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def asked(server: DemoServer) -> Counter[str]:
    """How often the provider was asked for each session."""
    return Counter(one.path.strip("/").rpartition("/")[2] for one in server.log if "sess_" in one.path)


async def test_turns_of_all_sessions_the_oldest_first(desk: Desk, serve: Callable[..., DemoServer], out: Path) -> None:
    server = serve(*(conversation(number) for number in range(1, 63)))
    await desk.connect(server)
    seen: list[tuple[int, int | None]] = []
    told = await desk.handing_on.hand_on(
        TRANSCRIPTS, format="jsonl", path=out, progress=lambda done, of: seen.append((done, of))
    )
    rows = lines(out)
    assert [(row["session_id"], row["turn_index"], row["text"]) for row in rows] == [
        (f"sess_{number:06}", index, text) for number in range(1, 63) for index, (_, text, _) in enumerate(TURNS)
    ]
    assert rows[0]["transcript_digest"]
    assert (rows[0]["offset_ms"], rows[0]["raw_start_ms"], rows[0]["started_at"]) == (0, 0, "2026-03-02T12:01:00Z")
    assert (told.sessions, told.lines, told.refused, told.already) == (62, 248, [], False)
    assert seen == [(50, 62), (62, 62)]
    events = await desk.events("session.exported")
    assert [event.session_id for event in events] == [f"sess_{number:06}" for number in range(1, 63)]
    (whole,) = await desk.events("sessions.exported")
    assert (whole.detail["sha256"], whole.detail["sessions"]) == (told.sha256, 62)
    assert [each.name for each in out.parent.iterdir()] == ["many"]
    assert out.stat().st_mode & 0o077 == 0
    assert set(asked(server).values()) == {1}


async def test_a_later_run_asks_for_what_is_new_only(desk: Desk, serve: Callable[..., DemoServer], out: Path) -> None:
    server = serve(*(conversation(number) for number in (1, 2, 4)))
    await desk.connect(server)
    await desk.handing_on.hand_on(TRANSCRIPTS, format="jsonl", path=out)
    before = out.read_bytes()
    again = await desk.handing_on.hand_on(TRANSCRIPTS, format="jsonl", path=out)
    assert (again.already, out.read_bytes()) == (True, before)
    server.api.tell(conversation(5))
    server.api.tell(conversation(3))
    later = await desk.handing_on.hand_on(TRANSCRIPTS, format="jsonl", path=out)
    assert not later.already
    assert list(dict.fromkeys(row["session_id"] for row in lines(out))) == [f"sess_{one:06}" for one in range(1, 6)]
    assert set(asked(server).values()) == {1}


async def test_what_a_person_corrected_stands_beside_what_was_heard_and_a_private_note_nowhere(
    connected: Desk, out: Path
) -> None:
    await connected.review.load(await connected.library.open("acme", "sess_000001"))
    await connected.review.annotate(
        start_ms=None, turn_index=1, tag="correction", text="I was charged thrice.", corrects=True
    )
    await connected.review.annotate(start_ms=0, tag="hunch", text="between us", private=True)
    await connected.handing_on.hand_on(TRANSCRIPTS, format="jsonl", path=out)
    told = {(row["session_id"], row["turn_index"]): (row["text"], row["corrected_text"]) for row in lines(out)}
    assert told["sess_000001", 1] == ("I was charged twice.", "I was charged thrice.")
    assert told["sess_000002", 1] == ("I was charged twice.", None)
    await connected.handing_on.hand_on(TRANSCRIPTS, format="txt", path=out)
    assert "I was charged thrice.\n[as the provider heard it: I was charged twice.]" in out.read_text()
    await connected.handing_on.hand_on(Wanted("acme", What.ANNOTATIONS), format="csv", path=out)
    assert "charged thrice" in out.read_text()
    assert "between us" not in out.read_text()


async def test_what_came_before_the_network_failed_is_not_asked_for_again(
    desk: Desk, serve: Callable[..., DemoServer], out: Path
) -> None:
    server = serve(*(conversation(number) for number in range(1, 9)))
    await desk.connect(server)
    await desk.library.refresh("acme")
    for number in (1, 2, 3):
        await desk.library.detail("acme", f"sess_{number:06}")
    server.api.key_works = False
    out.write_bytes(b"an older file")
    with pytest.raises(KeyRefusedError):
        await desk.handing_on.hand_on(TRANSCRIPTS, format="txt", path=out)
    assert out.read_bytes() == b"an older file"
    assert [each.name for each in out.parent.iterdir()] == ["many"]
    server.api.key_works = True
    told = await desk.handing_on.hand_on(TRANSCRIPTS, format="txt", path=out)
    assert told.sessions == 8
    assert out.read_text().count("I was charged twice.") == 8
    assert set(asked(server).values()) == {1}


async def test_one_session_that_is_refused_hides_no_other(
    desk: Desk, serve: Callable[..., DemoServer], out: Path
) -> None:
    await desk.connect(serve(conversation(1), conversation(3)))
    await desk.database.write(lambda db: sessions.save_page(db, [session(1, session_id="sess_999999")]))
    told = await desk.handing_on.hand_on(TRANSCRIPTS, format="csv", path=out)
    assert [(one, type(error)) for one, error in told.refused] == [("sess_999999", NotFoundError)]
    rows = list(csv.DictReader(io.StringIO(out.read_text(), newline="")))
    assert Counter(row["session_id"] for row in rows) == {"sess_000001": 4, "sess_000003": 4}


async def test_annotations_are_the_same_lines_whether_spelled_at_once_or_value_by_value(
    connected: Desk, out: Path
) -> None:
    usual = [annotation(number, session_id="sess_000001", text=f"“{number}”\n") for number in (3, 1)]
    rare = annotation(2, session_id="sess_000002", extra={"colour": "red"})
    for one in (*usual, rare):
        await annotate(connected.database, one)
    told = await connected.handing_on.hand_on(Wanted("acme", What.ANNOTATIONS), format="jsonl", path=out)
    in_order = (usual[1], usual[0], rare)
    assert out.read_bytes() == b"".join(json_lines.flat_lines([annotation_row(one)]) for one in in_order)
    assert (told.sessions, told.lines) == (2, 3)
    events = await connected.events("session.exported")
    assert events[0].detail["sha256"] == sha256(b"".join(out.read_bytes().splitlines(keepends=True)[:2]))


async def test_dates_narrow_and_a_session_of_no_date_is_told(connected: Desk, server: DemoServer, out: Path) -> None:
    await connected.library.refresh("acme")
    await annotate(connected.database, annotation(1, session_id="sess_000001"))
    await annotate(connected.database, annotation(2, session_id="sess_000002", text="=1+1"))
    await annotate(connected.database, annotation(3, session_id="a session of old"))
    everything = await connected.handing_on.hand_on(Wanted("acme", What.ANNOTATIONS), format="csv", path=out)
    rows = list(csv.DictReader(io.StringIO(out.read_text(), newline="")))
    assert [row["session_id"] for row in rows] == ["sess_000001", "sess_000002", "a session of old"]
    assert rows[1]["text"] == "'=1+1"
    assert (everything.lines, everything.undated) == (3, 0)
    late = Wanted("acme", What.ANNOTATIONS, since=NOON + timedelta(minutes=2))
    told = await connected.handing_on.hand_on(late, format="jsonl", path=out)
    assert [row["annotation_id"] for row in lines(out)] == ["note-2"]
    assert (told.sessions, told.undated) == (1, 1)
    await connected.handing_on.hand_on(late, format="txt", path=out)
    assert "[0:02.00–0:02.50] fee (major): =1+1 (Rita)" in out.read_text()
    assert asked(server) == {}, "what people made is here"


async def test_scores_are_those_that_were_submitted(connected: Desk, out: Path) -> None:
    submitted, draft = answered_card("sess_000001"), answered_card("sess_000002", submitted=False)
    await connected.database.write(lambda db: (scorecards.add(db, submitted), scorecards.add(db, draft)))
    told = await connected.handing_on.hand_on(Wanted("acme", What.SCORES), format="jsonl", path=out)
    (card,) = lines(out)
    assert (card["session_id"], card["scorecard_id"]) == ("sess_000001", submitted.scorecard_id)
    assert (told.sessions, told.lines) == (1, 1)
    await connected.handing_on.hand_on(Wanted("acme", What.SCORES), format="csv", path=out)
    rows = list(csv.DictReader(io.StringIO(out.read_text(), newline="")))
    assert {row["question_id"] for row in rows} == {
        question["question_id"] for section in card["sections"] for question in section["answers"] if question["asked"]
    }
    await connected.handing_on.hand_on(Wanted("acme", What.SCORES), format="txt", path=out)
    assert submitted.form.title in out.read_text()


async def test_nothing_is_an_empty_file(desk: Desk, serve: Callable[..., DemoServer], out: Path) -> None:
    await desk.connect(serve())
    told = await desk.handing_on.hand_on(TRANSCRIPTS, format="jsonl", path=out)
    assert (told.sessions, out.read_bytes()) == (0, b"")


async def test_wrong_wishes_are_refused_before_anything_is_asked(
    connected: Desk, server: DemoServer, out: Path
) -> None:
    with pytest.raises(UsageError, match="cannot be written as “eaf”"):
        await connected.handing_on.hand_on(TRANSCRIPTS, format="eaf", path=out)
    with pytest.raises(UsageError, match="no folder to write this file into"):
        await connected.handing_on.hand_on(TRANSCRIPTS, format="csv", path=out / "x")
    with pytest.raises(NotFoundError):
        await connected.handing_on.hand_on(Wanted("nobody", What.SCORES), format="csv", path=out)
    assert list(out.parent.iterdir()) == []
    assert await connected.events("sessions.exported") == []


async def test_two_runs_do_not_write_the_same_file(connected: Desk, out: Path) -> None:
    with writing_alone(out) as file:
        file.write(b"the first")
        with pytest.raises(ConflictError, match="Another export"):
            await connected.handing_on.hand_on(TRANSCRIPTS, format="jsonl", path=out)
    assert out.read_bytes() == b"the first"


async def test_a_file_that_cannot_be_put_in_its_place_is_recorded_as_failed(connected: Desk) -> None:
    with pytest.raises(StorageError):
        await connected.handing_on.hand_on(TRANSCRIPTS, format="jsonl", path=Path("/proc/1/task/many"))
    assert await connected.events("sessions.exported") == []
