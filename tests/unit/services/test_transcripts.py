"""A transcript from a file: in force where there is none, beside the provider's own where there is, and given back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from parts.conversations import TURNS, conversation
from parts.desk import Desk
from parts.loop import Loop
from qa_player.demo.server import DemoServer
from qa_player.errors import NotFoundError, UsageError
from qa_player.formats.contents import Contents
from qa_player.model.search import Sought
from qa_player.services.transcripts import PROVIDERS_OWN

PLACE = ("acme", "sess_000001")
CAPTIONS = """WEBVTT

STYLE
::cue { color: red }

1
00:00.000 --> 00:00.400 align:left
<v Agent>Good <i>evening</i>, you reached us.</v>

2
00:00.500 --> 00:01.000
<v Customer>I want a zeppelin.</v>
"""
GECKO = {
    "schemaVersion": "2.0",
    "monologues": [
        {
            "speaker": {"id": "1", "name": "Agent", "gender": "f"},
            "start": 0,
            "end": 0.4,
            "terms": [{"start": 0, "end": 0.4, "text": "Hello", "type": "WORD", "confidence": 0.9}],
        }
    ],
}


@pytest.fixture
def bare(desk: Desk, serve: Callable[..., DemoServer], loop: Loop) -> Desk:
    """A desk whose session has no turns."""
    loop.run(desk.connect(serve(conversation(1, turns=[], raw_transcript=[]))))
    return desk


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    path = tmp_path / "peer.vtt"
    path.write_text(CAPTIONS)
    return path


async def said(desk: Desk) -> list[str]:
    return [turn.text for turn in (await desk.library.open(*PLACE)).turns]


async def test_it_is_shown_where_the_provider_has_none(bare: Desk, captions: Path) -> None:
    assert await said(bare) == []
    assert await bare.transcripts.contents(*PLACE, captions, None) is Contents.TRANSCRIPT
    taken = await bare.transcripts.take_in(*PLACE, captions)
    assert (taken.in_force, taken.already, len(taken.given.turns)) == (True, False, 2)
    assert taken.given.not_carried == ("cue identifiers: 2", "cue settings: 1", "marks in the text: 1", "styles: 1")
    session = await bare.library.open(*PLACE, fresh=True)
    assert [(turn.speaker, turn.text, turn.start_ms, turn.end_ms) for turn in session.turns] == [
        ("Agent", "Good evening, you reached us.", 0, 400),
        ("Customer", "I want a zeppelin.", 500, 1_000),
    ]
    assert session.detail.transcript_digest == taken.given.transcript_digest
    (facts,) = [group for group in session.detail.facts if group.title == "Transcript"]
    assert ("From a file", "vtt") in [(row.name, row.value) for row in facts.rows]
    (hit,) = await bare.searching.find(Sought(text="zeppelin"))
    assert (hit.session_id, hit.turn_index) == ("sess_000001", 1)
    (event,) = await bare.events("transcript.imported")
    assert (event.detail["sha256"], event.detail["turns"]) == (taken.given.sha256, 2)
    assert (await bare.audit.verify()).consistent


async def test_it_lies_beside_the_providers_own_until_a_person_chooses(connected: Desk, captions: Path) -> None:
    own = await said(connected)
    assert own == [text for _, text, _ in TURNS]
    assert await connected.transcripts.contents(*PLACE, captions, None) is Contents.ANNOTATIONS
    taken = await connected.transcripts.take_in(*PLACE, captions)
    assert not taken.in_force
    assert await said(connected) == own
    assert await connected.searching.find(Sought(text="zeppelin")) == ()
    known = await connected.transcripts.use(*PLACE, taken.given.sha256[:10])
    assert known.in_force == taken.given.transcript_digest
    assert await said(connected) == ["Good evening, you reached us.", "I want a zeppelin."]
    assert len(await connected.searching.find(Sought(text="zeppelin"))) == 1
    assert await connected.searching.find(Sought(text="charged")) == ()
    await connected.transcripts.use(*PLACE, PROVIDERS_OWN)
    assert await said(connected) == own
    assert len(await connected.searching.find(Sought(text="charged"))) == 1
    assert [event.detail["transcript"] for event in await connected.events("transcript.chosen")] == ["file", "provider"]


async def test_one_that_stands_in_gives_way_to_the_providers_own(
    desk: Desk, serve: Callable[..., DemoServer], captions: Path
) -> None:
    server = serve(conversation(1, turns=[], raw_transcript=[]))
    await desk.connect(server)
    await desk.transcripts.take_in(*PLACE, captions)
    assert await said(desk) == ["Good evening, you reached us.", "I want a zeppelin."]
    server.api.tell(conversation(1))
    assert await said(desk) == [text for _, text, _ in TURNS]
    assert [one.sha256 for one in (await desk.transcripts.known(*PLACE)).given], "it is still kept"


async def test_the_file_comes_back_as_it_was_with_fields_that_no_turn_carries(bare: Desk, tmp_path: Path) -> None:
    path = tmp_path / "peer.json"
    path.write_text(json.dumps(GECKO, indent=7))
    taken = await bare.transcripts.take_in(*PLACE, path)
    assert taken.given.not_carried == (
        "monologues[].speaker.gender: 1",
        "monologues[].speaker.id: 1",
        "monologues[].terms[].confidence: 1",
        "schemaVersion: 1",
    )
    out = tmp_path / "back.json"
    await bare.transcripts.give_back(*PLACE, taken.given.sha256, out)
    assert out.read_bytes() == path.read_bytes()
    assert len(await bare.events("transcript.exported")) == 1


async def test_taking_it_in_twice_adds_nothing(bare: Desk, captions: Path) -> None:
    await bare.transcripts.take_in(*PLACE, captions)
    again = await bare.transcripts.take_in(*PLACE, captions)
    assert (again.already, again.in_force) == (True, True)
    assert len((await bare.transcripts.known(*PLACE)).given) == 1
    assert len(await bare.events("transcript.imported")) == 1


async def test_turns_after_the_end_are_kept_flagged_and_told(connected: Desk, tmp_path: Path) -> None:
    await connected.recordings.fetch(*PLACE, out=None, reason="", progress=lambda *_: None)
    path = tmp_path / "late.srt"
    path.write_text("1\n00:00:00,000 --> 00:00:00,500\nAgent: Hi\n\n2\n00:10:00,000 --> 00:10:01,000\nAgent: Late\n")
    taken = await connected.transcripts.take_in(*PLACE, path)
    assert taken.after_end == 1
    await connected.transcripts.use(*PLACE, taken.given.sha256)
    assert [[flag.value for flag in turn.flags] for turn in (await connected.library.open(*PLACE)).turns] == [
        [],
        ["after_end"],
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.vtt", CAPTIONS.replace("STYLE", "NOTE\nsession: sess_other\n\nSTYLE"), "another session"),
        ("a.json", json.dumps({"session": {"session_id": "x"}, "turns": [{"text": "hi"}]}), "another session"),
        ("a.vtt", "WEBVTT\n", "no turn"),
        ("a.srt", "", "it is empty"),
        ("a.txt", "hello", "of no kind that is known"),
    ],
)
async def test_what_is_none_of_it_changes_nothing(bare: Desk, tmp_path: Path, name: str, text: str, told: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UsageError, match=told):
        await bare.transcripts.take_in(*PLACE, path)
    assert await said(bare) == []
    assert await bare.events("transcript.imported") == []


async def test_one_that_is_not_there_cannot_be_chosen(bare: Desk) -> None:
    with pytest.raises(NotFoundError):
        await bare.transcripts.use(*PLACE, PROVIDERS_OWN)
    await said(bare)
    with pytest.raises(NotFoundError, match="no such transcript"):
        await bare.transcripts.use(*PLACE, "abc")
    with pytest.raises(UsageError, match="cannot be read from “docx”"):
        await bare.transcripts.take_in(*PLACE, Path(__file__), form="docx")
