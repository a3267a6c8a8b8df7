"""A capture on disk: what came, in the order in which it came, in sealed records that a kill cannot take back.

A file is a row of records: four bytes of length, then the sealed record (`sealed.seal`), bound to its capture and its
number. A record holds the entries of about a second, packed. A record that a kill cut short is no record: what is
before it stands.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from qa_player import sealed
from qa_player.errors import IntegrityError
from qa_player.files import PRIVATE_FILE, storage_errors, sync_folder

LONGEST_RECORD = 64 * 1024 * 1024
REMEMBERED = 8

_LENGTH = struct.Struct("<I")
_ENTRY = struct.Struct("<qBI")


class Kind(IntEnum):
    """What an entry is: a message as it came, or a note of ours in JSON."""

    MESSAGE = 1
    NOTE = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """``at_ms`` is when it came, since the capture began."""

    at_ms: int
    kind: Kind
    data: bytes

    @property
    def packed(self) -> bytes:
        """As it stands in a record, and on the line to a listener."""
        return _ENTRY.pack(self.at_ms, self.kind, len(self.data)) + self.data


class Journal:
    """One capture's file. One thread appends; any may read, also what is not on the disk yet."""

    def __init__(self, path: Path, key: bytes, session_id: str, *, fresh: bool) -> None:
        self._key = key
        self._place = b"live:" + session_id.encode() + b":"
        self._offsets: list[tuple[int, int]] = []
        self._read: OrderedDict[int, list[Entry]] = OrderedDict()
        self._turn = threading.Lock()
        self._pending: list[Entry] = []
        self._unwritten: dict[int, list[Entry]] = {}
        flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | (os.O_CREAT | os.O_EXCL if fresh else 0)
        self._handle = -1
        with storage_errors():
            self._handle = os.open(path, flags, PRIVATE_FILE)
            if fresh:
                sync_folder(path.parent)
        self._end = 0
        self.look()
        self._begun = self.records

    @property
    def records(self) -> int:
        """How many records are whole on the disk."""
        return len(self._offsets)

    @property
    def last(self) -> int:
        """The number of the record that what comes next will be in."""
        return self._begun

    @property
    def length(self) -> int:
        """How many bytes of the file are whole records."""
        return self._end

    @property
    def unflushed(self) -> int:
        """How many entries are not on the disk."""
        return len(self._pending) + sum(map(len, self._unwritten.values()))

    def append(self, entry: Entry) -> tuple[int, int]:
        """Take ``entry`` in, to be on the disk with the next `turn` and `flush`; returns where it will be."""
        self._pending.append(entry)
        return self._begun, len(self._pending) - 1

    def turn(self) -> bool:
        """Begin the next record, by the thread that appends; whether there is anything to be flushed."""
        with self._turn:
            if self._pending:
                self._unwritten[self._begun] = self._pending
                self._begun += 1
                self._pending = []
        return bool(self._unwritten)

    def flush(self) -> None:
        """Write what was turned over and wait for the disk, in one thread at a time.

        Raises DiskFullError, StorageError: what is not on the disk then can be flushed again.
        """
        for number, entries in list(self._unwritten.items()):
            record = self._sealed(number, entries)
            with storage_errors():
                view, at = memoryview(record), self._end
                while view:
                    written = _write_at(self._handle, view, at)
                    view, at = view[written:], at + written
                os.fsync(self._handle)
            self._offsets.append((self._end + _LENGTH.size, len(record) - _LENGTH.size))
            self._end += len(record)
            self._keep(number, entries)
            del self._unwritten[number]

    def _sealed(self, number: int, entries: list[Entry]) -> bytes:
        plain = b"".join(one.packed for one in entries)
        piece = sealed.seal(self._key, zlib.compress(plain, 1), place=self._place_of(number))
        return _LENGTH.pack(len(piece)) + piece

    def look(self) -> None:
        """See what is in the file by now, as far as its records are whole."""
        with storage_errors():
            size = os.fstat(self._handle).st_size
            while self._end + _LENGTH.size <= size:
                length = _LENGTH.unpack(_read_at(self._handle, _LENGTH.size, self._end))[0]
                start = self._end + _LENGTH.size
                if not 0 < length <= LONGEST_RECORD or start + length > size:
                    break
                self._offsets.append((start, length))
                self._end = start + length

    def record(self, number: int) -> list[Entry]:
        """The entries of one record. Raises IntegrityError when it is not what was written."""
        with self._turn:
            known = self._pending if number == self._begun else self._unwritten.get(number)
            known = self._read.get(number, known)
            if known is not None:
                return known
        start, length = self._offsets[number]
        with storage_errors():
            piece = _read_at(self._handle, length, start)
        plain = sealed.unseal(self._key, piece, place=self._place_of(number))
        entries = list(unpacked(zlib.decompressobj().decompress(plain, LONGEST_RECORD)))
        self._keep(number, entries)
        return entries

    def close(self) -> None:
        """Give the file back; safe to call twice."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1

    def __del__(self) -> None:
        # whoever still plays from it holds it; the last one gives the file back
        self.close()

    def _keep(self, number: int, entries: list[Entry]) -> None:
        with self._turn:
            self._read[number] = entries
            while len(self._read) > REMEMBERED:
                self._read.popitem(last=False)

    def _place_of(self, number: int) -> bytes:
        return self._place + str(number).encode()


def unpacked(plain: bytes) -> Iterator[Entry]:
    """The entries that stand one behind the other in ``plain``. Raises IntegrityError."""
    at = 0
    while at + _ENTRY.size <= len(plain):
        at_ms, kind, length = _ENTRY.unpack_from(plain, at)
        at += _ENTRY.size
        if at + length > len(plain) or kind not in (Kind.MESSAGE, Kind.NOTE):
            raise IntegrityError("A record of a call is damaged.", "Restore it from a backup.")
        yield Entry(at_ms, Kind(kind), plain[at : at + length])
        at += length


def _read_at(handle: int, count: int, place: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(handle, count, place)
    os.lseek(handle, place, os.SEEK_SET)
    return os.read(handle, count)


def _write_at(handle: int, data: memoryview, place: int) -> int:
    if hasattr(os, "pwrite"):
        return os.pwrite(handle, data, place)
    os.lseek(handle, place, os.SEEK_SET)
    return os.write(handle, data)
