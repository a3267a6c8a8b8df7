"""A capture as it was received: its journal's entries fed to the timeline, while they come and once more from disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qa_player.errors import IntegrityError
from qa_player.live.frames import Event, Frame, Key, Media, Start, Unreadable, read_frame
from qa_player.live.journal import Entry, Journal, Kind
from qa_player.live.keys_pressed import Masking
from qa_player.live.samples import Format
from qa_player.live.timeline import Timeline
from qa_player.model.live import ByteOrder, Codec, MarkerKind

SECTIONS = {"playedStream": MarkerKind.CHECKPOINT, "mark": MarkerKind.CHECKPOINT, "clearedAudio": MarkerKind.CLEARED}
LATE_ORDER = {"vobiz": True}
"""Which byte order is assumed while a stream has said nothing that could tell: see docs/live.md."""


def format_of(codec: Codec) -> Format:
    """What was asked for, and holds until the carrier says otherwise."""
    return Format(codec is Codec.MULAW, codec.sample_rate)


class Received:
    """One capture. ``take`` is for what comes, `read_again` for what a journal holds already."""

    def __init__(self, journal: Journal, codec: Codec, provider: str) -> None:
        self.journal = journal
        self.timeline = Timeline(format_of(codec))
        self.order = ByteOrder.DETECTED
        self.stream_id = ""
        self.stopped = False
        self.entries = 0
        self._digest = hashlib.sha256()
        self._masking = Masking()
        self._assumed = LATE_ORDER.get(provider, False)

    @property
    def sha256(self) -> str:
        """The digest of all entries so far, in their order: equal for whoever received the same."""
        return self._digest.hexdigest()

    @property
    def big_endian(self) -> bool:
        """The byte order in force."""
        if self.order is not ByteOrder.DETECTED:
            return self.order is ByteOrder.BIG
        heard = self.timeline.order.big_endian
        return self._assumed if heard is None else heard

    def take(self, message: str | bytes, at_ms: int) -> Frame:
        """Take in one message ``at_ms`` after the capture began; returns what it was."""
        frame = read_frame(message)
        if isinstance(frame, Key) and isinstance(message, str):
            message = self._masking.masked(message, at_ms)
            frame = read_frame(message)
        if isinstance(frame, Unreadable):
            # it may hold anything, a card's digits too: that it came is kept, and not what it was
            self.note({"lost": frame.why, "length": len(message)}, at_ms)
            return frame
        self.settle_keys(at_ms)
        data = message.encode("utf-8", "surrogatepass") if isinstance(message, str) else message
        self._feed(frame, self._append(Entry(at_ms, Kind.MESSAGE, data)))
        return frame

    def note(self, told: Mapping[str, Any], at_ms: int) -> None:
        """Keep a note of ours in its place among the messages."""
        self._append(Entry(at_ms, Kind.NOTE, json.dumps(dict(told)).encode()))
        self._feed_note(told)

    def take_over(self, entry: Entry) -> None:
        """Take in one entry that a relay elsewhere made of what came to it."""
        self._feed_entry(entry, self._append(entry))

    def settle_keys(self, at_ms: int, *, over: bool = False) -> None:
        """Tell the choice in a menu, once it is clear that it was one."""
        choice = self._masking.settled(at_ms, over=over)
        if choice is not None:
            self.note({"keys": choice}, at_ms)

    def finish(self, at_ms: int) -> None:
        """No more will come."""
        self.settle_keys(at_ms, over=True)
        self.timeline.finish()

    def read_again(self, *, expected: int | None, over: bool = True) -> None:
        """Feed everything that the journal holds; ``expected`` is how many records it ended with, null if it did not.
        More may come where it is not ``over``.

        A record that is damaged or gone is named, and hides no other.
        """
        for number in range(self.journal.records):
            try:
                entries = self.journal.record(number)
            except IntegrityError:
                self._lost_record("a second of this call is damaged on the disk")
                continue
            for at, entry in enumerate(entries):
                self._count(entry)
                self._feed_entry(entry, (number, at))
        if expected is not None:
            for _ in range(expected - self.journal.records):
                self._lost_record("a second of this call is gone from the disk")
        if over:
            self.timeline.finish()

    def _append(self, entry: Entry) -> tuple[int, int]:
        self._count(entry)
        return self.journal.append(entry)

    def _count(self, entry: Entry) -> None:
        self.entries += 1
        self._digest.update(entry.packed)

    def _lost_record(self, text: str) -> None:
        self.timeline.lost += 1
        self.timeline.markers.add(MarkerKind.LOST, text, at_ms=self.timeline.end_ms)

    def _feed_entry(self, entry: Entry, ref: tuple[int, int]) -> None:
        if entry.kind is Kind.NOTE:
            self._feed_note(json.loads(entry.data))
        else:
            self._feed(read_frame(entry.data.decode("utf-8", "surrogatepass")), ref)

    def _feed(self, frame: Frame, ref: tuple[int, int]) -> None:
        timeline = self.timeline
        if isinstance(frame, Media):
            timeline.media(frame, ref)
        elif isinstance(frame, Start):
            timeline.start(frame)
            self.stream_id = self.stream_id or frame.stream_id
        elif isinstance(frame, Key):
            digits = frame.digit or "?"
            timeline.markers.add(
                MarkerKind.KEY, f"key {digits}", track=_side(frame.track), at_ms=timeline.end_ms, alone=True
            )
        elif isinstance(frame, Event):
            self._event(frame)

    def _event(self, event: Event) -> None:
        at_ms, markers = self.timeline.end_ms, self.timeline.markers
        if event.name == "stop":
            self.stopped = True
        elif event.name in SECTIONS:
            text = f"{event.name} {event.detail}".strip()
            markers.add(SECTIONS[event.name], text, at_ms=at_ms, alone=True)
        elif event.name != "connected":
            markers.add(MarkerKind.CARRIER, f"{event.name} {event.detail}".strip(), at_ms=at_ms)

    def _feed_note(self, told: Mapping[str, Any]) -> None:
        at_ms, markers = self.timeline.end_ms, self.timeline.markers
        if "lost" in told:
            self.timeline.lost += 1
            markers.add(MarkerKind.LOST, f"a message that cannot be read: {told['lost']}", at_ms=at_ms)
        if "keys" in told:
            markers.add(MarkerKind.KEY, f"keys {told['keys']}", at_ms=at_ms, alone=True)
        if "carrier" in told:
            markers.add(MarkerKind.CARRIER, str(told["carrier"])[:500], at_ms=at_ms, alone=True)
        for name in ("here", "ended"):
            if name in told:
                markers.add(MarkerKind.STREAM, str(told[name])[:500], at_ms=at_ms, alone=True)


def opened(path: Path, key: bytes, session_id: str, *, codec: Codec, provider: str, records: int | None) -> Received:
    """A capture read from the disk, as far as it is there; blocks. Raises StorageError."""
    received = Received(Journal(path, key, session_id, fresh=False), codec, provider)
    received.read_again(expected=records)
    return received


def _side(track: str) -> str:
    return track if track in ("inbound", "outbound") else ""
