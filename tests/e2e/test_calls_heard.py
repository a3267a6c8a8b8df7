"""A call in progress through the whole program: from the frame that a carrier sends to the sound that leaves the card,
and from the first ring to the exported review, by keys alone."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from parts import tape
from parts.person import Person, at_the_program
from parts.sound import SoundCard
from qa_player.demo.carrier import FRAME_MS, PLIVO, CallSound, Carrier, Stream
from qa_player.demo.server import DemoServer
from qa_player.files import Home

pytestmark = pytest.mark.sound

RATE = 8_000
MOST_MS = 400.0
FRAME_GOAL_MS, MOST_FRAME_MS = 33.0, 100.0
"""What is wanted on a quiet machine, and what is held also on one with two cores and other work."""
CALL = "live-call-1"


class Stamped(Carrier):
    """Knows when it sent each frame of what the caller says (monotonic nanoseconds), by the frame's number."""

    sent_ns: dict[int, int]

    def messages(self, stream: Stream, sound: CallSound) -> Iterator[str]:
        self.sent_ns = {}
        for message in super().messages(stream, sound):
            told = json.loads(message)
            if told.get("media", {}).get("track") == "inbound":
                self.sent_ns[told["media"]["chunk"] - 1] = time.monotonic_ns()
            yield message


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    """The demo, whose calls are tapes that tell their place."""
    with DemoServer() as server:
        said = (tape.bursts(90_000)[:: tape.RATE // RATE] * 32_767).astype(np.int16)
        for phone in (server.plivo, server.vobiz):
            phone.telephone.streaming.voices = lambda: (said, np.zeros_like(said))
        server.plivo.telephone.streaming.carrier = Stamped(PLIVO, server.plivo.telephone.token)
        yield server
    assert server.bugs == ()


def ring(person: Person) -> None:
    """A call comes in and is opened, by keys."""
    person.until(lambda: person.ask("forward"), "the window in front")
    person.until(lambda: person.focus() == "Sessions", "the list")
    person.press("Ctrl+Shift+R")
    person.until(lambda: f"A call has come in: {CALL}" in person.said(), "the call")
    person.until(lambda: "Live" in row(person), "its row")
    person.press("Home", "Return")
    person.until(lambda: person.described("Stream") == "Live", "the line")


def row(person: Person) -> str:
    """The call's row in the sessions, as it is read; empty while there is none."""
    return next((one["name"] for one in person.ask("tree") if one["role"] == "ListItem" and CALL in one["name"]), "")


def test_a_call_is_heard_within_400_ms_of_its_frames(sound: SoundCard, demo: DemoServer, tmp_path: Path) -> None:
    with at_the_program(Home(tmp_path / "home").make().folder, demo=demo, log=tmp_path / "stderr") as person:
        ring(person)
        time.sleep(1.5)
        with sound.record() as ear:
            time.sleep(6.0)
        told = person.described("Behind the call")
        demo.plivo.telephone.streaming.close()
        person.until(lambda: person.described("Stream").startswith("Ready offline"), "the whole recording")
        person.close()
    carrier = demo.plivo.telephone.streaming.carrier
    assert isinstance(carrier, Stamped)
    bursts = tape.found(ear.heard)
    late = [(one.heard_ns - carrier.sent_ns[int(one.media_ms) // FRAME_MS]) / 1e6 for one in bursts]
    middle, p95 = np.quantile(late, (0.5, 0.95))
    sys.stderr.write(
        f"from frame to sound: median {middle:.0f} ms, p95 {p95:.0f}, most {max(late):.0f}; told “{told}”\n"
    )
    assert len(bursts) >= 15
    assert p95 <= MOST_MS
    assert told.startswith("heard 0.")


def test_a_call_rings_in_is_heard_marked_ends_is_reviewed_and_exported(
    sound: SoundCard, demo: DemoServer, tmp_path: Path
) -> None:
    with at_the_program(Home(tmp_path / "home").make().folder, demo=demo, log=tmp_path / "stderr") as person:
        ring(person)
        person.until(lambda: person.described("Position") > "0:03", "three seconds of it")
        person.press("1")
        person.until(lambda: person.described("Saved").startswith("Saved"), "the mark")
        person.press("Shift+Left")
        person.until(lambda: "behind" in person.described("Behind the call"), "a step back")
        person.press("E")
        person.until(lambda: person.described("Behind the call").startswith("heard 0."), "the end again")
        demo.plivo.telephone.streaming.close()
        person.until(lambda: person.described("Stream").startswith("Ready offline"), "the whole recording")
        person.until(lambda: "1 marked" in row(person), "its row as any other")
        person.until(lambda: person.focus() == "Transcript", "the focus")
        person.press("C")
        person.until(lambda: person.focus() == "Comment", "the editor")
        person.type("said after the end")
        person.tab_to("Tag")
        person.type("empathy")
        person.press("Ctrl+Return")
        person.until(lambda: "2 marked" in row(person), "both marks")
        target = tmp_path / "call.json"
        export(person, target)
        person.close()
    review = json.loads(target.read_text("utf-8"))
    assert (review["session"]["connection"], review["session"]["session_id"]) == ("live", CALL)
    assert len(review["annotations"]) == 2


def test_leaving_while_a_stream_is_billed_asks_and_stops_it(sound: SoundCard, demo: DemoServer, tmp_path: Path) -> None:
    with at_the_program(Home(tmp_path / "home").make().folder, demo=demo, log=tmp_path / "stderr") as person:
        ring(person)
        person.press("Ctrl+Q")
        person.until(lambda: person.ask("dialog") == "Streams are still running", "the question")
        assert "1 stream still runs" in person.said()
        person.press("Escape")
        person.until_dialog_ends()
        assert person.described("Stream") == "Live"
        person.press("Ctrl+Q")
        person.until(lambda: person.ask("dialog") == "Streams are still running", "the question again")
        person.press("Return")
        assert person.program.wait(30) == 0, person.errors()
        assert person.errors() == ""
    told = [one for one in demo.plivo.log if one.method == "DELETE"]
    assert len(told) == 1


def test_the_window_goes_on_under_a_flood_of_frames(sound: SoundCard, demo: DemoServer, tmp_path: Path) -> None:
    """Eight calls in real time, one of them listened to; then eleven that all send as fast as they may."""
    carrier = demo.plivo.telephone.streaming.carrier
    with at_the_program(Home(tmp_path / "home").make().folder, demo=demo, log=tmp_path / "stderr") as person:
        ring(person)
        for count in range(2, 9):
            person.press("Ctrl+Shift+R")
            person.until(lambda count=count: f"{count} calls coming in" in person.said(), "the next call")
        quiet = stalls(person, seconds=4)
        carrier.speed = 0
        flooded = []
        for _ in range(3):
            person.press("Ctrl+Shift+R")
            flooded += stalls(person, seconds=2)
        demo.plivo.telephone.streaming.close()
        person.until(lambda: person.described("Stream").startswith("Ready offline"), "the whole recording")
        person.close()
    for what, longest in (("8 calls", quiet), ("a flood of 11", flooded)):
        sys.stderr.write(
            f"longest the window was kept from a frame, {what}: median of seconds {np.median(longest):.0f} ms,"
            f" most {max(longest):.0f}; goal {FRAME_GOAL_MS:.0f}\n"
        )
    assert np.median(quiet) < MOST_FRAME_MS
    assert np.median(flooded) < MOST_FRAME_MS


def stalls(person: Person, *, seconds: int) -> list[float]:
    """For each second how long the window's thread was kept from a timer of 5 ms, in milliseconds."""
    longest = []
    for _ in range(seconds):
        person.ask("stalls", on=True)
        time.sleep(1.0)
        longest.append(person.ask("stalls", on=False))
    return longest


def export(person: Person, target: Path) -> None:
    person.press("Ctrl+E")
    person.until(lambda: person.ask("dialog") == "Export this review", "the dialog")
    person.tab_to("File")
    person.press("Ctrl+A")
    person.type(str(target))
    person.press("Return")
    person.until(target.exists, "the file")
    person.until_dialog_ends()
