"""Damaged recordings never take the program down: no crash, no stall of the loop, no memory without bound.

The mutants come from a seed: ``python3 run.py test --hypothesis-seed=N tests/unit/media/test_mutants.py`` makes others.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from parts import bombs, mutants, process, tape
from parts.mutant_process import STALL_S
from qa_player.errors import MediaError
from qa_player.media.decode.probe import probe

GATE, NIGHTLY = 300, 10_000
MOST_GROWN = 512 * 2**20
"""Four pieces as large as the library may take at once (`qa_player.media.decode.memory`)."""

TESTS = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(process.missing("ffmpeg") is not None, reason=process.missing("ffmpeg") or "")


@dataclass
class Verdict:
    """What became of a run of mutants; a crash names its mutant and the signal, a hang its mutant."""

    endings: Counter[str] = field(default_factory=Counter)
    crashes: list[tuple[dict[str, Any], int]] = field(default_factory=list)
    hangs: list[dict[str, Any]] = field(default_factory=list)
    alike: int = 0
    slowest_s: float = 0.0
    grown: int = 0
    worst_stall_s: float = 0.0

    @property
    def seen(self) -> int:
        """How many mutants came to an end of one kind or another."""
        return self.endings.total() + len(self.crashes) + len(self.hangs)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whole recording of each kind."""
    made = tmp_path_factory.mktemp("originals")
    mutants.make_originals(made)
    return made


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    given = request.config.getoption("--hypothesis-seed")
    return int(given) if str(given).isdecimal() else 1


def run(folder: Path, seed: int, count: int, *controls: str) -> Verdict:
    """Play ``count`` mutants; a process that dies is counted and the next one goes on behind what killed it."""
    verdict, first = Verdict(), 0
    while first < count:
        first = _run(verdict, folder, [str(folder), str(seed), str(first), str(count), *controls]) or count
    print(  # noqa: T201 - shown with -s and when it fails
        f"{verdict.seen} mutants from seed {seed}: {len(verdict.crashes)} crashes, {len(verdict.hangs)} hangs, "
        f"worst stall {verdict.worst_stall_s * 1_000:.0f} ms, slowest {verdict.slowest_s:.2f} s, "
        f"{verdict.grown / 2**20:.0f} MiB grown; {dict(verdict.endings)}"
    )
    return verdict


def _run(verdict: Verdict, folder: Path, arguments: list[str]) -> int | None:
    """One process: the number of the mutant to go on with, null when it came to its end."""
    command = [sys.executable, "-W", "error", "-m", "parts.mutant_process", *arguments]
    told: dict[str, Any] | None = None
    with (folder / "printed").open("w+b") as printed:
        child = process.start(command, cwd=TESTS, stdout=subprocess.PIPE, stderr=printed)
        assert child.stdout is not None
        for line in child.stdout:
            said = json.loads(line)
            _count(verdict, said)
            told = said if "number" in said else None
        died = -child.wait(10)
        process.stop(child)
        printed.seek(0)
        assert died or not printed.read(), "the library and the program print nothing"
    if not died:
        return None
    assert told is not None, "it died of no mutant"
    if died == signal.SIGALRM:
        verdict.hangs.append(told)
    else:
        verdict.crashes.append((told, died))
    return int(told["number"]) + 1


def _count(verdict: Verdict, said: dict[str, Any]) -> None:
    verdict.alike += not said.get("differs", True)
    if "ended" in said:
        verdict.endings[said["ended"]] += 1
    verdict.slowest_s = max(verdict.slowest_s, said.get("seconds", 0.0))
    verdict.grown = max(verdict.grown, said.get("grown", 0))
    verdict.worst_stall_s = max(verdict.worst_stall_s, said.get("worst_stall_s", 0.0))


def nothing_happened(verdict: Verdict, count: int) -> None:
    assert verdict.crashes == []
    assert verdict.hangs == []
    assert verdict.seen == count
    assert verdict.alike == 0
    assert verdict.worst_stall_s < STALL_S
    assert verdict.grown < MOST_GROWN
    kinds = {ending.split(":")[0] for ending in verdict.endings}
    assert kinds == {"sound", "refused"}, "the damage is neither always fatal nor always harmless"


