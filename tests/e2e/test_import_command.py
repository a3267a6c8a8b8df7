"""`qa-player import` and `transcript` as a person types them, on a recording that has no transcript."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from parts import process
from parts.command import QaPlayer, keychain_of_its_own
from parts.conversations import tone
from parts.secret_service import PROGRAMS

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]

CAPTIONS = "WEBVTT\n\n00:00.100 --> 00:00.500 align:left\n<v Agent>Good evening.</v>\n"
LABELS = "0.200000\t0.400000\ttone (minor): too loud\n0.100000\t9000.000000\tlate\n"


def test_a_local_recording_is_given_a_transcript_and_marks(tmp_path: Path) -> None:
    calls, captions, labels = tone(tmp_path / "calls", "call").parent, tmp_path / "peer.vtt", tmp_path / "labels.txt"
    captions.write_text(CAPTIONS)
    labels.write_text(LABELS)
    with tempfile.TemporaryDirectory() as folder, keychain_of_its_own() as keychain:
        qa_player = QaPlayer(Path(folder) / "home", keychain.environment)
        added = qa_player("connection", "add", "calls", "--provider", "local", "--base-url", calls)
        assert added.status == 0, added.err
        (session,) = qa_player("sessions", "calls", "--json").json
        place = ("calls", session["session_id"])
        taken = qa_player("import", *place, captions)
        assert "Took in a transcript of 1 turns from vtt. It is shown now." in taken.out
        assert taken.err == "Not carried: cue settings: 1\n"
        shown = qa_player("show", *place, "--json").json
        assert [(turn["speaker"], turn["text"], turn["start_ms"]) for turn in shown["turns"]] == [
            ("Agent", "Good evening.", 100)
        ]
        assert qa_player("fetch", *place).status == 0
        marked = qa_player("import", *place, labels, "--json")
        assert (marked.json["contents"], marked.json["added"]) == ("annotations", 1)
        assert marked.err.startswith("Line 2: It ends after the recording does.")
        (mark,) = qa_player("annotations", *place, "--json").json
        assert (mark["quote"], mark["severity"], mark["text"]) == ("Good evening.", "minor", "too loud")
        again = qa_player("import", *place, captions, "--as", "transcript", "--json").json
        assert (again["contents"], again["already_there"], again["in_force"]) == ("transcript", True, True)
        own, given = qa_player("transcript", *place, "--json").json
        assert (own["turns"], own["in_force"], given["turns"], given["in_force"]) == (0, False, 1, True)
        back = tmp_path / "back.vtt"
        assert qa_player("transcript", *place, "--file", given["sha256"][:8], "--out", back).status == 0
        assert back.read_bytes() == captions.read_bytes()
        assert qa_player("transcript", *place, "--use", "provider").status == 0
        assert qa_player("show", *place, "--json").json["turns"] == []
        assert qa_player("audit", "verify").status == 0
