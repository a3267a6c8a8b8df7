"""What the sound card gives out against what the engine says: place, seeks, stalls, devices that go, and clean ends."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from parts import process, tape
from parts.sound import PROGRAMS, RATE, SoundCard
from qa_player.media.engine import Engine
from qa_player.ui.audio_output import AudioOutput

pytestmark = pytest.mark.sound

SEEKS_MS = (20_000, 5_000, 40_000, 9_000, 15_000)


@dataclass
class Log:
    """What the engine said while the card was recorded: positions by time, and when it was told to go where."""

    at_ns: list[int] = field(default_factory=list)
    position_ms: list[float] = field(default_factory=list)
    told: list[tuple[int, float]] = field(default_factory=list)

    def follow(self, engine: Engine, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = time.monotonic_ns()
            position_ms = engine.snapshot().position_ms
            after = time.monotonic_ns()
            if after - before < 1_000_000:  # else this thread was put aside between the two, and nobody knows when
                self.position_ms.append(position_ms)
                self.at_ns.append((before + after) // 2)
            time.sleep(0.004)

    def tell(self, act: Callable[[], object], target_ms: float) -> None:
        self.told.append((time.monotonic_ns(), target_ms))
        act()

    def errors_ms(self, bursts: list[tape.Burst]) -> np.ndarray:
        """Shown less heard for every burst that no seek has cut."""
        near = [at for at, _ in self.told]
        whole = [burst for burst in bursts if not any(-80e6 < burst.heard_ns - at < 100e6 for at in near)]
        shown = np.interp([burst.heard_ns for burst in whole], self.at_ns, self.position_ms)
        return shown - np.array([burst.media_ms for burst in whole])

    def delays_ms(self, bursts: list[tape.Burst], speed: float) -> list[float]:
        """From each word to its sound, as the first whole burst after it tells."""
        out = []
        for at, target_ms in self.told:
            first = next(burst for burst in bursts if burst.heard_ns > at and 0 <= burst.media_ms - target_ms < 1_000)
            out.append((first.heard_ns - at) / 1e6 - (first.media_ms - target_ms) / speed)
        return out


@pytest.fixture(scope="module")
def recording() -> bytes:
    return tape.wav(tape.bursts(60_000))


@pytest.fixture
def output(qapp: QApplication, sound: SoundCard) -> Iterator[AudioOutput]:
    output = AudioOutput()
    yield output
    output.close()


@pytest.fixture
def engine(output: AudioOutput, recording: bytes) -> Iterator[Engine]:
    engine = Engine(output, latency_ms=0)
    engine.open(lambda _unwanted: tape.Bytes(recording))
    _until(lambda: engine.snapshot().duration_ms, "the length")
    yield engine
    engine.close()
    _until(lambda: not _engine_threads(), "the end of the engine's threads")


def _engine_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in ("decode", "null-output")]


def _until(condition: Callable[[], object], what: str, limit_s: float = 10.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.005)


def _silences_ms(bursts: list[tape.Burst]) -> list[float]:
    """How much longer than on the tape it takes from each burst to the next."""
    return [
        (second.heard_ns - first.heard_ns) / 1e6 - (second.media_ms - first.media_ms)
        for first, second in itertools.pairwise(bursts)
    ]


@dataclass(frozen=True)
class Take:
    """One recording of playing across five seeks, in milliseconds of the recording (delays: of the wall)."""

    constant_ms: float
    p95_ms: float
    bursts: int
    delays_ms: list[float]


def _take(engine: Engine, sound: SoundCard, speed: float) -> Take:
    log = Log()
    engine.seek(0)
    with sound.record() as ear:
        log.tell(engine.play, 0)
        for target_ms in SEEKS_MS:
            log.follow(engine, 1.5)
            log.tell(lambda at=target_ms: engine.seek(at), target_ms)
        log.follow(engine, 1.5)
        engine.pause()
    bursts = tape.found(ear.heard, speed=speed)
    errors = log.errors_ms(bursts)
    constant = float(np.median(errors))
    p95 = float(np.percentile(np.abs(errors - constant), 95))
    return Take(constant, p95, len(errors), [round(delay, 1) for delay in log.delays_ms(bursts, speed)])


@pytest.mark.parametrize("speed", [1.0, 2.0, 0.5])
def test_the_position_is_what_is_heard_across_seeks(
    engine: Engine, sound: SoundCard, speed: float, record_property: Callable[[str, object], None]
) -> None:
    """Measured: centred p95 0.3 to 2 ms at 1×, 6 to 11 ms of the recording at 2×, up to 27 ms on a busy machine; the
    bounds are far from that, and tests/benchmarks has the figures.

    A saturated machine's sound card drops sound by itself: a clock that is wrong is wrong in all of three takes.
    """
    engine.set_speed(speed)
    for _ in range(3):
        take = _take(engine, sound, speed)
        record_property(f"measured at {speed}", str(take))
        sys.stderr.write(f"{speed}×: {take}\n")
        if take.p95_ms < 60 * max(speed, 1):
            break
    assert take.bursts > 12
    assert take.p95_ms < 60 * max(speed, 1)
    assert abs(take.constant_ms) < 40 * max(speed, 1)
    assert np.median(take.delays_ms) < 100


def test_a_stalled_window_loses_no_sound(engine: Engine, sound: SoundCard) -> None:
    with sound.record() as ear:
        engine.play()
        for _ in range(6):
            time.sleep(0.3)  # the window's thread is away, and no event of it is handled
            QApplication.processEvents()
        engine.pause()
    bursts = tape.found(ear.heard)
    numbers = [burst.number for burst in bursts]
    assert len(numbers) >= 6
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    # sound made on the window's thread would have a gap for each of the six times it is away; a machine that is busy
    # with something else may have one of its own
    assert sum(abs(gap) > 30 for gap in _silences_ms(bursts)) <= 1


def test_the_ruler_sees_a_gap(sound: SoundCard, output: AudioOutput) -> None:
    """Control of the test above: 100 ms cut into the sound are seen."""
    samples = tape.bursts(3_000)
    cut = np.concatenate([samples[: RATE * 3 // 2], np.zeros(RATE // 10, np.float32), samples[RATE * 3 // 2 :]])
    engine = Engine(output, latency_ms=0)
    engine.open(lambda _unwanted: tape.Bytes(tape.wav(cut)))
    with sound.record() as ear:
        engine.play()
        _until(lambda: engine.snapshot().ended, "the end")
    engine.close()
    assert max(_silences_ms(tape.found(ear.heard))) > 80


def test_pause_is_silence_and_play_goes_on_at_the_sample(engine: Engine, sound: SoundCard) -> None:
    with sound.record() as ear:
        engine.play()
        time.sleep(1.1)
        paused_ns = time.monotonic_ns()
        engine.pause()
        held = engine.snapshot().position_ms
        time.sleep(0.7)
        assert engine.snapshot().position_ms == held
        resumed_ns = time.monotonic_ns()
        engine.play()
        time.sleep(1.1)
        engine.pause()
    heard = ear.heard
    between = heard.samples[heard.sample_at(paused_ns + 100e6) : heard.sample_at(resumed_ns - 50e6)]
    assert len(between) > RATE // 3
    assert not between.any()
    numbers = [burst.number for burst in tape.found(heard)]
    assert numbers == sorted(set(numbers)), "nothing was heard twice"
    assert len(numbers) >= 6
    assert numbers[-1] - numbers[0] - (len(numbers) - 1) <= 1, "only a burst cut by the pause may be missing"


def test_a_chosen_device_is_one_of_the_systems(output: AudioOutput) -> None:
    devices = output.devices()
    assert devices
    output.choose(devices[0].device_id)
    assert output.available
    output.choose("a device that is not there")
    assert output.available


PROGRAM = """
import sys, time
sys.path.insert(0, {tests!r})
{first}
from PySide6.QtWidgets import QApplication
from parts import tape
from qa_player.media.engine import Engine
from qa_player.ui.audio_output import AudioOutput

