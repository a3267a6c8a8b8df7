"""What is shown is what is heard: the whole program plays a tape, the sound card's monitor is recorded, and every
change of the turn on the screen is held against the moment when that turn's first sound left the card.

Nothing is calibrated beyond the program's own constant for the sound card's latency.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parts import heard, tape
from parts.person import Person, at_the_program
from parts.sound import SoundCard
from qa_player.demo.server import DemoServer
from qa_player.files import Home
from qa_player.settings import Settings, write_settings

pytestmark = pytest.mark.sound

CONNECTION = "Oshara demo"
MEDIAN_MS, P90_MS = 20.0, 50.0

SEEKS = (
    ("PgDown", "Return"),
    ("Ctrl+Down",),
    ("Home", "Return"),
    ("PgDown", "PgDown", "Return"),
    ("Ctrl+Home", "Ctrl+Down"),
)
"""Five ways of the keyboard to the start of another turn."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> heard.TapeSample:
    return heard.taped(tmp_path_factory.mktemp("tape") / "tape.m4a", duration_ms=60_000)


def starts_of(sample: heard.TapeSample) -> list[int]:
    return [turn.start_ms for turn in sample.truth]


def listen(
    person: Person, sound: SoundCard, sample: heard.TapeSample, act: Callable[[], object], *, speed: float = 1.0
) -> dict[str, heard.Agreement]:
    """Record the card while ``act`` plays; how the label and the highlight agree with what was heard."""
    person.ask("watch")
    with sound.record() as ear:
        act()
        painted = person.ask("painted")
    bursts = tape.found(ear.heard, speed=speed)
    starts = starts_of(sample)
    return {name: heard.agreement(heard.shown_turns(log), bursts, starts, speed=speed) for name, log in painted.items()}


def hold(found: dict[str, heard.Agreement], what: str, *, least: int) -> None:
    for name, one in found.items():
        sys.stderr.write(f"{what}, {name}: {one}\n")
        assert len(one.changes) >= least
        assert one.unheard <= 0.1 * least
        assert one.median_ms < MEDIAN_MS
        assert one.quantile_ms(0.9) <= P90_MS


@contextlib.contextmanager
def playing(
    sample: heard.TapeSample, folder: Path, *, lifetime_s: float = 90.0, settings: Settings | None = None
) -> Iterator[tuple[Person, DemoServer]]:
    """The program with the tape open, and the stand-in it comes from."""
    home = Home(folder / "home").make()
    if settings is not None:
        write_settings(home, settings)
    with (
        DemoServer(samples=(sample,), address_lifetime_s=lifetime_s) as demo,
        at_the_program(home.folder, demo=demo, request=(CONNECTION, heard.SESSION), log=folder / "stderr") as person,
    ):
        yield person, demo


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_the_turn_shown_is_the_turn_heard(
    sound: SoundCard, sample: heard.TapeSample, tmp_path: Path, speed: float
) -> None:
    def play_and_seek() -> None:
        person.press("Space")
        for keys in ((), *SEEKS):
            person.press(*keys)
            time.sleep(2.2 if speed == 1.0 else 1.4)
        person.press("Space")

    with playing(sample, tmp_path) as (person, _):
        person.until_open(heard.SUBJECT)
        person.press(*["]"] * (4 if speed == 2.0 else 0))
        found = listen(person, sound, sample, play_and_seek, speed=speed)
        person.close()
    hold(found, f"{speed:g}x over five seeks", least=14)


def test_the_ruler_sees_a_screen_that_is_early(sound: SoundCard, sample: heard.TapeSample, tmp_path: Path) -> None:
    """Control of the test above: told of a card that is 250 ms late, the program shows 250 ms too late here."""

    def play() -> None:
        person.press("Space")
        time.sleep(3.0)

    with playing(sample, tmp_path, settings=Settings(output_latency_ms=260)) as (person, _):
        person.until_open(heard.SUBJECT)
        found = listen(person, sound, sample, play)
        person.close()
    assert found["label"].bias_ms > 200
    assert found["highlight"].bias_ms > 200


