"""A recording is fetched once, byte for byte, sealed, readable while it comes, and kept."""

# ruff: noqa: SIM117 - a server's life and a recording's are two things

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from parts import lying_server as lies
from parts.loop import wait_until
from parts.lying_server import LyingServer
from parts.recordings import KEY, PART, MemoryIndex, Shelf, wav
from parts.wire_source import WireSource
from qa_player.errors import (
    GoneError,
    IntegrityError,
    KeyRefusedError,
    MediaError,
    NetworkError,
    NotFoundError,
    NotReadyError,
    QaPlayerError,
    RecordingReplacedError,
    UnexpectedAnswerError,
)
from qa_player.media.cache import CachedRecording
from qa_player.media.cache.chunk_file import CHUNK, STRIDE
from qa_player.media.cache.reader import ReadCancelled, RecordingReader
from qa_player.model.cache import CacheState
from qa_player.model.recording import MediaFacts

DATA = wav(700_000)
SHA = hashlib.sha256(DATA).hexdigest()
NOT_FOUND = [lies.page(404)] * 40


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "recordings", MemoryIndex())


def never() -> bool:
    return False


async def read_all(cached: CachedRecording, *, start: int = 0, count: int = -1) -> bytes:
    def work() -> bytes:
        reader = cached.reader(never)
        reader.seek(start)
        if count < 0:
            return reader.read()
        out = b""
        while len(out) < count and (piece := reader.read(count - len(out))):
            out += piece
        return out

    return await asyncio.to_thread(work)


async def test_a_recording_is_fetched_certified_sealed_and_exported(shelf: Shelf, tmp_path: Path) -> None:
    async with LyingServer(DATA) as server:
        source = WireSource(server)
        async with shelf.part(source) as cached:
            seen: list[tuple[int, int | None]] = []
            changes: list[CacheState] = []
            cached.changed.connect(lambda: changes.append(cached.state))
            record = await cached.fetch_all(lambda held, size: seen.append((held, size)))
            assert (record.state, record.sha256, record.total) == (CacheState.VERIFIED, SHA, len(DATA))
            assert seen[-1] == (len(DATA), len(DATA))
            assert await read_all(cached) == DATA
            await cached.export_to(tmp_path / "out.wav")
            await wait_until(lambda: CacheState.VERIFIED in changes)
    assert (tmp_path / "out.wav").read_bytes() == DATA
    assert len(server.exchanges) == 1
    (file,) = shelf.folder.iterdir()
    on_disk = file.read_bytes()
    assert not any(DATA[place : place + 16] in on_disk for place in range(0, len(DATA) - 16, 997))
    assert DATA[997:1013] in (tmp_path / "out.wav").read_bytes()  # the same search finds what is in the clear
    assert KEY not in on_disk
    assert "visit-1" in file.name  # the readable part; the rest keeps names apart
    async with shelf.part(None) as again:
        assert again.state is CacheState.VERIFIED
        assert await read_all(again) == DATA
        assert await again.fetch_all() == again.record


async def test_reading_begins_before_the_first_chunk_is_full(shelf: Shelf) -> None:
    async with LyingServer(DATA, [lies.stall(5_000)]) as server:
        async with shelf.part(WireSource(server)) as cached:
            assert await read_all(cached, count=5_000) == DATA[:5_000]


async def test_a_far_byte_is_asked_for_and_the_hole_filled_afterwards(shelf: Shelf) -> None:
    data = wav(3_000_000)
    async with LyingServer(data) as server:
        server.pace = 2_000_000
        source = WireSource(server)
        async with shelf.part(source) as cached:
            assert await read_all(cached, count=100) == data[:100]
            assert await read_all(cached, start=2_900_000, count=100) == data[2_900_000:2_900_100]
            assert cached.held_bytes < 1_500_000
            server.pace = None
            record = await cached.fetch_all()
    assert record.sha256 == hashlib.sha256(data).hexdigest()
    starts = [exchange.range[0] for exchange in server.exchanges if exchange.range]
    assert any(2_800_000 < start <= 2_900_000 for start in starts)
    assert all(start % CHUNK == 0 or start in _ends(server) for start in starts)
    assert source.received <= 1.2 * len(data)


def _ends(server: LyingServer) -> set[int]:
    """Places where an earlier answer was left: a request that goes on there wastes nothing."""
    ends: set[int] = set()
    for exchange in server.exchanges:
        start = exchange.range[0] if exchange.range else 0
        ends |= set(range(start, start + len(exchange.body) + 1))
    return ends


