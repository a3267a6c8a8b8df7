"""A relay that is killed in mid-call: what came more than a second before is on the disk, and plays (W3)."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np

from parts import process
from parts.desk import Desk
from parts.switchboard import DIALECTS, TOKEN
from qa_player.demo.carrier import CallSound, Carrier, Stream
from qa_player.files import Home
from qa_player.model.live import CaptureState
from qa_player.model.session import SessionState

TESTS = Path(__file__).parents[3]


def sound() -> CallSound:
    clock = np.arange(60 * 8_000) / 8_000
    sides = [np.sin(2 * np.pi * (200 + 30 * side + 20 * clock) * clock) * 8_000 for side in (0, 1)]
    return CallSound(sides[0].astype(np.int16), sides[1].astype(np.int16), 8_000)


async def test_after_a_kill_at_most_a_second_is_lost_and_the_rest_plays(
    home: Home, make_desk: Callable[..., Awaitable[Desk]]
) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    relay = process.start(
        [sys.executable, "-m", "parts.relay_process", str(home.folder), "call-1"],
        environment=environment,
        stdout=process.subprocess.PIPE,
    )
    assert relay.stdout is not None
    address = process.first_line(relay.stdout.fileno(), seconds=30, of="the relay")
    sent: list[float] = []
    killed_at = [0.0]

    def noted(messages: Iterator[str]) -> Iterator[str]:
        for message in messages:
            yield message
            sent.append(time.monotonic())

    def kill() -> None:
        killed_at[0] = time.monotonic()
        relay.kill()

    killer = threading.Timer(3.0, kill)
    killer.start()
    call = sound()
    Carrier(DIALECTS["vobiz"], TOKEN, speed=1).send(Stream("call-1", "s", "MA", address), call, change=noted)
    killer.join()
    process.stop(relay)
    certain = sum(at <= killed_at[0] - 1.0 for at in sent) - 1
    assert certain > 100, "the control: enough was sent long before"

    desk = await make_desk()
    detail = await desk.library.detail("live", "call-1")
    assert detail.session.state is SessionState.READY
    frames = detail.session.metadata["frames"]
    assert isinstance(frames, int)
    assert certain <= frames <= len(sent)
    capture = await desk.live.captures.named("call-1")
    assert (capture.state, capture.lost) == (CaptureState.INTERRUPTED, 0)
    ((_, facts),) = await desk.recordings.fetch("live", "call-1", out=None, reason="", progress=lambda *_: None)
    assert facts.verified
    _, heard = await desk.live.sound("call-1", 0, detail.session.duration_ms or 0)
    for column, side in enumerate((call.inbound, call.outbound)):
        length = frames // 2 * 160
        assert np.array_equal(heard[:length, column], side[:length])


async def test_a_journal_that_is_cut_or_changed_says_so_and_plays_the_rest(
    home: Home, make_desk: Callable[..., Awaitable[Desk]], tmp_path: Path
) -> None:
    desk = await make_desk()
    call = sound()
    log = tmp_path / "frames.jsonl"
    log.write_text("\n".join(Carrier(DIALECTS["vobiz"], TOKEN).messages(Stream("call-1", "s", "MA", ""), call)))
    await desk.live.bring_log(log)
    path = desk.live.captures.path("call-1")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    cut = await (await make_desk()).library.detail("live", "call-1", fresh=True)
    assert "a second of this call is gone from the disk" in " ".join(turn.text for turn in cut.turns)
    assert 10_000 < (cut.parts[0].duration_ms or 0) < 50_000
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    path.write_bytes(changed)
    other = await make_desk()
    await other.recordings.fetch("live", "call-1", out=None, reason="", progress=lambda *_: None)
    detail = await other.library.detail("live", "call-1", fresh=True)
    assert "damaged on the disk" in " ".join(turn.text for turn in detail.turns)
    assert detail.parts[0].duration_ms == 60_000
    assert len(await other.events("live.damage_found")) == 2


async def test_a_destroyed_capture_cannot_be_read_from_a_copy(
    make_desk: Callable[..., Awaitable[Desk]], tmp_path: Path
) -> None:
    desk = await make_desk()
    log = tmp_path / "frames.jsonl"
    log.write_text("\n".join(Carrier(DIALECTS["vobiz"], TOKEN).messages(Stream("call-1", "s", "MA", ""), sound())))
    await desk.live.bring_log(log)
    path = desk.live.captures.path("call-1")
    assert b"payload" not in path.read_bytes()
    assert b"media" not in path.read_bytes()
    await desk.live.captures.destroy("call-1")
    assert not path.exists()
    assert await desk.live.captures.all() == ()