def test_an_address_that_dies_while_it_plays_is_neither_heard_nor_seen(sound: SoundCard, tmp_path: Path) -> None:
    """Addresses live for three seconds and every line breaks after 96 kB of 800; the tape plays in one piece."""
    sample = heard.taped(tmp_path / "tape.wav", duration_ms=25_000, rate=16_000)

    def play() -> None:
        person.press("Space")
        person.until(lambda: person.described("Position") > "0:11", "eleven seconds of sound", seconds=40)
        person.press("Space")

    with playing(sample, tmp_path, lifetime_s=3.0) as (person, demo):
        demo.recording_faults.bytes_per_second = 56_000
        demo.recording_faults.cut_after = 96_000
        person.until(lambda: person.ask("forward"), "the window in front")
        person.until(lambda: person.focus() == "Transcript" and person.there("Play"), "the session")
        before = len(demo.log)
        found = listen(person, sound, sample, play)
        asked = demo.log[before:]
        stream = person.described("Stream")
        person.close()
    hold(found, "over addresses that die", least=12)
    assert [change.turn for change in found["label"].changes] == list(range(len(found["label"].changes)))
    renewals = [one for one in asked if one.origin == "api" and heard.SESSION in one.path]
    assert len(renewals) >= 2, "the address died while it played"
    assert len([one for one in asked if one.origin == "recordings"]) >= 4
    assert stream.endswith("of the recording is here"), "it was still being fetched"


def test_a_window_that_stalls_loses_no_sound(sound: SoundCard, sample: heard.TapeSample, tmp_path: Path) -> None:
    """Its thread is away for 600 ms, four times over: on that thread, 350 ms of sound would be lost each time.

    `tests/ui/test_audio_output.py` shows that gaps are seen. A saturated machine's sound card makes small ones itself.
    """
    with playing(sample, tmp_path) as (person, _):
        person.until_open(heard.SUBJECT)
        with sound.record() as ear:
            person.press("Space")
            for _ in range(4):
                time.sleep(0.15)
                person.ask("stall", seconds=0.6)
            person.press("Space")
        person.close()
    bursts = tape.found(ear.heard)
    numbers = [burst.number for burst in bursts]
    assert len(numbers) >= 6
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "none is missing, none came twice"
    gaps = [(second.heard_ns - first.heard_ns) / 1e6 - tape.PERIOD_MS for first, second in itertools.pairwise(bursts)]
    sys.stderr.write(f"stalls of 600 ms: longest gap {max(map(abs, gaps)):.2f} ms\n")
    assert max(map(abs, gaps)) < 100


def test_pause_holds_the_turn_and_the_end_shows_none(
    sound: SoundCard, sample: heard.TapeSample, tmp_path: Path
) -> None:
    def pause_and_go_on() -> None:
        person.press("Space")
        time.sleep(2.5)
        person.press("Space")
        person.until(lambda: person.there("Play"), "the pause")
        held = person.described("Position"), person.described("Active turn")
        time.sleep(1.0)
        assert (person.described("Position"), person.described("Active turn")) == held
        person.press("Space")
        time.sleep(2.5)
        person.press("Space")

    with playing(sample, tmp_path) as (person, _):
        person.until_open(heard.SUBJECT)
        assert person.described("Active turn") == "", "nobody speaks at the start"
        found = listen(person, sound, sample, pause_and_go_on)
        person.press("End", "Return", "Space")
        last = len(starts_of(sample)) - 1
        person.until(lambda: person.described("Active turn").startswith(f"{last} "), "the last turn")
        person.until(lambda: person.there("Play"), "the end")
        assert person.described("Position") == "1:00.00 / 1:00.00"
        assert person.described("Active turn") == ""
        person.press("Space")
        person.until(lambda: person.described("Active turn").startswith("0 "), "the first turn again")
        person.close()
    hold(found, "over a pause", least=6)
    numbers = [change.turn for change in found["label"].changes]
    assert numbers == list(range(len(numbers)))