app = QApplication([])
data = tape.wav(tape.bursts(5_000))
{body}
"""
CYCLES = """
for cycle in range({cycles}):
    output = AudioOutput()
    engine = Engine(output, latency_ms=10)
    engine.open(lambda unwanted: tape.Bytes(data))
    engine.play()
    engine.seek(cycle * 50)
    deadline = time.monotonic() + 10
    while engine.snapshot().position_ms <= cycle * 50 and cycle % 2:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    engine.close()
    output.close()
"""
WHILE_PLAYING = """
output = AudioOutput()
engine = Engine(output, latency_ms=10)
engine.open(lambda unwanted: tape.Bytes(data))
engine.play()
while engine.snapshot().position_ms < 200:
    time.sleep(0.005)
{end}
"""


def _run(tmp_path: Path, body: str, *, first: str = "") -> subprocess.CompletedProcess[str]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(tests=str(Path(__file__).parents[1]), first=first, body=body))
    return subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=100, check=False)


def _runs(tmp_path: Path, body: str) -> None:
    done = _run(tmp_path, body)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("cycles", [20, pytest.param(50, marks=pytest.mark.nightly)])
def test_opened_and_closed_again_and_again(sound: SoundCard, tmp_path: Path, cycles: int) -> None:
    _runs(tmp_path, CYCLES.format(cycles=cycles))


SERVER_DIES = """
import os
from qa_player.media.engine.null_output import NullOutput
output = AudioOutput()
engine = Engine(output, latency_ms=10)
output.changed.connect(lambda there: engine.set_output(output if there else NullOutput()))
engine.open(lambda unwanted: tape.Bytes(data))
engine.play()
while engine.snapshot().position_ms < 200:
    time.sleep(0.005)
card.stop()
end = time.monotonic() + 5
while time.monotonic() < end:
    app.processEvents()
    engine.seek(100)
    time.sleep(0.05)
