"""Calibration by file: nobody's scores go out, nobody but the maker reads what comes back."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from parts.conversations import conversation
from parts.desk import Desk
from parts.forms import form, yes_no
from qa_player.demo.server import DemoServer
from qa_player.errors import ConflictError, IntegrityError, StorageError, UsageError
from qa_player.formats.calibration_file import read_packet, read_sealed, read_written, write_sealed
from qa_player.model.annotation import Span
from qa_player.model.calibration import Packet, SessionAnswers
from qa_player.model.scorecard import Answer
from qa_player.sealed import new_key
from qa_player.services.calibration import Calibration
from qa_player.services.forms import form_digest

SMALL = form((0, (yes_no("greet", 4_000), yes_no("solve", 6_000))), pass_mark=50)
IDS = ["sess_000001", "sess_000002", "sess_000003"]
MakeDesk = Callable[..., Awaitable[Desk]]


@pytest.fixture
def server(serve: Callable[..., DemoServer]) -> DemoServer:
    return serve(*(conversation(number) for number in (1, 2, 3)))


async def packed(desk: Desk, folder: Path) -> Packet:
    path = folder / "packet.json"
    await desk.calibration.pack([("acme", one) for one in IDS], SMALL, path=path)
    return read_packet(path.read_bytes())


def sheets(packet: Packet, *marks: str) -> list[SessionAnswers]:
    """For each session what was answered to both questions: ``yn`` is yes and no."""
    options = {"y": "yes", "n": "no"}
    return [
        SessionAnswers(
            connection=session.connection,
            session_id=session.session_id,
            answers=tuple(
                Answer(question_id=question, option_id=options[mark], comment="a word of mine")
                for question, mark in zip(("greet", "solve"), mark_pair, strict=True)
            ),
        )
        for session, mark_pair in zip(packet.sessions, marks, strict=True)
    ]


async def test_a_packet_tells_what_was_said_and_nothing_that_anybody_thinks(connected: Desk, tmp_path: Path) -> None:
    await connected.scoring.load((await connected.library.open("acme", IDS[0])).measured(10_000))
    card = await connected.scoring.start(SMALL)
    secret = Answer(question_id="solve", option_id="no", comment="a damning word", spans=(Span(start_ms=7, end_ms=8),))
    await connected.scoring.answer(card.scorecard_id, secret)
    await connected.scoring.answer(card.scorecard_id, Answer(question_id="greet", option_id="yes"))
    await connected.scoring.submit(card.scorecard_id)
    packet = await packed(connected, tmp_path)
    assert [one.session_id for one in packet.sessions] == IDS
    assert [turn.text for turn in packet.sessions[0].turns][1] == "I was charged twice."
    assert (packet.form, packet.made_by) == (SMALL, "rita")
    text = (tmp_path / "packet.json").read_text()
    assert "damning" not in text
    assert card.scorecard_id not in text
    acts = await connected.events("calibration.packed")
    assert [(act.connection, act.session_id, act.subject) for act in acts] == [
        ("acme", session_id, packet.packet_id) for session_id in IDS
    ]


async def test_sealed_answers_come_back_and_are_laid_side_by_side(
    connected: Desk, make_desk: MakeDesk, tmp_path: Path
) -> None:
    packet = await packed(connected, tmp_path)
    files = []
    for name, marks in (("ann", ("yy", "yn", "ny")), ("bartholomew", ("yy", "nn", "ny"))):
        desk = await make_desk(actor=name)
        path = tmp_path / f"{name}.json"
        await desk.calibration.answer(packet, sheets(packet, *marks), path=path)
        files.append(path.read_bytes())
        assert b"word of mine" not in path.read_bytes()
        assert name.encode() not in path.read_bytes()
    told = await connected.calibration.compare(packet, files)
    assert told.reviewers == ("ann", "bartholomew")
    assert [(one.session.session_id, one.question.question_id) for one in told.differences] == [(IDS[1], "greet")]
    (act,) = await connected.events("calibration.compared")
    assert len(act.detail["answers"]) == 2  # type: ignore[arg-type]
    assert len({len(read_sealed(data).sealed) for data in files}) == 1, "the length of a file tells nothing"
    assert (await connected.audit.verify()).consistent


async def test_only_the_home_that_made_the_packet_opens_answers(connected: Desk, tmp_path: Path) -> None:
    packet = await packed(connected, tmp_path)
    path = tmp_path / "mine.json"
    await connected.calibration.answer(packet, sheets(packet, "yy", "yy", "yy"), path=path)
    elsewhere = Calibration(
        database=connected.database,
        connections=connected.connections,
        library=connected.library,
        trail=connected.trail,
        key=new_key(),
    )
    with pytest.raises(UsageError, match="made by somebody else"):
        await elsewhere.compare(packet, [path.read_bytes()] * 2)
    with pytest.raises(UsageError, match="nothing to be compared"):
        await connected.calibration.compare(packet, [path.read_bytes()])
    with pytest.raises(UsageError, match="same person"):
        await connected.calibration.compare(packet, [path.read_bytes()] * 2)
    other = await packed(connected, tmp_path)
    with pytest.raises(UsageError, match="another packet"):
        await connected.calibration.compare(other, [path.read_bytes()] * 2)
    assert await connected.events("calibration.compared") == []


def changed(data: bytes, **content: Any) -> bytes:
    told = json.loads(data)
    return json.dumps(told | {"content": told["content"] | content}).encode()


async def test_files_that_were_changed_are_refused(connected: Desk, tmp_path: Path) -> None:
    packet = await packed(connected, tmp_path)
    data = (tmp_path / "packet.json").read_bytes()
    with pytest.raises(IntegrityError):
        read_packet(changed(data, public_key="11" * 32))
    with pytest.raises(UsageError, match="no calibration packet"):
        read_packet(b"{}")
    with pytest.raises(UsageError):
        read_packet(b"\xff")
    path = tmp_path / "mine.json"
    await connected.calibration.answer(packet, sheets(packet, "yy", "yy", "yy"), path=path)
    with pytest.raises(UsageError, match="no sealed answers"):
        read_sealed(data)
    sealed = read_sealed(path.read_bytes())
    broken = sealed.model_copy(update={"sealed": "A" * 8 + sealed.sealed[8:]})
    with pytest.raises(IntegrityError):
        await connected.calibration.compare(packet, [write_sealed(broken)] * 2)


async def test_a_packet_is_answered_whole_or_not_at_all(connected: Desk, tmp_path: Path) -> None:
    packet = await packed(connected, tmp_path)
    path = tmp_path / "mine.json"
    all_three = sheets(packet, "yy", "yn", "ny")
    with pytest.raises(UsageError, match="sess_000003 is not answered"):
        await connected.calibration.answer(packet, all_three[:2], path=path)
    half = all_three[2].model_copy(update={"answers": all_three[2].answers[:1]})
    with pytest.raises(UsageError, match="“Solve” is open"):
        await connected.calibration.answer(packet, [*all_three[:2], half], path=path)
    assert not path.exists()
    with pytest.raises(UsageError, match="no folder"):
        await connected.calibration.answer(packet, all_three, path=tmp_path / "none" / "mine.json")
    assert await connected.events("calibration.answered") == []


async def test_answers_are_read_from_a_file_and_every_fault_is_told(connected: Desk, tmp_path: Path) -> None:
    packet = await packed(connected, tmp_path)
    whole = {"greet": "Yes", "solve": {"option": "no", "evidence": [{"start_ms": 1, "end_ms": 2}]}}
    given = [{"session_id": one, "answers": whole} for one in IDS]
    told = read_written(json.dumps({"sessions": given}).encode(), packet)
    assert told.faults == ()
    assert [one.session_id for one in told.sessions] == IDS
    assert told.sessions[0].answers[1].spans == (Span(start_ms=1, end_ms=2),)
    bad = [
        {"session_id": "none", "answers": whole},
        given[0],
        given[0],
        {"session_id": IDS[1], "answers": {"greet": "perhaps", "poem": "yes"}},
        {"session_id": IDS[2], "answers": {"solve": {"option": "no", "absent": True}}},
    ]
    faults = read_written(json.dumps({"sessions": bad}).encode(), packet).faults
    assert [fault.split(":")[0] for fault in faults] == ["Entry 1", "Entry 3", "Entry 4", "Entry 4", "Entry 5"]
    assert "score it in the window" in faults[-1]
    for nothing in (b"", b"[]", b'{"sessions": {}}', b'{"sessions": ["x"]}'):
        assert "holds no answers" in read_written(nothing, packet).faults[0]


async def test_what_was_submitted_in_the_window_answers_a_packet(connected: Desk, tmp_path: Path) -> None:
    packet = await packed(connected, tmp_path)
    for number, session_id in enumerate(IDS):
        await connected.scoring.load((await connected.library.open("acme", session_id)).measured(10_000))
        answers = [Answer(question_id="greet", option_id="yes"), Answer(question_id="solve", option_id="yes")]
        if number < 2:
            await connected.scoring.take(SMALL, answers)
        else:
            await connected.scoring.start(SMALL)
    found = await connected.calibration.from_store(packet)
    assert [one.session_id for one in found] == IDS[:2], "a draft is no answer"
    other = SMALL.model_copy(update={"version": 2})
    await connected.scoring.take(other, answers)
    assert len(await connected.calibration.from_store(packet)) == 2, "another version of the form is another form"
    await connected.scoring.take(SMALL, answers)
    third = await connected.calibration.from_store(packet)
    file = await connected.calibration.answer(packet, third, path=tmp_path / "mine.json")
    (act,) = await connected.events("calibration.answered")
    assert act.detail["sha256"] == file.sha256


async def test_a_packet_brings_its_form_and_what_is_to_be_scored(connected: Desk, tmp_path: Path) -> None:
    packet = await packed(connected, tmp_path)
    taken = await connected.calibration.take(packet, connected.forms, connected.queue)
    assert (taken.form, taken.sessions, taken.queued) == (SMALL, 3, 3)
    assert await connected.forms.named("small") == SMALL
    assert [one.item.session_id for one in await connected.queue.all()] == IDS
    named_otherwise = packet.model_copy(
        update={"sessions": tuple(one.model_copy(update={"connection": "other"}) for one in packet.sessions)}
    )
    taken = await connected.calibration.take(named_otherwise, connected.forms, connected.queue)
    assert (taken.queued, taken.missing) == (3, ()), "connections have other names at other people's"
    elsewhere = packet.model_copy(
        update={"sessions": tuple(one.model_copy(update={"provider": "other"}) for one in packet.sessions)}
    )
    taken = await connected.calibration.take(elsewhere, connected.forms, connected.queue)
    assert (taken.queued, taken.missing) == (0, elsewhere.sessions)
    other_form = SMALL.model_copy(update={"title": "Other"})
    changed_form = packet.model_copy(update={"form": other_form, "form_digest": form_digest(other_form)})
    with pytest.raises(ConflictError):
        await connected.calibration.take(changed_form, connected.forms, connected.queue)
    with pytest.raises(IntegrityError):
        await connected.calibration.take(
            packet.model_copy(update={"form": other_form}), connected.forms, connected.queue
        )


async def test_a_file_that_could_not_be_written_is_told_of_in_the_trail(connected: Desk, tmp_path: Path) -> None:
    packet = await packed(connected, tmp_path)
    answers = sheets(packet, "yy", "yy", "yy")
    with pytest.raises(StorageError):
        await connected.calibration.answer(packet, answers, path=tmp_path / ("x" * 300))
    assert await connected.events("calibration.answered") == []
    with pytest.raises(StorageError):
        await connected.calibration.answer(packet, answers, path=Path("/proc/1/task/mine.json"))
    (act,) = await connected.events("calibration.answered_failed")
    assert (act.subject, act.detail["kind"]) == (packet.packet_id, "storage")
