"""A process that fetches a recording is killed at any moment: what the index says afterwards is what the file gives."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from parts import lying_server as lies
from parts import process
from parts.lying_server import LyingServer
from parts.recordings import KEY, PART, wav
from parts.stored import KEY as DATABASE_KEY
from qa_player.media.cache import RecordingCache
from qa_player.model.cache import CacheState
from qa_player.store.cache_index import StoredCacheIndex
from qa_player.store.database import Database

TESTS = Path(__file__).parents[2]
SIZE = 900_000
GATE, NIGHTLY = 10, 60


@pytest.fixture
def forker() -> Iterator[subprocess.Popen[bytes]]:
    """Runs each fetch in a process of its own."""
    program = [sys.executable, "-m", "parts.fetch_process"]
    running = process.start(program, cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None)
    yield running
    process.stop(running)


class Home:
    """A database and a folder of recordings that outlive those who are killed."""

    def __init__(self, folder: Path, server: LyingServer, forker: subprocess.Popen[bytes]) -> None:
        self._folder = folder
        self._server = server
        self._forker = forker

    def _line(self) -> str:
        assert self._forker.stdout is not None
        return self._forker.stdout.readline().decode().rstrip("\n")

    async def fetch(self, part_id: str, *, dies_after_s: float) -> bool:
        """Fetch in a process that is killed when it still runs then; whether it was."""
        assert self._forker.stdin is not None
        command = {
            "database": str(self._folder / "qa-player.db"),
            "folder": str(self._folder / "recordings"),
            "key": DATABASE_KEY.hex(),
            "port": self._server.port,
            "path": self._server.sign(),
            "part_id": part_id,
        }
        self._forker.stdin.write(json.dumps(command).encode() + b"\n")
        self._forker.stdin.flush()
        pid = int((await asyncio.to_thread(self._line)).removeprefix("pid "))
        await asyncio.sleep(dies_after_s)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        while not (line := await asyncio.to_thread(self._line)).startswith("ended "):
            assert line.startswith("verified ")
        assert line in ("ended -9", "ended 0"), line
        return line == "ended -9"

    async def survey(self) -> Counter[str]:
        """Everything that the index claims, read from the files: raises when a byte of it is another one."""
        database = await Database.open(self._folder / "qa-player.db", DATABASE_KEY)
        index = StoredCacheIndex(database)
        cache = RecordingCache(self._folder / "recordings", index, KEY, 2**30)
        found: Counter[str] = Counter()
        for record in await index.all():
            part = await cache.open(**PART | {"part_id": record.part_id}, source=None)
            reader = part.reader(lambda: False)
            for start, end in record.ranges:
                reader.seek(start)
                held = b""
                while len(held) < end - start:
                    held += await asyncio.to_thread(reader.read, end - start - len(held))
                assert any(version[start:end] == held for version in self._server.versions)
            if record.state is CacheState.VERIFIED:
                assert record.sha256 in {hashlib.sha256(version).hexdigest() for version in self._server.versions}
                await cache.verify(record)
            found[record.state] += 1
            await part.aclose()
        await cache.aclose()
        await database.aclose()
        return found


async def _killed_again_and_again(folder: Path, forker: subprocess.Popen[bytes], kills: int) -> None:
    draw = random.Random(kills)
    seen: Counter[str] = Counter()
    killed = finished = part = 0
    async with LyingServer(wav(SIZE)) as server:
        server.pace = 6_000_000
        home = Home(folder, server, forker)
        await home.fetch("first", dies_after_s=2.0)
        while killed < kills:
            if draw.random() < 0.2:
                another = wav(SIZE + part, seed=part)
                server.script = [lies.replaced(another, f'"v{part}"')]
            died = await home.fetch(str(part), dies_after_s=draw.uniform(0, 0.4))
            killed, finished = killed + died, finished + (not died)
            seen += await home.survey()
            part += not died
        assert killed == kills
    assert seen[CacheState.PARTIAL] > 0 < seen[CacheState.VERIFIED], "the control: some died in the midst of it"


async def test_a_kill_at_any_moment_leaves_nothing_that_is_not_so(
    tmp_path: Path, forker: subprocess.Popen[bytes]
) -> None:
    await _killed_again_and_again(tmp_path, forker, GATE)


@pytest.mark.nightly
@pytest.mark.timeout(1_200)
async def test_many_kills(tmp_path: Path, forker: subprocess.Popen[bytes]) -> None:
    await _killed_again_and_again(tmp_path, forker, NIGHTLY)