async def test_patient_readers_do_not_make_the_fetch_jump(shelf: Shelf) -> None:
    data = wav(2_000_000)
    async with LyingServer(data) as server:
        server.pace = 4_000_000
        async with shelf.part(WireSource(server)) as cached:
            reader = cached.reader(never, urgent=False)
            await asyncio.to_thread(lambda: (reader.seek(1_900_000), reader.read(10)))
            await cached.fetch_all()
    assert len(server.exchanges) == 1


async def test_what_was_fetched_before_is_not_fetched_again(shelf: Shelf) -> None:
    async with LyingServer(DATA, [lies.cut(300_000), *NOT_FOUND]) as server:
        async with shelf.part(WireSource(server)) as cached:
            with pytest.raises(NotFoundError):
                await cached.fetch_all()
            assert cached.state is CacheState.FAILED
            assert await read_all(cached, count=262_144) == DATA[:262_144]  # what is held can still be heard
        server.script.clear()
        source = WireSource(server)
        async with shelf.part(source) as cached:
            assert (await cached.fetch_all()).sha256 == SHA
    assert source.received <= len(DATA) - 262_144


async def test_facts_come_from_the_probe(shelf: Shelf) -> None:
    def probe(reader: RecordingReader) -> MediaFacts:
        assert (reader.size, reader.seekable(), reader.read(4)) == (len(DATA), True, b"RIFF")
        return MediaFacts(
            sha256=None,
            bytes=0,
            container="wav",
            codec="pcm_s16le",
            duration_ms=1,
            channels=1,
            sample_rate=8000,
            verified=False,
        )

    shelf.probe = probe
    async with LyingServer(DATA) as server, shelf.part(WireSource(server)) as cached:
        facts = (await cached.fetch_all()).facts
    assert facts is not None
    assert (facts.sha256, facts.bytes, facts.verified, facts.codec) == (SHA, len(DATA), True, "pcm_s16le")


async def test_bytes_that_cannot_be_decoded_are_still_certified(shelf: Shelf) -> None:
    def probe(_reader: RecordingReader) -> MediaFacts:
        raise MediaError("No sound in it.", "Ask the provider.")

    shelf.probe = probe
    async with LyingServer(DATA) as server, shelf.part(WireSource(server)) as cached:
        record = await cached.fetch_all()
        assert (record.state, record.facts, record.reason) == (CacheState.VERIFIED, None, "No sound in it.")
        assert isinstance(cached.error, MediaError)


REFUSALS: list[tuple[Callable[[], lies.Lie], type[QaPlayerError]]] = [
    (lambda: lies.page(403, lies.XML_EXPIRED, "application/xml"), NetworkError),
    (lambda: lies.page(416, b"<html>no", "text/html"), UnexpectedAnswerError),
    (lambda: lies.page(200, lies.SIGN_IN), UnexpectedAnswerError),
    (lambda: lies.page(200, lies.SIGN_IN, "audio/ogg"), UnexpectedAnswerError),
    (lambda: lies.page(206, lies.SIGN_IN, "audio/ogg", Content_Range="bytes 0-259/260"), UnexpectedAnswerError),
    (lambda: lies.page(200, b'{"error": "no audio"}', "audio/ogg"), UnexpectedAnswerError),
    (lambda: lies.page(200, b"%PDF-1.7 " + bytes(100), "audio/ogg"), UnexpectedAnswerError),
    (lambda: lies.page(200, b"", "audio/ogg"), MediaError),
    (lambda: lies.page(511, lies.SIGN_IN), UnexpectedAnswerError),
    (lambda: lies.page(204), UnexpectedAnswerError),
    (lambda: lies.page(302, Location="http://169.254.169.254/"), UnexpectedAnswerError),
    (lambda: lies.page(404, b"{}", "application/json"), NotFoundError),
    (lambda: lies.page(410), GoneError),
    (lambda: lies.page(503), NetworkError),
    (lambda: lies.page(429), NetworkError),
    (lies.zipped, UnexpectedAnswerError),
    (lies.multipart, UnexpectedAnswerError),
]


