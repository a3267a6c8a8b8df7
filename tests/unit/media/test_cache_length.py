"""A recording whose length nobody stated, or somebody misstated, is certified only when something bears it out."""

# ruff: noqa: SIM117 - a server's life and a recording's are two things

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from parts import lying_server as lies
from parts.loop import wait_until
from parts.lying_server import LyingServer
from parts.recordings import MemoryIndex, Shelf, mp3, wav
from parts.wire_source import WireSource
from qa_player.errors import NetworkError
from qa_player.media.cache import CachedRecording
from qa_player.model.cache import CacheState

DATA = wav(700_000)
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "recordings", MemoryIndex())


def never() -> bool:
    return False


async def read_all(cached: CachedRecording) -> bytes:
    return await asyncio.to_thread(cached.reader(never).read)


async def test_it_can_be_read_in_order_and_knows_no_size(shelf: Shelf) -> None:
    async with LyingServer(mp3(300_000), [lies.unstated()]) as server:
        async with shelf.part(WireSource(server)) as cached:
            assert await read_all(cached) == server.data
            await wait_until(lambda: cached.record.reason is not None)
            assert cached.state is CacheState.PARTIAL
    async with shelf.part(None) as offline:
        assert offline.state is CacheState.PARTIAL
        assert await read_all(offline) == server.data


async def test_while_it_comes_it_is_not_seekable(shelf: Shelf) -> None:
    async with LyingServer(mp3(300_000), [lies.unstated()]) as server:
        server.pace = 100_000
        server.script = [_slow_unstated]
        async with shelf.part(WireSource(server)) as cached:
            reader = cached.reader(never)
            assert await asyncio.to_thread(lambda: (reader.size, reader.seekable())) == (None, False)
            assert await asyncio.to_thread(reader.read, 10) == server.data[:10]


async def test_a_container_that_says_its_length_certifies_it(shelf: Shelf) -> None:
    async with LyingServer(DATA, [lies.unstated()]) as server:
        async with shelf.part(WireSource(server)) as cached:
            assert (await cached.fetch_all()).sha256 == SHA
    assert len(server.exchanges) == 1


async def test_a_second_fetch_with_the_same_bytes_certifies_it(shelf: Shelf) -> None:
    async with LyingServer(mp3(300_000), [lies.unstated(), lies.unstated()]) as server:
        async with shelf.part(WireSource(server)) as cached:
            record = await cached.fetch_all()
    assert record.sha256 == hashlib.sha256(server.data).hexdigest()


async def test_a_silent_cut_is_found_out(shelf: Shelf) -> None:
    async with LyingServer(mp3(300_000), [lies.unstated(most=123_456), lies.unstated()], ranges=False) as server:
        async with shelf.part(WireSource(server)) as cached:
            record = await cached.fetch_all()
    assert record.sha256 == hashlib.sha256(server.data).hexdigest()
    assert len(server.exchanges[0].body) == 123_456


async def test_a_cut_wav_is_never_certified(shelf: Shelf) -> None:
    script = [lies.unstated(most=400_000)] * 40
    async with LyingServer(DATA, script, ranges=False) as server:
        async with shelf.part(WireSource(server)) as cached:
            with pytest.raises(NetworkError, match="broke off"):
                await cached.fetch_all()
            assert cached.state is CacheState.PARTIAL
            assert cached.record.sha256 is None


async def _slow_unstated(server: LyingServer, line: lies.Line) -> None:
    await line.head(200, Content_Type=server.mime)
    for begin in range(0, len(server.data), 10_000):
        await line.send(server.data[begin : begin + 10_000])
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("data", [DATA, mp3(300_000)], ids=["wav", "mp3"])
@pytest.mark.parametrize("off", [-5_000, 5_000, -200_000])
async def test_a_stated_length_that_is_wrong_is_found_out(shelf: Shelf, data: bytes, off: int) -> None:
    for lie in (lies.length(off), lies.part(total=off, grow=min(0, off))):
        async with LyingServer(data, [lie], etag='"v1"') as server:
            async with shelf.part(WireSource(server), part_id=f"{lie.__qualname__}{off}") as cached:
                assert (await cached.fetch_all()).sha256 == hashlib.sha256(data).hexdigest()


async def test_a_file_that_is_damaged_at_the_provider_is_still_their_file(shelf: Shelf) -> None:
    cut = DATA[:400_000]  # the header promises more, and the storage says truly that this is all
    async with LyingServer(cut) as server, shelf.part(WireSource(server)) as cached:
        assert (await cached.fetch_all()).sha256 == hashlib.sha256(cut).hexdigest()
    assert [exchange.status for exchange in server.exchanges] == [206, 206]
    assert len(server.exchanges[1].body) == 1


async def test_a_page_says_nothing_of_the_length(shelf: Shelf) -> None:
    """Two empty answers in a row are no second statement: what is held stays held."""
    for page in (lies.page(200, b"", "audio/mpeg"), lies.page(200, lies.SIGN_IN)):
        async with LyingServer(mp3(50_000), [lies.honest(), page, page]) as server:
            source = WireSource(server)
            async with shelf.part(source, part_id=f"{len(server.exchanges)}{id(page)}") as cached:
                assert (await cached.fetch_all()).total == 50_000
            assert source.received <= 50_001 + 2 * len(lies.SIGN_IN)
            assert [exchange.lie for exchange in server.exchanges] == ["honest", "page", "page", "truth"]