def test_mutants_of_every_container_do_no_harm(folder: Path, seed: int) -> None:
    nothing_happened(run(folder, seed, GATE), GATE)


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
def test_many_mutants_of_every_container_do_no_harm(folder: Path, seed: int) -> None:
    nothing_happened(run(folder, seed, NIGHTLY), NIGHTLY)


def test_a_crash_and_a_stall_would_be_seen(folder: Path) -> None:
    """The control: both are planted, counted once, and the rest is played."""
    verdict = run(folder, 1, 20, "--crash-at", "7")
    assert [(told["number"], died) for told, died in verdict.crashes] == [(7, signal.SIGSEGV)]
    assert verdict.seen == 20
    assert run(folder, 1, 10, "--stall-at", "3").worst_stall_s > 2 * STALL_S


def test_every_kind_is_damaged_in_every_way(folder: Path) -> None:
    """The control: no mutant is its original, and the same seed makes the same ones again."""
    whole = mutants.originals(folder)
    made = [mutants.mutant(whole, 1, number) for number in range(GATE)]
    assert {mutant.kind for mutant in made} == set(mutants.KINDS)
    assert {way for mutant in made for way in mutant.how.split("+")} == set(mutants.WAYS)
    assert not any(mutant.data == whole[mutant.kind] for mutant in made)
    assert made[:20] == [mutants.mutant(whole, 1, number) for number in range(20)]
    assert made[:20] != [mutants.mutant(whole, 2, number) for number in range(20)]


def test_a_resealed_page_is_one_the_library_takes(folder: Path) -> None:
    """The control: our checksum is the one that ffmpeg wrote."""
    whole = (folder / "ogg-opus").read_bytes()
    assert mutants.with_right_sums(whole) == whole
    assert mutants.with_right_sums(whole[:22] + bytes(4) + whole[26:]) == whole


def test_what_claims_too_much_is_refused_before_it_is_paid_for(folder: Path, tmp_path: Path) -> None:
    made = bombs.all_of_them(bombs.encoder(tape.wav(tape.bursts(mutants.LENGTH_MS)), tmp_path))
    for name, data in made.items():
        (folder / name).write_bytes(data)
    verdict = Verdict()
    assert _run(verdict, folder, ["--files", *(str(folder / name) for name in made)]) is None, verdict.crashes
    assert verdict.seen == len(made)
    assert verdict.worst_stall_s < STALL_S
    assert 50 * 2**20 < verdict.grown < MOST_GROWN  # some are believed as far as they may be
    assert verdict.slowest_s < 30
    refused = [ending for ending in verdict.endings if "claims" in ending or "more channels than" in ending]
    assert len(refused) == 3


def test_the_library_takes_no_more_at_once(folder: Path) -> None:
    """The control: without the bound the same file takes many times as much."""
    bomb = bombs.many_samples((folder / "mp4-index-last").read_bytes(), count=20_000_000)
    open_it = "import av, io, sys; av.open(io.BytesIO(sys.stdin.buffer.read()), format='mp4')"
    say = "from parts.mutant_process import peak_bytes; print(peak_bytes())"
    bound = "from qa_player.media.decode.memory import bound_memory; assert bound_memory()"
    peaks = [
        int(
            subprocess.run(
                [sys.executable, "-c", program], input=bomb, cwd=TESTS, capture_output=True, check=True
            ).stdout
        )
        for program in (f"{open_it}\n{say}", f"{bound}\n{open_it}\n{say}")
    ]
    assert peaks[0] - peaks[1] > 400 * 2**20


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_what_only_shows_its_length_in_the_end_is_longer_than_a_day(tmp_path: Path) -> None:
    form = ("-ar", "7350", "-ac", "1")
    loud = tape.encoded(
        tape.wav(tape.bursts(20_000)), "aac", tmp_path, *form
    )  # by which the library estimates the rest
    silent = tape.encoded(tape.wav(tape.bursts(0)), "aac", tmp_path, "-af", "apad=pad_dur=60", *form)
    assert probe(tape.Bytes(loud + silent * 2)).duration_ms > 130_000
    with pytest.raises(MediaError, match="longer than"):
        probe(tape.Bytes(loud + silent * (25 * 60)))
