"""Judging a note: saved with its event, on the note with that digest; the corrected note and what is signed of it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from html import escape
from pathlib import Path

import pytest

from parts.desk import Desk
from parts.forms import form, yes_no
from qa_player.errors import UsageError
from qa_player.model.note import NoteOrigin
from qa_player.model.review_state import ReviewState
from qa_player.model.statement import VerdictWord
from qa_player.services.verification.corrected import marked_texts
from qa_player.services.verification.service import Checked

NOTE = b"Plan:\n- Close the account today.\n- Refund 40 pounds.\n\nHistory:\nThe customer thanked us. Angry."
SESSION = "sess_000001"


async def checked(desk: Desk, note: bytes = NOTE) -> Checked:
    opened = await desk.library.open("acme", SESSION)
    kept = await desk.notes.take("acme", SESSION, note, origin=NoteOrigin.PASTED)
    return await desk.verification.load(kept, opened.turns)


async def test_statements_come_with_what_was_said(connected: Desk) -> None:
    note = await checked(connected)
    texts = [one.text for one in note.statements]
    assert texts == ["Close the account today.", "Refund 40 pounds.", "The customer thanked us.", "Angry."]
    assert note.linked[0].statement.text == "Refund 40 pounds."
    assert note.linked[0].reasons[0] == "40 is said nowhere"


async def test_a_judgement_is_saved_with_its_event_and_found_again(
    connected: Desk, make_desk: Callable[..., Awaitable[Desk]]
) -> None:
    note = await checked(connected)
    first, second, third, fourth = note.statements
    service = connected.verification
    told: list[int] = []
    service.changed.connect(lambda: told.append(len(service.verdicts)))
    await service.judge(first, VerdictWord.SUPPORTED)
    await service.judge(second, VerdictWord.CONTRADICTED)
    await service.amend(second, "  Refund of\n4 pounds. ")
    await service.strike(fourth, struck=True)
    await service.settle(2, VerdictWord.ADDED)
    assert told == [1, 2, 2, 3, 4]
    text = service.corrected()
    assert text == (
        "Plan:\n- Close the account today.\n- Refund of 4 pounds.\n\nHistory:\nThe customer thanked us.\n\n"
        f"Added from the conversation:\n{note.turns[2].text}"
    )
    events = await connected.events("note.judged")
    assert [event.detail["revision"] for event in events] == [1, 1, 2, 1, 1]
    assert {event.subject for event in events} == {note.kept.note.digest}
    assert all(event.content_hmac for event in events)
    assert "4 pounds" not in str(events)
    assert (await connected.audit.verify()).consistent

    later = await make_desk()
    kept = await later.notes.open("acme", SESSION)
    assert kept is not None
    await later.verification.load(kept, note.turns)
    assert later.verification.verdicts == service.verdicts
    assert later.verification.corrected() == text
    await later.verification.amend(second, second.text)
    assert later.verification.verdicts[second.subject].amended is None, "its own words take the amendment back"
    assert later.verification.verdicts[second.subject].word is VerdictWord.CONTRADICTED
    del third


@pytest.mark.parametrize(
    ("change", "damage"),
    [
        ("UPDATE note_verdicts SET payload = replace(payload, 'contradicted', 'supported')", "is not what entry"),
        ("DELETE FROM note_verdicts", "is not there"),
        ("UPDATE note_verdicts SET subject = '7:1-2'", "does not know"),
        ("UPDATE note_verdicts SET subject = subject", None),
    ],
)
async def test_a_verdict_that_was_changed_behind_the_trail_is_damage(
    connected: Desk, change: str, damage: str | None
) -> None:
    note = await checked(connected)
    await connected.verification.judge(note.statements[1], VerdictWord.CONTRADICTED)
    await connected.database.write(lambda db: db.exec_driver_sql(change))
    told = await connected.audit.verify()
    assert told.consistent is (damage is None)
    assert (damage or "") in (told.damage or "")


async def test_another_note_begins_anew(connected: Desk) -> None:
    first = await checked(connected)
    await connected.verification.judge(first.statements[0], VerdictWord.SUPPORTED)
    await checked(connected, b"Another note.")
    assert connected.verification.verdicts == {}
    await checked(connected)
    assert set(connected.verification.verdicts) == {first.statements[0].subject}, "the first is judged as it was"


async def test_what_is_signed_is_what_was_done(connected: Desk) -> None:
    note = await checked(connected)
    service = connected.verification
    with pytest.raises(UsageError, match="Nothing was judged"):
        await service.attest()
    await service.judge(note.statements[0], VerdictWord.SUPPORTED)
    await service.judge(note.statements[1], VerdictWord.NOT_SAID)
    await service.strike(note.statements[1], struck=True)
    attested = await service.attest()
    assert "rita compared 2 of 4 statements" in attested.text
    assert (
        "1 supported by the conversation and 1 not in the conversation; 0 amended, 1 struck and 0 added."
        in attested.text
    )
    assert "not whether it is right" in attested.text
    assert "correct" not in attested.text
    assert (await service.hand_on("copied")).endswith(attested.text)
    (handed,) = await connected.events("note.handed_on")
    assert (handed.detail["how"], handed.detail["attested"]) == ("copied", True)
    await service.judge(note.statements[2], VerdictWord.PARTLY)
    assert service.attestation is None, "what was signed is another note now"
    assert "compared" not in service.corrected()
    await checked(connected)
    assert service.attestation is None


async def test_a_note_is_written_into_a_folder_that_exists(connected: Desk, tmp_path: Path) -> None:
    await checked(connected)
    with pytest.raises(UsageError, match="no folder"):
        await connected.verification.write(tmp_path / "none" / "note.txt")
    assert await connected.events("note.handed_on") == [], "it was not handed on"
    await connected.verification.write(tmp_path / "note.txt")
    assert (tmp_path / "note.txt").read_text() == connected.verification.corrected() + "\n"


async def test_what_is_signed_says_what_was_added_and_what_was_left(connected: Desk) -> None:
    note = await checked(connected)
    service = connected.verification
    await service.judge(note.statements[0], VerdictWord.SUPPORTED)
    await service.settle(2, VerdictWord.ADDED)
    await service.settle(3, VerdictWord.NOT_NEEDED)
    left = service.undecided
    assert left > 0
    attested = await service.attest()
    assert f"0 struck and 1 added. Doubtful and left undecided: {left} of the statements. This says" in attested.text
    await service.strike(note.statements[1], struck=True)
    assert service.undecided == left - 1, "who strikes a statement has decided"


async def test_a_step_is_taken_back_and_made_again_with_its_event(connected: Desk) -> None:
    note = await checked(connected)
    service, first = connected.verification, note.statements[0]
    await service.judge(first, VerdictWord.SUPPORTED)
    await service.amend(first, "Close it tomorrow.")
    await service.strike(first, struck=True)
    await service.undo()
    now = service.verdicts[first.subject]
    assert (now.word, now.amended, now.struck) == (VerdictWord.SUPPORTED, "Close it tomorrow.", False)
    await service.undo()
    await service.undo()
    await service.undo()  # nothing is left to be taken back, which is no error
    assert service.corrected() == NOTE.decode()
    assert service.verdicts[first.subject].word is None
    await service.redo()
    await service.redo()
    now = service.verdicts[first.subject]
    assert (now.word, now.amended, now.struck) == (VerdictWord.SUPPORTED, "Close it tomorrow.", False)
    await service.judge(first, VerdictWord.PARTLY)
    await service.redo()
    assert not service.verdicts[first.subject].struck, "what was undone before a new step is not made again"
    assert len(await connected.events("note.undone")) == 3
    assert len(await connected.events("note.redone")) == 2
    assert (await connected.audit.verify()).consistent
    await connected.database.write(lambda db: db.exec_driver_sql("DELETE FROM note_verdicts"))
    assert not (await connected.audit.verify()).consistent


async def test_judging_brings_the_review_on_and_signing_ends_it(connected: Desk) -> None:
    note = await checked(connected)
    service, scoring = connected.verification, connected.scoring
    saved: list[datetime] = []
    progressed: list[tuple[str, str]] = []
    service.saved.connect(saved.append)
    service.progressed.connect(lambda *place: progressed.append(place))
    assert await scoring.progress("acme", SESSION) is ReviewState.TO_REVIEW
    await service.judge(note.statements[0], VerdictWord.SUPPORTED)
    assert await scoring.progress("acme", SESSION) is ReviewState.IN_REVIEW
    await service.attest()
    assert await scoring.progress("acme", SESSION) is ReviewState.DONE
    assert len(saved) == 2
    assert progressed == [("acme", SESSION)] * 2
    await service.strike(note.statements[1], struck=True)
    assert await scoring.progress("acme", SESSION) is ReviewState.IN_REVIEW, "it is not signed any more"
    states = [event.detail["state"] for event in await connected.events("review.progressed")]
    assert states == ["in_review", "done", "in_review"]


async def test_where_there_is_a_scorecard_it_says_how_far_the_review_is(connected: Desk) -> None:
    note = await checked(connected)
    await connected.scoring.load(await connected.library.open("acme", SESSION))
    await connected.scoring.start(form((0, (yes_no("q1", 10_000),))))
    await connected.verification.judge(note.statements[0], VerdictWord.SUPPORTED)
    await connected.verification.attest()
    assert await connected.scoring.progress("acme", SESSION) is ReviewState.IN_REVIEW


async def test_it_goes_with_the_export(connected: Desk, tmp_path: Path) -> None:
    note = await checked(connected)
    await connected.verification.judge(note.statements[1], VerdictWord.CONTRADICTED)
    await connected.verification.amend(note.statements[1], "Refund 4 pounds.")
    await connected.verification.settle(2, VerdictWord.NOT_NEEDED)
    await connected.verification.attest()
    path = tmp_path / "review.json"
    await connected.exchange.export("acme", SESSION, format="json", path=path)
    told = json.loads(path.read_text("utf-8"))["note"]
    assert [one["verdict"] for one in told["statements"]] == [None, "contradicted", None, None]
    assert told["statements"][1]["amended"] == "Refund 4 pounds."
    section = told["sections"][told["statements"][1]["section"]]["text"]
    assert section[told["statements"][1]["start"] : told["statements"][1]["end"]] == "Refund 40 pounds."
    assert [(one["turn_index"], one["verdict"]) for one in told["turns_judged"]] == [(2, "not_needed")]
    assert told["attestation"]["author"] == "rita"


async def test_words_of_turns_and_of_statements_are_not_mixed(connected: Desk) -> None:
    note = await checked(connected)
    with pytest.raises(UsageError):
        await connected.verification.judge(note.statements[0], VerdictWord.ADDED)
    with pytest.raises(UsageError):
        await connected.verification.settle(0, VerdictWord.SUPPORTED)
    with pytest.raises(UsageError):
        await connected.verification.amend(note.statements[0], "x" * 20_001)
    assert connected.verification.verdicts == {}
    connected.verification.close()
    with pytest.raises(UsageError, match="No note is open"):
        connected.verification.corrected()


async def test_what_is_added_in_other_words_is_told_wherever_it_goes(connected: Desk, tmp_path: Path) -> None:
    note = await checked(connected)
    service = connected.verification
    said = note.turns[2].text
    await service.settle(2, VerdictWord.ADDED, "  In <b>other</b>\n words. ")
    await service.settle(3, VerdictWord.ADDED)
    await service.strike(note.statements[3], struck=True)
    assert service.corrected().endswith(f"Added from the conversation:\nIn <b>other</b> words.\n{note.turns[3].text}")
    _, marked = marked_texts(note.kept.note, note.statements, service.verdicts, note.turns)
    assert marked == (f"In <b>other</b> words. [in place of what was said: {said}]", note.turns[3].text)
    attested = await service.attest()
    assert "1 struck and 2 added (1 in other words)." in attested.text
    told = {}
    for name in ("json", "html"):
        await connected.exchange.export("acme", SESSION, format=name, path=tmp_path / name)
        told[name] = (tmp_path / name).read_text("utf-8")
    turns = {one["turn_index"]: one for one in json.loads(told["json"])["note"]["turns_judged"]}
    assert (turns[2]["verdict"], turns[2]["amended"]) == ("added", "In <b>other</b> words.")
    assert turns[3]["amended"] is None
    page = told["html"].partition("Added from the conversation")[2].partition("<h2>")[0]
    assert "In &lt;b&gt;other&lt;/b&gt; words." in page
    assert f"What was said: {escape(said)}" in page
    assert "<td>Struck</td>" in told["html"]
    await service.settle(2, VerdictWord.ADDED, said)
    assert service.verdicts["turn:2"].amended is None, "its own words are no other words"
    assert service.attestation is None, "what was signed is another note now"
    with pytest.raises(UsageError, match="longer than a statement"):
        await service.settle(2, VerdictWord.ADDED, "x" * 20_001)
    await service.undo()
    assert service.verdicts["turn:2"].amended == "In <b>other</b> words."
    assert (await connected.audit.verify()).consistent