@pytest.mark.parametrize(("lie", "error"), REFUSALS)
async def test_nothing_of_an_error_page_is_ever_audio(
    shelf: Shelf, lie: Callable[[], lies.Lie], error: type[QaPlayerError]
) -> None:
    async with LyingServer(DATA, [lie() for _ in range(40)]) as server:
        async with shelf.part(WireSource(server)) as cached:
            with pytest.raises(error) as raised:
                await cached.fetch_all()
            assert (cached.held_bytes, cached.record.ranges) == (0, ())
            assert cached.state in (CacheState.ABSENT, CacheState.FAILED, CacheState.GONE)
        assert len(server.exchanges) <= 12
        assert server.exchanges[0].lie != "truth"
    assert "127.0.0.1" not in str(raised.value) + repr(raised.value)
    assert all(file.stat().st_size == 0 for file in shelf.folder.iterdir())


async def test_a_sign_in_page_in_mid_file_costs_nothing_that_is_held(shelf: Shelf) -> None:
    script = [lies.cut(400_000), lies.page(200, lies.SIGN_IN), lies.page(200, lies.SIGN_IN, ETag='"other"')]
    async with LyingServer(DATA, script) as server:
        source = WireSource(server)
        async with shelf.part(source) as cached:
            assert (await cached.fetch_all()).sha256 == SHA
    assert source.received <= len(DATA) + 2 * len(lies.SIGN_IN)


async def test_410_is_final_and_404_is_not(shelf: Shelf) -> None:
    async with LyingServer(DATA, [lies.cut(200_000), lies.page(410)]) as server:
        async with shelf.part(WireSource(server)) as cached:
            with pytest.raises(GoneError):
                await cached.fetch_all()
            with pytest.raises(GoneError):
                await cached.fetch_all()
            with pytest.raises(GoneError):
                await read_all(cached, start=650_000)
        asked = len(server.exchanges)
        async with shelf.part(WireSource(server)) as cached:
            assert (cached.state, asked) == (CacheState.GONE, len(server.exchanges))
            with pytest.raises(GoneError):
                await cached.fetch_all()
            assert await read_all(cached, count=CHUNK) == DATA[:CHUNK]
        assert len(server.exchanges) == asked == 2
    async with LyingServer(DATA, [lies.page(404)]) as server, shelf.part(WireSource(server), part_id="1") as cached:
        assert (await cached.fetch_all()).sha256 == SHA


async def test_a_refusal_by_the_provider_is_told_and_can_be_tried_again(shelf: Shelf) -> None:
    refusal = KeyRefusedError("The provider refused the key.", "Enter it again.")
    async with LyingServer(DATA, [lies.expired()]) as server:
        source = WireSource(server)
        source.refuses = [refusal]
        async with shelf.part(source) as cached:
            with pytest.raises(KeyRefusedError):
                await read_all(cached)
            assert (cached.state, cached.error) == (CacheState.FAILED, refusal)
            assert (await cached.fetch_all()).state is CacheState.VERIFIED
            assert cached.error is None


async def test_offline_what_is_held_is_heard_and_the_rest_is_explained(shelf: Shelf) -> None:
    async with LyingServer(DATA, [lies.cut(300_000), *NOT_FOUND]) as server:
        async with shelf.part(WireSource(server)) as cached:
            with pytest.raises(NotFoundError):
                await cached.fetch_all()
        async with shelf.cache() as cache:
            offline = await cache.open(**PART, source=None)
            assert await read_all(offline, count=262_144) == DATA[:262_144]
            with pytest.raises(NetworkError, match="not on this computer"):
                await read_all(offline, start=500_000)
            with pytest.raises(NetworkError):
                await offline.fetch_all()
            with pytest.raises(NotReadyError):
                await offline.export_to(shelf.folder / "x")
            server.script.clear()
            online = await cache.open(**PART, source=WireSource(server))
            assert online is offline  # one per part and process; now it has a source
            assert (await online.fetch_all()).sha256 == SHA
            await online.aclose()
            assert await read_all(offline, start=500_000) == DATA[500_000:]
            await offline.aclose()


async def test_waiting_readers_are_let_go(shelf: Shelf) -> None:
    cancelled = threading.Event()
    async with LyingServer(DATA, [lies.silence(), lies.silence()]) as server:
        async with shelf.part(WireSource(server)) as cached:
            reader = cached.reader(cancelled.is_set)
            waiting = asyncio.create_task(asyncio.to_thread(reader.read, 10))
            await wait_until(lambda: len(server.exchanges) == 1)
            cancelled.set()
            with pytest.raises(ReadCancelled):
                await waiting
            last = cached.reader(never)
            waiting = asyncio.create_task(asyncio.to_thread(last.read, 10))
            await asyncio.sleep(0)
        with pytest.raises(ReadCancelled):
            await waiting


