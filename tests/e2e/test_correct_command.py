"""`qa-player correct`, `annotations --displaced` and `reanchor` as typed, on a transcript that changes."""

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

HEARD = ("It was fifty.", "Let me look at your bill.", "Thank you for waiting.")


def captions(*texts: str) -> str:
    cues = (f"00:00.{100 * at:03} --> 00:00.{100 * at + 90:03}\n<v Agent>{text}\n" for at, text in enumerate(texts))
    return "WEBVTT\n\n" + "\n".join(cues)


def test_a_turn_is_corrected_and_what_stands_on_other_words_is_settled(tmp_path: Path) -> None:
    calls = tone(tmp_path / "calls", "call").parent
    words = calls / "call.vtt"
    words.write_text(captions(*HEARD))
    with tempfile.TemporaryDirectory() as folder, keychain_of_its_own() as keychain:
        qa_player = QaPlayer(Path(folder) / "home", keychain.environment)
        assert qa_player("connection", "add", "calls", "--provider", "local", "--base-url", calls).status == 0
        place = ("calls", "call.wav")
        told = qa_player("correct", *place, "0", "--text", "It was fifteen.", "--json").json
        assert (told["kind"], told["turn_index"], told["quote"]) == ("correction", 0, HEARD[0])
        again = qa_player("correct", *place, "0", "--text", "It was sixteen.")
        assert again.out == f"Turn 0 as it was heard:  {HEARD[0]}\nTurn 0 as it was said:   It was sixteen.\n"
        assert qa_player("annotate", *place, "--start", "0.11", "--tag", "tone").status == 0
        words.write_text(captions("This call is recorded.", HEARD[0], f"{HEARD[1]} Now."))
        rows = qa_player("annotations", *place, "--displaced", "--json").json
        found = {row["tag"]: (row["found"], row["found_turn_index"], row["text"]) for row in rows}
        assert found == {"correction": ("elsewhere", 1, "It was sixteen."), "tone": ("reworded", 2, "")}
        moved = qa_player("reanchor", *place, "--same-words", "--json").json
        assert [(row["annotation_id"], row["turn_index"]) for row in moved["moved"]] == [(told["annotation_id"], 1)]
        (left,) = moved["displaced"]
        settled = qa_player("reanchor", *place, left["annotation_id"])
        assert settled.out.endswith("1 moved, 0 left on words that are elsewhere or gone.\n")
        refused = qa_player("reanchor", *place, "none", "--json")
        assert (refused.status, refused.error["kind"]) == (4, "not_found_or_forbidden")
