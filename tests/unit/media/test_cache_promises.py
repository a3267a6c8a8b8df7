"""What the cache promises of clocks, refusals, room and what it keeps, each held against what would break it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from parts import lying_server as lies
from parts.lying_server import LyingServer
from parts.recordings import PART, HandClock, MemoryIndex, Shelf, wav
from parts.wire_source import WireSource
from qa_player.errors import IntegrityError, NotFoundError
from qa_player.media.cache import RecordingCache
from qa_player.media.cache.chunk_file import CHUNK, STRIDE
from qa_player.media.cache.patience import Patience
from qa_player.model.cache import CacheRecord, CacheState

DATA = wav(200_000)
DAY_S = 86_400.0


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "recordings", MemoryIndex())


@pytest.mark.parametrize("days", [-3_650, -10, 10, 3_650])
async def test_this_computers_clock_alone_ends_nothing(shelf: Shelf, days: int) -> None:
    """C5: an address that looks dead, or not yet alive, is tried all the same; only the provider says GONE."""
    hand = HandClock()
    shelf.clock = hand.clock

    class Dated(WireSource):
        issued_at = hand.seconds
        expires_at = hand.seconds + 900.0

    async with LyingServer(DATA, [lies.cut(100_000)]) as server:
        source = Dated(server)
        hand.seconds += days * DAY_S
        async with shelf.part(source) as cached:
            assert (await cached.fetch_all()).state is CacheState.VERIFIED
        assert source.renewals <= 2, "each is a line in the provider's log"
        async with shelf.part(None) as later:
            hand.seconds -= 2 * days * DAY_S
            assert later.state is CacheState.VERIFIED


async def test_a_404_is_asked_few_times_with_growing_pauses(shelf: Shelf) -> None:
    """C5: at most 6 requests in 15 minutes, whoever waits."""
    hand = HandClock()
    shelf.clock, shelf.patience = hand.clock, replace(Patience(), answer_s=5.0, window_s=5.0)
    async with LyingServer(DATA, [lies.page(404)] * 100) as server:
        async with shelf.part(WireSource(server)) as cached:
            with pytest.raises(NotFoundError):
                await cached.fetch_all()
            assert cached.state is CacheState.FAILED
        assert 2 <= len(server.exchanges) <= 6
        assert hand.slept == sorted(hand.slept)
        server.script.clear()
        async with shelf.part(WireSource(server)) as cached:
            assert (await cached.fetch_all()).state is CacheState.VERIFIED  # 404 is not for ever


async def _flips(shelf: Shelf, count: int) -> None:
    async with LyingServer(DATA) as server, shelf.part(WireSource(server)) as cached:
        record = await cached.fetch_all()
    (file,) = shelf.folder.iterdir()
    whole = file.read_bytes()
    draw = random.Random(count)
    async with shelf.cache() as cache:
        await cache.verify(record)  # the control: as it was written it passes
        for _ in range(count):
            place, bit = draw.randrange(len(whole)), draw.randrange(8)
            with file.open("r+b") as writing:
                writing.seek(place)
                writing.write(bytes([whole[place] ^ 1 << bit]))
            with pytest.raises(IntegrityError):
                await cache.verify(record)
            with file.open("r+b") as writing:
                writing.seek(place)
                writing.write(whole[place : place + 1])
        await cache.verify(record)


async def test_any_flipped_bit_is_found(shelf: Shelf) -> None:
    """C8."""
    await _flips(shelf, 500)


@pytest.mark.nightly
@pytest.mark.timeout(600)
async def test_ten_thousand_flipped_bits_are_found(shelf: Shelf) -> None:
    await _flips(shelf, 10_000)


async def test_what_is_fetched_again_is_looked_at_again(shelf: Shelf) -> None:
    """C8: an index that says VERIFIED does not make the bytes so; only what is damaged comes over the network."""
    async with LyingServer(DATA) as server:
        async with shelf.part(WireSource(server)) as cached:
            record = await cached.fetch_all()
        (file,) = shelf.folder.iterdir()
        whole = bytearray(file.read_bytes())
        whole[STRIDE + 7] ^= 4
        file.write_bytes(whole)
        async with shelf.part(None) as offline:
            with pytest.raises(IntegrityError):
                await offline.fetch_all()
        source = WireSource(server)
        async with shelf.part(source) as cached:
            assert (await cached.fetch_all()).sha256 == record.sha256
        assert source.received == CHUNK
        async with shelf.cache() as cache:
            await cache.verify(shelf.index.records[record.cache_id])


async def test_a_digest_that_is_another_is_found(shelf: Shelf) -> None:
    """C8: the chunks open, and are not what was verified."""
    async with LyingServer(DATA) as server, shelf.part(WireSource(server)) as cached:
        record = await cached.fetch_all()
    async with shelf.cache() as cache:
        for changes in ({"sha256": "0" * 64}, {"total": len(DATA) - 1}, {"total": len(DATA) - CHUNK}):
            with pytest.raises(IntegrityError):
                await cache.verify(record.model_copy(update=changes))


def _held(record: CacheRecord) -> int:
    return sum(end - start for start, end in record.ranges)


async def test_the_bound_is_kept_and_what_is_held_or_open_is_spared(shelf: Shelf) -> None:
    """C9: never above the limit by more than one recording, beside what nobody may drop."""
    shelf.limit_bytes = 600_000
    shelf.held = frozenset({("clinic", "held")})
    draw = random.Random(9)

    async def fetch(cache: RecordingCache, session_id: str, size: int) -> None:
        async with LyingServer(wav(size, seed=size)) as server:
            part = await cache.open(**PART | {"session_id": session_id}, source=WireSource(server))
            await part.fetch_all()
            await part.aclose()

    async with shelf.cache() as cache:
        await fetch(cache, "held", 150_000)
        async with LyingServer(DATA) as server:
            playing = await cache.open(**PART | {"session_id": "playing"}, source=WireSource(server))
            await playing.fetch_all()
            for number in range(12):
                size = draw.randrange(100_000, 400_000)
                await fetch(cache, f"visit-{number}", size)
                kept = {record.session_id: _held(record) for record in shelf.index.records.values()}
                assert {"held", "playing", f"visit-{number}"} <= set(kept)
                assert sum(kept.values()) <= shelf.limit_bytes + size
            assert len(kept) < 8, "the control: most had to go"
            await playing.aclose()
    shelf.held, shelf.limit_bytes = frozenset(), 1
    async with shelf.cache() as cache:
        await fetch(cache, "last", 100_000)
    assert {record.session_id for record in shelf.index.records.values()} == {"last"}


async def test_pictures_of_recordings_count_against_the_bound(shelf: Shelf) -> None:
    """C9: the peaks of eight hours are larger than many a call."""
    shelf.limit_bytes = 400_000

    async def fetched(session_id: str) -> Path:
        async with shelf.cache() as cache, LyingServer(wav(100_000)) as server:
            part = await cache.open(**PART | {"session_id": session_id}, source=WireSource(server))
            await part.fetch_all()
            place, _ = part.peaks_place
            await part.aclose()
            return place

    first = await fetched("first")
    await fetched("second")
    await fetched("third")
    assert {record.session_id for record in shelf.index.records.values()} == {"first", "second", "third"}
    first.write_bytes(bytes(200_000))
    await fetched("fourth")
    assert {record.session_id for record in shelf.index.records.values()} == {"second", "third", "fourth"}
    assert not first.exists()
