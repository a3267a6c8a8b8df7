"""A recording opened for decoding: what it is, how long it says it is, its frames in order, and a coarse seek."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qa_player.media.container.headers import (
    MediaFile,
    mp3_counts_its_frames,
    mp4_is_fragmented,
    opus_pre_skip,
    read_exactly,
    wav_length,
)
from qa_player.media.container.ogg import is_chained, stream_from
from qa_player.media.container.sniff import container_of
from qa_player.media.decode.demuxer import (
    MAX_DURATION_MS,
    GuardedFile,
    SeekableFile,
    audio_stream,
    not_sound,
    open_container,
)
from qa_player.media.decode.landmarks import Landmark

_HEAD_BYTES = 4_096
_STRIDE_S = 0.2
"""A packet that begins so long before a place may still sound there."""

_MOST_PLANES = 7
"""PyAV counts a frame's planes up to a null pointer, which stands behind seven at most: it would read on."""

_MOST_BAD_PACKETS = 1_000
"""So many damaged packets are stepped over in one file; what has more is not listened to further."""


@dataclass(frozen=True)
class StreamFacts:
    """What a file is, in contract.md's names. ``duration_ms`` is null when nothing says it.

    ``duration_exact`` is false for lengths that the container only estimates or that its bytes may not bear out.
    """

    container: str
    codec: str
    sample_rate: int
    channels: int
    duration_ms: float | None
    duration_exact: bool


class _InOrder:
    """A file whose first bytes were read already, for reading in order only."""

    size = None

    def __init__(self, head: bytes, file: MediaFile) -> None:
        self._head = head
        self._file = file

    def read(self, count: int = -1, /) -> bytes:
        if not self._head:
            return self._file.read(count)
        piece, self._head = (self._head[:count], self._head[count:]) if count >= 0 else (self._head, b"")
        return piece

    def seek(self, _offset: int, _whence: int = 0, /) -> int:
        raise OSError("read in order only")

    def tell(self) -> int:
        raise OSError("read in order only")

    def seekable(self) -> bool:
        return False


class Opened:
    """One opening of a file, at its start or at a landmark. ``seekable`` says whether `seek` may be called.

    A fragmented mp4 is opened for reading in order unless ``walk_fragments``: its index is the whole file. So is an
    ogg that was ``chained``: its clock starts anew on the way, and whoever halves it gets lost.
    Raises MediaError, and whatever reading ``file`` raises.
    """

    def __init__(self, file: MediaFile, *, walk_fragments: bool = False, at: Landmark | None = None) -> None:
        self.seekable = file.seekable()
        self.at = at
        if self.seekable:
            file.seek(0)
        head = read_exactly(file, _HEAD_BYTES)
        container = container_of(head)
        if container is None:
            raise not_sound("The recording is empty." if not head else "The recording is not sound of a known kind.")
        self.fragmented = container == "mp4" and self.seekable and mp4_is_fragmented(file)
        self.chained = container == "ogg" and self.seekable and at is None and is_chained(file)
        stated = wav_length(file) if container == "wav" and self.seekable else None
        if at is not None:
            self.seekable = False
            head = stream_from(file, at.head, at.byte) if container == "ogg" else b""
            if container != "ogg":
                file.seek(at.byte)
        elif self.chained or (self.fragmented and not walk_fragments):
            self.seekable = False
            file.seek(len(head))
        if self.seekable:
            file.seek(0)
            self._file: GuardedFile = SeekableFile(file)
        else:
            self._file = GuardedFile(_InOrder(head, file))
        self._container = open_container(self._file, container)
        try:
            self._stream = audio_stream(self._container)
        except BaseException:
            self.close()
            raise
        context = self._stream.codec_context
        self._wanted: int | None = None
        self._stride = int(_STRIDE_S / self._stream.time_base)
        duration_ms, exact = self._duration(container, head, stated.duration_ms if stated else None)
        self.facts = StreamFacts(
            container=container,
            codec=_codec_name(context.codec.name),
            sample_rate=context.sample_rate,
            channels=context.channels,
            duration_ms=duration_ms,
            duration_exact=exact and duration_ms is not None,
        )

    def _duration(self, container: str, head: bytes, wav_ms: float | None) -> tuple[float | None, bool]:
        if container == "wav":
            return wav_ms, True
        if not self.seekable or not self._container.duration:
            return None, False
        duration_ms: float = self._container.duration / 1_000
        if container == "ogg":
            duration_ms -= opus_pre_skip(self._stream.codec_context.extradata) / 48
        exact = container in ("ogg", "mp4", "flac", "webm") or (container == "mp3" and mp3_counts_its_frames(head))
        return min(max(duration_ms, 0.0), float(MAX_DURATION_MS)), exact

    def frames(self) -> Iterator[Any]:
        """The library's audio frames from where it stands; damaged packets are stepped over.

        ``packet_byte`` is where the packet of the last frame began (for an ogg: its page), negative when not known.

        Ends at the end of the file or where it is cut off. Raises MediaError when too much of it is damaged, and for
        frames that PyAV cannot hand out.
        """
        import av

        damaged = 0
        wanted, self._wanted = self._wanted, None
        self.packet_byte = -1
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if wanted is not None and packet is not None and packet.pts is not None and packet.pts < wanted:
                    continue  # its index of a long mp3 has gaps of many minutes: passing packets is not decoding them
                wanted = None
                frames = packet.decode() if packet is not None else []
            except av.FFmpegError:
                self._file.check()
                damaged += 1
                if damaged > _MOST_BAD_PACKETS:
                    raise not_sound("Too much of the recording is damaged.") from None
                continue
            self._file.check()
            if packet is None:
                return
            self.packet_byte = packet.pos
            for frame in frames:
                if frame.layout.nb_channels > _MOST_PLANES and frame.format.is_planar:
                    raise not_sound("The recording has more channels than can be played.")
                yield frame

    def seek(self, seconds: float) -> bool:
        """Stand at or before ``seconds`` on the file's own clock; false when the library finds no way there."""
        import av

        place = int(seconds / self._stream.time_base)
        try:
            self._container.seek(place, stream=self._stream, backward=True)
        except (av.FFmpegError, OverflowError):
            self._file.check()
            return False
        self._file.check()
        self._wanted = place - self._stride
        return True

    def close(self) -> None:
        """Give the library's memory back; the file stays open."""
        self._container.close()


def _codec_name(decoder: str) -> str:
    return "mp3" if decoder == "mp3float" else decoder
