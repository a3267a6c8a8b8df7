"""Whatever the network did: a VERIFIED file is the source's, nothing loops, and nobody hears a byte that was not sent.

Histories are scripts for a server that lies (`parts.lying_server`); when the script has ended it tells the truth.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from parts import lying_server as lies
from parts.lying_server import Lie, LyingServer
from parts.recordings import HandClock, MemoryIndex, Shelf, mp3, wav
from parts.wire_source import WireSource
from qa_player.errors import QaPlayerError
from qa_player.media.cache import CachedRecording
from qa_player.media.cache.reader import ReadCancelled
from qa_player.model.cache import CacheState

GATE, NIGHTLY = 80, 2_000
PLACES = st.integers(0, 200_000)

RECOVERABLE = st.one_of(
    st.builds(lies.cut, PLACES),
    st.builds(lies.reset, PLACES),
    st.builds(lies.expired),
    st.builds(lies.page, st.sampled_from([500, 502, 503, 429, 408])),
    st.builds(lies.page, st.just(200), st.just(lies.SIGN_IN)),
    st.builds(lies.honest),
)
"""Troubles that a patient fetch outlives without asking for a byte twice."""

SLOW = st.one_of(st.builds(lies.stall, PLACES), st.builds(lies.silence))
"""Each costs a real wait, so a history has one at most."""

SILENT_CUT = st.builds(lies.length, st.none())
"""Undetectable by itself; the same one twice is undetectable by anybody where the container has no length."""

NASTY = st.one_of(
    RECOVERABLE,
    st.builds(lies.whole),
    st.builds(lies.part, shift=st.sampled_from([-70_000, -1, 1, 70_000])),
    st.builds(lies.part, grow=st.sampled_from([-70_000, -1, 70_000])),
    st.builds(lies.part, total=st.sampled_from([-70_000, -1, 1, 70_000])),
    st.builds(lies.length, st.sampled_from([-70_000, -1, 1, 70_000])),
    st.builds(lies.chunked, ends=st.booleans()),
    st.builds(lies.page, st.sampled_from([204, 302, 304, 402, 404, 416, 451, 511])),
    st.builds(lies.page, st.just(416), st.just(b"<html>no such range</html>")),
    st.builds(lies.page, st.just(206), st.just(lies.XML_EXPIRED), st.just("audio/ogg")),
    st.builds(lies.page, st.just(200), st.sampled_from([b"", b'{"error":1}', b"%PDF-1.7"]), st.just("audio/ogg")),
    st.builds(lies.zipped),
    st.builds(lies.multipart),
    st.builds(lies.page, st.just(410)),
)

EVERY = [
    lies.cut(20),
    lies.reset(90_000),
    lies.stall(30_000),
    lies.silence(),
    lies.whole(),
    lies.part(shift=-1),
    lies.part(shift=70_000),
    lies.part(grow=-70_000),
    lies.part(total=1),
    lies.length(-70_000),
    lies.length(1),
    lies.length(None),
    lies.chunked(ends=False),
    lies.chunked(ends=True),
    lies.zipped(),
    lies.multipart(),
    lies.expired(),
    lies.replaced(wav(150_000, seed=2), '"v2"'),
    lies.page(416, b"<html>no such range</html>"),
    lies.page(200, lies.SIGN_IN, "audio/ogg"),
    lies.page(410),
]

Test = TypeVar("Test", bound=Callable[..., None])

told: Counter[str] = Counter()
"""Which lies were really told, over all histories of this run."""


def _never_twice_the_same_length(script: list[Lie]) -> list[Lie]:
    """A wrong length that is told again and again is to everybody else the length."""
    seen: set[int] = set()
    kept = []
    for lie in script:
        off = lies.misstates(lie)
        if off not in seen:
            kept.append(lie)
        seen |= {off} if off else set()
    return kept


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Lie], bytes, str | None, bool, int]:
    """A script, the true bytes, their validator, whether ranges are served, and where somebody begins to listen."""
    container = draw(st.sampled_from([wav, mp3]))
    data = container(draw(st.integers(100, 220_000)))
    etag = draw(st.sampled_from(['"v1"', '"v1"', 'W/"v1"', None]))
    script = draw(st.lists(NASTY, max_size=6).map(_never_twice_the_same_length))
    extra = draw(
        st.sampled_from(
            [
                None,
                None,
                None,
                draw(SLOW),
                draw(SILENT_CUT),
                lies.replaced(container(len(data), seed=2), None if etag is None else etag.replace("1", "2")),
                lies.replaced(container(len(data) + 1_000, seed=3), None if etag is None else etag.replace("1", "3")),
            ]
        )
    )
    if extra is not None:
        script.insert(draw(st.integers(0, len(script))), extra)
    return script, data, etag, draw(st.sampled_from([True, True, False])), draw(st.integers(0, len(data)))


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


def _nothing_differs(history: tuple[list[Lie], bytes, str | None, bool, int]) -> None:
    script, data, etag, ranges, begin = history

    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            shelf = Shelf(Path(folder), MemoryIndex(), clock=HandClock().clock)
            async with LyingServer(data, script, etag=etag, ranges=ranges) as server:
                source = WireSource(server)
                cached, whole = await _live_through(server, source, shelf, begin)
            told.update(exchange.lie for exchange in server.exchanges)
            assert len(server.exchanges) < 60
            assert source.most_renewing <= 1
            if whole is not None:
                assert whole in server.versions
                assert cached.record.sha256 == hashlib.sha256(whole).hexdigest()
            told["verified" if whole is not None else "not verified"] += 1

    asyncio.run(live())


def _each_alone(test: Test) -> Test:
    """Every lie is told at least once, at the beginning and after a cut."""
    for lie in EVERY:
        for script in ([lie], [lies.cut(100_000), lie]):
            test = example((script, wav(150_000), '"v1"', True, 50_000))(test)
    return test


QUIETLY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


@settings(max_examples=GATE, suppress_health_check=QUIETLY)
@_each_alone
@given(histories())
def test_no_verified_file_differs(history: tuple[list[Lie], bytes, str | None, bool, int]) -> None:
    _nothing_differs(history)


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
@settings(max_examples=NIGHTLY, suppress_health_check=QUIETLY)
@given(histories())
def test_no_verified_file_differs_in_many_histories(
    history: tuple[list[Lie], bytes, str | None, bool, int],
) -> None:
    _nothing_differs(history)


@settings(max_examples=40, suppress_health_check=QUIETLY, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(RECOVERABLE, max_size=5), st.integers(60_000, 220_000), st.sampled_from(['"v1"', None]))
def test_trouble_that_passes_ends_verified_and_costs_few_bytes(script: list[Lie], size: int, etag: str | None) -> None:
    data = wav(size)

    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            shelf = Shelf(Path(folder), MemoryIndex(), clock=HandClock().clock)
            async with LyingServer(data, script, etag=etag) as server:
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
    }
    assert wanted - set(told) == set()
    assert told["verified"] > told["not verified"] > 0


LIES: list[tuple[Lie, object]] = [
    (lies.cut(1_000), lambda e: len(e.body) == 1_000 and b"Content-Length: 90000" in e.head),
    (lies.reset(1_000), lambda e: len(e.body) == 1_000 and b"Content-Length: 90000" in e.head),
    (lies.stall(1_000), lambda e: len(e.body) == 1_000),
    (lies.silence(), lambda e: e.head == b""),
    (lies.whole(), lambda e: e.status == 200 and len(e.body) == 100_000),
    (lies.part(shift=-1), lambda e: b"bytes 9999-99999/100000" in e.head and len(e.body) == 90_001),
    (lies.part(shift=1), lambda e: b"bytes 10001-99999/100000" in e.head),
    (lies.part(grow=-5), lambda e: b"bytes 10000-99994/100000" in e.head and len(e.body) == 89_995),
    (lies.part(total=7), lambda e: b"/100007" in e.head and len(e.body) == 90_000),
    (lies.length(-9), lambda e: b"Content-Length: 99991" in e.head and len(e.body) == 100_000),
    (lies.length(9), lambda e: b"Content-Length: 100009" in e.head and len(e.body) == 100_000),
    (lies.length(None), lambda e: b"Content-Length" not in e.head and len(e.body) == 66_666),
    (lies.chunked(ends=False), lambda e: b"chunked" in e.head and not e.body.endswith(b"0\r\n\r\n")),
    (lies.zipped(), lambda e: e.body.startswith(b"\x1f\x8b")),
    (lies.multipart(), lambda e: e.status == 206 and b"\r\nContent-Range" not in e.head),
    (lies.page(403, b"<xml/>"), lambda e: e.status == 403 and e.body == b"<xml/>"),
    (lies.replaced(b"new" * 9, '"v2"'), lambda e: e.body == b"new" * 9 and b'ETag: "v2"' in e.head),
    (lies.expired(), lambda e: e.status == 403),
    (lies.honest(), lambda e: e.status == 206 and e.body == b"\x07" * 90_000),
]


@pytest.mark.parametrize(("lie", "seen"), LIES)
async def test_each_lie_is_on_the_wire(lie: Lie, seen: object) -> None:
    assert callable(seen)
    async with LyingServer(b"\x07" * 100_000, [lie]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        validator = 'If-Range: "v1"\r\n' if "replaced" in lie.__qualname__ else ""
        writer.write(f"GET {server.sign()} HTTP/1.1\r\nRange: bytes=10000-\r\n{validator}\r\n".encode())
        try:
            async with asyncio.timeout(0.2 if "stall" in lie.__qualname__ or "silence" in lie.__qualname__ else 10):
                received = await reader.read(-1)
        except (TimeoutError, ConnectionError):
            received = b""
        writer.close()
        (exchange,) = server.exchanges
        assert seen(exchange)
        if received:
            assert received == exchange.head + exchange.body
