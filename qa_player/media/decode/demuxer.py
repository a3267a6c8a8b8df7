"""The one way a recording's bytes reach the library: a demuxer we name, decoders we list, and a file that never raises.

What is raised inside the library's callbacks may be printed by it or lost, so a `GuardedFile` keeps the first failure,
ends the file there, and gives the failure back to whoever asks with `GuardedFile.check`.
"""

from __future__ import annotations

from typing import Any, NoReturn

from qa_player.errors import MediaError
from qa_player.media.container.headers import MediaFile
from qa_player.media.decode.memory import bound_memory

MAX_CHANNELS = 8
MAX_SAMPLE_RATE = 192_000
MAX_DURATION_MS = 24 * 3_600_000

_DEMUXERS = {"ogg": "ogg", "mp4": "mp4", "mp3": "mp3", "wav": "wav", "webm": "webm", "flac": "flac", "aac": "aac"}
_PCM = ("s8", "u8", "s16le", "s16be", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be", "f64le", "mulaw", "alaw")
DECODERS = ("opus", "vorbis", "aac", "mp3float", "mp3", "flac", *(f"pcm_{kind}" for kind in _PCM))
_OPTIONS = {
    "codec_whitelist": ",".join(DECODERS),
    "protocol_whitelist": "none",
    "probesize": "65536",  # a wav is otherwise read for five seconds of sound, to see whether it hides another coding
    "max_streams": "32",
}


def not_sound(detail: str = "It is not sound in a form that can be played.") -> MediaError:
    """What a person is told of bytes that cannot be decoded."""
    return MediaError(detail, "Fetch it again; if that does not help, ask the provider for the file.")


class GuardedFile:
    """What the library is given to read. Only the seekable form has ``seek``: one that fails would end the opening."""

    def __init__(self, file: MediaFile) -> None:
        self._file = file
        self.failure: BaseException | None = None

    def read(self, count: int) -> bytes:
        """At most ``count`` bytes; none at the end and after a failure."""
        if self.failure is not None:
            return b""
        try:
            return self._file.read(count)
        except BaseException as failure:
            self.failure = failure
            return b""

    def check(self) -> None:
        """Raise what reading raised."""
        if self.failure is not None:
            raise self.failure


class SeekableFile(GuardedFile):
    """The form for files whose bytes can be had in any order."""

    def seek(self, offset: int, whence: int = 0) -> int:
        """The new place; -1 after a failure."""
        if self.failure is not None:
            return -1
        try:
            return self._file.seek(offset, whence)
        except BaseException as failure:
            self.failure = failure
            return -1

    def tell(self) -> int:
        """Where the file stands."""
        return self._file.tell()


def open_container(file: GuardedFile, container: str) -> Any:
    """The library's container of kind ``container`` (contract.md's names) at the start of ``file``.

    Raises MediaError for what the demuxer refuses, and what reading the file raised.
    """
    import av

    av.logging.set_level(None)
    bound_memory()
    demuxer = _DEMUXERS.get(container)
    if demuxer is None:
        raise not_sound("Recordings of this kind cannot be played.")
    try:
        opened = av.open(
            file,
            mode="r",
            format=demuxer,
            container_options=_OPTIONS,
            metadata_errors="ignore",
            buffer_size=65_536,
            io_open=_refuse,
        )
    except MemoryError:
        file.check()
        raise not_sound("The recording claims to be larger than can be played.") from None
    except (av.FFmpegError, ValueError, OverflowError):
        file.check()
        raise not_sound() from None
    if file.failure is not None:
        opened.close()
        file.check()
    return opened


def audio_stream(opened: Any) -> Any:
    """The first sound in it, within bounds, decoded in the calling thread alone; raises MediaError."""
    import av

    stream = next(iter(opened.streams.audio), None)
    if stream is None:
        raise not_sound("The recording holds no sound.")
    try:
        context = stream.codec_context
    except (av.FFmpegError, ValueError):
        context = None
    if context is None or context.codec.name not in DECODERS:
        raise not_sound("The recording is in a coding that cannot be played.")
    within = 1 <= context.channels <= MAX_CHANNELS and 1 <= context.sample_rate <= MAX_SAMPLE_RATE
    if not within or (opened.duration or 0) / 1_000 > MAX_DURATION_MS:
        raise not_sound("The recording claims more channels, samples or hours than can be played.")
    context.thread_count = 1
    return stream


def _refuse(*_: object) -> NoReturn:
    raise PermissionError("a recording may not open anything else")