async def test_a_cancelled_fetch_goes_on_where_it_was(shelf: Shelf) -> None:
    async with LyingServer(DATA) as server:
        server.pace = 2_000_000
        async with shelf.part(WireSource(server)) as cached:
            fetching = asyncio.create_task(cached.fetch_all())
            await wait_until(lambda: cached.held_bytes > 200_000)
            fetching.cancel()
            with pytest.raises(asyncio.CancelledError):
                await fetching
            assert (await cached.fetch_all()).sha256 == SHA
    assert len(server.exchanges) == 1


async def test_readers_are_files(shelf: Shelf) -> None:
    async with LyingServer(DATA) as server, shelf.part(WireSource(server)) as cached:

        def work() -> None:
            reader = cached.reader(never)
            assert reader.seekable()
            assert reader.seek(-10, os.SEEK_END) == len(DATA) - 10
            assert reader.read(100) == DATA[-10:]
            assert reader.read(100) == b""
            assert reader.seek(5) == reader.tell() == 5
            assert reader.seek(3, os.SEEK_CUR) == 8
            assert reader.read(4) == DATA[8:12]
            assert reader.seek(len(DATA) + 50) == len(DATA) + 50
            assert reader.read(1) == b""
            assert reader.read(0) == b""
            with pytest.raises(ValueError, match="before"):
                reader.seek(-1)

        await asyncio.to_thread(work)


async def test_a_flipped_byte_on_disk_is_never_heard(shelf: Shelf) -> None:
    async with LyingServer(DATA) as server:
        async with shelf.part(WireSource(server)) as cached:
            record = await cached.fetch_all()
        (file,) = shelf.folder.iterdir()
        async with shelf.cache() as cache:
            await cache.verify(record)
        whole = file.read_bytes()
        file.write_bytes(_flipped(whole, 3 * STRIDE + 100))
        async with shelf.cache() as cache:
            with pytest.raises(IntegrityError):
                await cache.verify(record)
        async with shelf.part(None) as offline:
            assert await read_all(offline, count=3 * CHUNK) == DATA[: 3 * CHUNK]
            with pytest.raises(IntegrityError):
                await read_all(offline, start=3 * CHUNK)
            with pytest.raises(IntegrityError):
                await offline.export_to(shelf.folder.parent / "out.wav")
            assert not (shelf.folder.parent / "out.wav").exists()
        source = WireSource(server)
        async with shelf.part(source) as cached:
            assert await read_all(cached) == DATA
            assert (await cached.fetch_all()).sha256 == SHA
        assert source.received == CHUNK  # only what was damaged
        file.write_bytes(whole[: 2 * STRIDE])
        async with shelf.part(source) as cached:
            assert await read_all(cached) == DATA


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


async def test_a_record_that_claims_too_much_is_found_out(shelf: Shelf) -> None:
    """A crash may leave an index that is older or newer than the file; chunks speak for themselves."""
    async with LyingServer(DATA) as server:
        async with shelf.part(WireSource(server)) as cached:
            record = await cached.fetch_all()
        (file,) = shelf.folder.iterdir()
        file.write_bytes(b"")
        await shelf.index.save(record.model_copy(update={"state": CacheState.PARTIAL, "sha256": None}))
        async with shelf.part(WireSource(server)) as cached:
            assert (await cached.fetch_all()).sha256 == SHA
            assert await read_all(cached) == DATA


async def test_another_home_s_key_opens_nothing(shelf: Shelf) -> None:
    async with LyingServer(DATA) as server:
        async with shelf.part(WireSource(server)) as cached:
            record = await cached.fetch_all()
        await shelf.index.save(record.model_copy(update={"wrapped_key": bytes(60)}))
        async with shelf.cache() as cache:
            with pytest.raises(IntegrityError):
                await cache.open(**PART, source=None)
        async with shelf.part(WireSource(server)) as cached:
            assert (await cached.fetch_all()).sha256 == SHA


