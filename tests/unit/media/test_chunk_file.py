"""Chunks on disk open only where, and as, they were written."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from qa_player.errors import IntegrityError
from qa_player.media.cache.chunk_file import CHUNK, STRIDE, ChunkFile
from qa_player.sealed import new_key

KEY = new_key()
CANARY = b"the patient said: penicillin" * 100


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.part"


def test_chunks_come_back_and_are_not_in_the_file(path: Path) -> None:
    file = ChunkFile(path, "a")
    plain = (CANARY * 100)[:CHUNK]
    file.write(KEY, 3, plain)
    file.write(KEY, 4, CANARY)
    assert (file.read(KEY, 3, CHUNK), file.read(KEY, 4, len(CANARY))) == (plain, CANARY)
    file.close()
    on_disk = path.read_bytes()
    assert b"penicillin" not in on_disk
    assert KEY not in on_disk
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"penicillin" in plain  # the search would find it


@pytest.mark.parametrize("place", [0, 5, 12, 500, CHUNK // 2, STRIDE - 1])
def test_a_flipped_byte_does_not_open(path: Path, place: int) -> None:
    file = ChunkFile(path, "a")
    file.write(KEY, 0, bytes(CHUNK))
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError):
        file.read(KEY, 0, CHUNK)
    file.close()


def test_a_chunk_at_another_place_or_of_another_recording_does_not_open(path: Path) -> None:
    file, other = ChunkFile(path, "a"), ChunkFile(path, "b")
    file.write(KEY, 0, bytes(CHUNK))
    file.write(KEY, 1, bytes(CHUNK))
    data = path.read_bytes()
    path.write_bytes(data[STRIDE:] + data[:STRIDE])
    for number in (0, 1):
        with pytest.raises(IntegrityError):
            file.read(KEY, number, CHUNK)
    path.write_bytes(data)
    assert file.read(KEY, 0, CHUNK) == bytes(CHUNK)
    with pytest.raises(IntegrityError):
        other.read(KEY, 0, CHUNK)
    with pytest.raises(IntegrityError):
        file.read(new_key(), 0, CHUNK)
    file.close()
    other.close()


def test_one_writer_at_a_time(path: Path) -> None:
    first, second = ChunkFile(path, "a"), ChunkFile(path, "a")
    assert (first.try_lock(), second.try_lock()) == (True, False)
    first.close()
    assert second.try_lock()
    second.close()


def test_a_file_that_was_removed_meanwhile_is_made_anew(path: Path) -> None:
    first, second = ChunkFile(path, "a"), ChunkFile(path, "a")
    assert first.try_lock()
    first.remove()
    assert not path.exists()
    assert second.try_lock()
    second.write(KEY, 0, b"here")
    assert path.stat().st_size > 4
    second.close()
