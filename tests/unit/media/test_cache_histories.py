"""Whatever the network did: a VERIFIED file is the source's, nothing loops, and nobody hears a byte that was not sent.

Histories are scripts for a server that lies (`parts.lying_server`); when the script has ended it tells the truth.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from parts import lying_server as lies
from parts.histories import EVERY, RECOVERABLE, History, destroyed, histories
from parts.lying_server import LyingServer
from parts.recordings import HandClock, MemoryIndex, Shelf, mp3, wav
from parts.wire_source import WireSource
from qa_player.errors import QaPlayerError
from qa_player.media.cache import CachedRecording
from qa_player.media.cache.reader import ReadCancelled
from qa_player.model.cache import CacheState

GATE, NIGHTLY = 200, 2_000
MOST_BYTES = 1.2
"""Times a recording's own bytes, beside what the lies made worthless, where ranges are served."""

SEAM = 4_096
"""What short recordings may cost besides: without a validator the places where two answers meet are compared."""

Test = TypeVar("Test", bound=Callable[..., None])


@dataclass
class Ledger:
    """What all histories of this run came to; ``told`` counts lies, endings and errors."""

    told: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    received: int = 0
    destroyed: int = 0
    ended: int = 0
    thrifty: int = 0

    def enter(self, history: History, server: LyingServer, source: WireSource) -> None:
        """Note a history that ended well, and hold it to the bound."""
        if not history.ranges:
            return
        size = len(server.data)
        received = [source.each[int(exchange.headers["x-request"])] for exchange in server.exchanges]
        lost = destroyed(server.exchanges, received, size)
        assert source.received - lost <= MOST_BYTES * size + SEAM, (source.received, lost, size)
        self.ended += 1
        self.thrifty += source.received <= MOST_BYTES * size
        self.whole += size
        self.received += source.received
        self.destroyed += lost

    def __str__(self) -> str:
        histories = self.told["verified"] + self.told["not verified"]
        return (
            f"{histories} histories, {self.told['verified']} ended VERIFIED and none of them wrong. Where ranges are "
            f"served {self.received / max(1, self.whole):.3f} times the bytes were read in all, lies included; "
            f"{self.thrifty} of {self.ended} stayed under {MOST_BYTES} times as they are, the others when what lies "
            f"destroyed is taken off ({self.destroyed:,} of {self.received:,} bytes at most)."
        )


ledger = Ledger()
told = ledger.told


@pytest.fixture(scope="module", autouse=True)
def _summary(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if not ledger.ended:
        return
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{ledger}")  # noqa: T201 - the figure is what the run is for


async def _live_through(
    server: LyingServer, source: WireSource, shelf: Shelf, begin: int
) -> tuple[CachedRecording, bytes | None]:
    async with shelf.part(source) as cached:
        listening = asyncio.create_task(asyncio.to_thread(_listen, cached, server, begin))
        try:
            async with asyncio.timeout(30):  # an endless loop, not a slow machine
                await cached.fetch_all()
        except QaPlayerError as error:
            told[error.kind] += 1
        whole = None
        if cached.state is CacheState.VERIFIED:
            whole = await asyncio.to_thread(cached.reader(lambda: False).read)
    await listening
    return cached, whole


def _listen(cached: CachedRecording, server: LyingServer, begin: int) -> None:
    """What is heard is of the recording: never of a page, never of another place."""
    reader = cached.reader(lambda: False)
    reader.seek(begin)
    try:
        while piece := reader.read(10_000):
            at = reader.tell() - len(piece)
            assert any(version[at : at + len(piece)] == piece for version in server.versions)
    except (QaPlayerError, ReadCancelled):
        pass


def _nothing_differs(history: History) -> None:
    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            hand = HandClock()
            shelf = Shelf(Path(folder), MemoryIndex(), clock=hand.clock)
            async with LyingServer(history.data, history.script, etag=history.etag, ranges=history.ranges) as server:
                server.turn = hand.turn
                source = WireSource(server)
                cached, whole = await _live_through(server, source, shelf, history.begin)
            told.update(exchange.lie for exchange in server.exchanges)
            assert len(server.exchanges) < 60
            assert source.most_renewing <= 1
            if whole is not None:
                assert whole in server.versions
                assert cached.record.sha256 == hashlib.sha256(whole).hexdigest()
                ledger.enter(history, server, source)
            told["verified" if whole is not None else "not verified"] += 1

    asyncio.run(live())


def _each_alone(test: Test) -> Test:
    """Every lie is told at least once, at the beginning and after a cut."""
    for lie in EVERY:
        for script in ([lie], [lies.cut(100_000), lie]):
            test = example(History(script, wav(150_000), begin=50_000))(test)
    # found by chance: a sign-in page on the second look at a length that nobody stated
    unstated = lies.chunked(ends=True)
    return example(History([unstated, lies.page(200, b"<html>Sign in</html>"), unstated], mp3(150_000)))(test)


QUIETLY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


@settings(max_examples=GATE, suppress_health_check=QUIETLY)
@_each_alone
@given(histories())
def test_no_verified_file_differs(history: History) -> None:
    _nothing_differs(history)


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
@settings(max_examples=NIGHTLY, suppress_health_check=QUIETLY)
@given(histories())
def test_no_verified_file_differs_in_many_histories(history: History) -> None:
    _nothing_differs(history)


@settings(max_examples=40, suppress_health_check=QUIETLY, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(RECOVERABLE, max_size=5), st.integers(60_000, 220_000), st.sampled_from(['"v1"', None]))
def test_trouble_that_passes_ends_verified_and_costs_few_bytes(
    script: list[lies.Lie], size: int, etag: str | None
) -> None:
    data = wav(size)

    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            hand = HandClock()
            shelf = Shelf(Path(folder), MemoryIndex(), clock=hand.clock)
            async with LyingServer(data, script, etag=etag) as server:
                server.turn = hand.turn
                source = WireSource(server)
                async with shelf.part(source) as cached, asyncio.timeout(30):
                    record = await cached.fetch_all()
            assert record.sha256 == hashlib.sha256(data).hexdigest()
            assert source.received <= 1.2 * size  # a reset takes what had not arrived

    asyncio.run(live())


def test_the_liar_really_lied() -> None:
    """The control of this file: the histories before it were full of lies, and most ended well all the same."""
    assert told, "runs after the histories"
    wanted = {
        "cut",
        "reset",
        "page",
        "whole",
        "part",
        "length",
        "chunked",
        "zipped",
        "multipart",
        "expired",
        "replaced",
        "swapped",
        "drip",
        "stall",
        "silence",
    }
    assert wanted - set(told) == set()
    assert told["verified"] > told["not verified"] > 0