assert not output.available
engine.close()
output.close()
"""


SERVER_RETURNS = """
from qa_player.media.engine.null_output import NullOutput

def spin(seconds, done=lambda: False):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not done():
        app.processEvents()
        time.sleep(0.01)
    return done()

told = []
output = AudioOutput()
engine = Engine(output, latency_ms=10)
output.changed.connect(told.append)
output.changed.connect(lambda there: engine.set_output(output if there else NullOutput()))
engine.open(lambda unwanted: tape.Bytes(tape.wav(tape.bursts(60_000))))
engine.play()
assert spin(10, lambda: engine.snapshot().position_ms > 200), "sound"
away = time.monotonic()
card.stop()
card.start()
away = time.monotonic() - away
assert spin(10, lambda: told == [False]), told
silent = engine.snapshot().position_ms
assert spin(5, lambda: engine.snapshot().position_ms > silent + 300), "the silent clock"
if away > 1:
    os._exit(77)
assert spin(20, lambda: told == [False, True]), told
with card.record() as ear:
    before = engine.snapshot().position_ms
    spin(1.5)
found = tape.found(ear.heard)
assert len(found) > 3 and abs(found[0].media_ms - before) < 1_000, (before, found)
engine.close()
output.close()
"""

UNPLUGGED = """
from qa_player.media.engine.null_output import NullOutput

def spin(seconds, done=lambda: False):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not done():
        app.processEvents()
        time.sleep(0.01)
    return done()

told = []
usb = card.plug("usb")
output = AudioOutput()
assert spin(5, lambda: any(device.device_id == "usb" for device in output.devices())), output.devices()
output.choose("usb")
engine = Engine(output, latency_ms=10)
output.changed.connect(told.append)
output.changed.connect(lambda there: engine.set_output(output if there else NullOutput()))
engine.open(lambda unwanted: tape.Bytes(tape.wav(tape.bursts(60_000))))
engine.play()
assert spin(10, lambda: engine.snapshot().position_ms > 500), "sound"
with card.record() as ear:
    spin(0.5)
assert not tape.found(ear.heard), "the chosen device has it, and the other has not"

def heard_elsewhere(tell):
    with card.record() as ear:
        tell()
        spin(2)
        at = time.monotonic_ns(), engine.snapshot().position_ms
    found = tape.found(ear.heard)
    assert len(found) > 3, "the other device has it now"
    last = found[-1]
    apart = (last.media_ms - at[1]) - (last.heard_ns - at[0]) / 1e6
    assert abs(apart) < 150, (apart, at)

before = engine.snapshot().position_ms
heard_elsewhere(lambda: card.unplug(usb))
assert before < engine.snapshot().position_ms < before + 6_000
heard_elsewhere(lambda: engine.seek(30_000))
assert told == [True], told

usb = card.plug("usb")
assert spin(10, lambda: told == [True, True]), told
before = engine.snapshot().position_ms
assert spin(10, lambda: engine.snapshot().position_ms > before + 300), "sound on the device that is back"
with card.record() as ear:
    spin(0.5)
assert not tape.found(ear.heard), "it is heard where it was chosen to be"
engine.close()
output.close()
"""


def _with_own_server(tmp_path: Path, body: str) -> subprocess.CompletedProcess[str]:
    """A program with a sound server of its own: Qt never gets over the death of one, the tests after it would not."""
    if process.missing(*PROGRAMS):
        pytest.skip(process.missing(*PROGRAMS) or "")
    folder = tmp_path / "card"
    first = "import os\nfrom pathlib import Path\nfrom parts.sound import SoundCard\n" + (
        f"card = SoundCard(Path({str(folder)!r}))\ncard.start()\nos.environ |= card.environment\n"
    )
    return _run(tmp_path, body, first=first)


def test_a_sound_server_that_dies_takes_nobody_with_it(tmp_path: Path) -> None:
    """Control: without the watch on the server, starting a sink again ends this program with SIGABRT."""
    done = _with_own_server(tmp_path, SERVER_DIES)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_sound_comes_back_with_its_server(tmp_path: Path) -> None:
    """Qt finds a server again that is back within three seconds, and no other."""
    for _ in range(3):
        done = _with_own_server(tmp_path, SERVER_RETURNS)
        if done.returncode != 77:
            assert (done.returncode, done.stdout) == (0, ""), done.stderr
            return
    pytest.skip("the sound server takes over a second to start on this machine just now")


def test_a_device_that_is_unplugged_and_comes_back(tmp_path: Path) -> None:
    done = _with_own_server(tmp_path, UNPLUGGED)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize("end", ["", "sys.exit(0)", "engine.close()", "output.close()", "app.quit()"])
def test_a_program_that_ends_while_it_plays_ends_cleanly(sound: SoundCard, tmp_path: Path, end: str) -> None:
    _runs(tmp_path, WHILE_PLAYING.format(end=end))