async def test_a_replaced_recording_begins_anew_and_old_readers_are_told(shelf: Shelf) -> None:
    new = wav(500_000, seed=2)
    async with LyingServer(DATA, [lies.stall(400_000), lies.replaced(new, '"v2"')]) as server:
        async with shelf.part(WireSource(server)) as cached:
            old = cached.reader(never)
            first = await asyncio.to_thread(old.read, 100)
            record = await cached.fetch_all()
            assert (first, record.etag, record.sha256) == (DATA[:100], '"v2"', hashlib.sha256(new).hexdigest())
            with pytest.raises(RecordingReplacedError):
                await asyncio.to_thread(old.read, 100)
            assert await read_all(cached) == new


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("after", [300_000, 3 * CHUNK])
async def test_two_versions_without_a_validator_are_not_joined(shelf: Shelf, after: int, ranges: bool) -> None:
    new = wav(len(DATA), seed=2)
    script = [lies.cut(after), lies.replaced(new, None)]
    async with LyingServer(DATA, script, etag=None, ranges=ranges) as server:
        async with shelf.part(WireSource(server)) as cached:
            assert (await cached.fetch_all()).sha256 == hashlib.sha256(new).hexdigest()
    assert server.exchanges[0].head.find(b"ETag") < 0


@pytest.mark.parametrize("etag", ['W/"v1"', None])
async def test_weak_validators_are_never_sent(shelf: Shelf, etag: str | None) -> None:
    async with LyingServer(DATA, [lies.cut(300_000)], etag=etag) as server:
        async with shelf.part(WireSource(server)) as cached:
            assert (await cached.fetch_all()).sha256 == SHA
    assert len(server.exchanges) == 2
    assert not any("if-range" in exchange.headers for exchange in server.exchanges)


async def test_strong_validators_are_sent(shelf: Shelf) -> None:
    async with LyingServer(DATA, [lies.cut(300_000)]) as server:
        async with shelf.part(WireSource(server)) as cached:
            await cached.fetch_all()
    assert [exchange.headers.get("if-range") for exchange in server.exchanges] == [None, '"v1"']


async def test_without_ranges_it_comes_in_one_go_and_can_be_read_in_order(shelf: Shelf) -> None:
    async with LyingServer(DATA, [lies.cut(300_000)], ranges=False) as server:
        async with shelf.part(WireSource(server)) as cached:
            assert await read_all(cached) == DATA
            assert (await cached.fetch_all()).sha256 == SHA


async def test_the_least_recently_used_makes_room_but_never_what_is_open(shelf: Shelf) -> None:
    shelf.limit_bytes = 1_000_000
    async with LyingServer(DATA) as server, shelf.cache() as cache:

        async def fetched(part_id: str) -> CachedRecording:
            cached = await cache.open(
                connection="clinic", session_id="visit-1", part_id=part_id, source=WireSource(server)
            )
            await cached.fetch_all()
            return cached

        opened = await fetched("open")
        for part_id in ("a", "b", "c"):
            await (await fetched(part_id)).aclose()
        kept = {record.part_id for record in shelf.index.records.values()}
        assert kept == {"open", "c"}
        assert len(list(shelf.folder.iterdir())) == 2
        assert await read_all(opened) == DATA
        c = await cache.open(connection="clinic", session_id="visit-1", part_id="c", source=None)
        assert c.state is CacheState.VERIFIED  # what is asked for is not what makes room
        assert not await cache.remove(c.record.cache_id)
        await c.aclose()
        assert await cache.remove(c.record.cache_id)
        await opened.aclose()


async def test_two_processes_fetch_a_part_once(shelf: Shelf) -> None:
    """Two caches hold the file as two processes do: the lock belongs to the opened file."""
    async with LyingServer(DATA) as server:
        server.pace = 1_000_000
        first_source, second_source = WireSource(server), WireSource(server)
        async with shelf.cache() as one, shelf.cache() as other:
            first = await one.open(**PART, source=first_source)
            await wait_until(lambda: first.held_bytes > 100_000)
            second = await other.open(**PART, source=second_source)
            assert not await other.remove(second.record.cache_id)
            records = await asyncio.gather(first.fetch_all(), second.fetch_all())
            assert [record.sha256 for record in records] == [SHA, SHA]
            assert await read_all(second) == DATA
        assert second_source.reads == 0


async def test_the_second_process_takes_over(shelf: Shelf) -> None:
    async with LyingServer(DATA) as server:
        server.pace = 500_000
        async with shelf.cache() as one, shelf.cache() as other:
            first = await one.open(**PART, source=WireSource(server))
            await wait_until(lambda: first.held_bytes > 200_000)
            second = await other.open(**PART, source=WireSource(server))
            server.pace = None
            await first.aclose()
            assert (await second.fetch_all()).sha256 == SHA
    assert sum(len(exchange.body) for exchange in server.exchanges[1:]) <= len(DATA) - 2 * CHUNK
