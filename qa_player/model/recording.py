"""A recording and its parts as a provider offers them, and what is known of one once it was fetched."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.value import Count, Instant, Milliseconds, OpaqueId, Sha256, ShortText, Value


class RecordingState(StrEnum):
    """Whether a part can be heard."""

    AVAILABLE = "available"
    PROCESSING = "processing"
    NONE = "none"
    GONE = "gone"


class RecordingMode(StrEnum):
    """How its bytes come: ranges of a presigned address, one whole download, or a plain byte stream."""

    STREAM = "stream"
    DOWNLOAD = "download"
    BYTES = "bytes"


class RecordingPart(Value):
    """One file of a session's recording; its address stays with the provider.

    ``start_ms`` is its place on the session's audio timeline, null until the lengths before it are known.
    ``expires_at`` is when the address we last heard of dies; a hint, renewed by the provider.
    """

    part_id: OpaqueId
    sequence: Annotated[int, Field(ge=0, le=100_000)]
    start_ms: Milliseconds | None
    duration_ms: Milliseconds | None
    mode: RecordingMode
    mime: ShortText | None
    expires_at: Instant | None
    state: RecordingState


class MediaFacts(Value):
    """What is true of a fetched recording, read from its bytes.

    ``container``: ogg, mp4, mp3, wav, webm, flac; ``codec``: opus, aac, mp3, vorbis, flac, pcm_s16le and the like.
    ``verified`` says that the bytes are complete and their digest stands for the source's file.
    """

    sha256: Sha256 | None
    bytes: Count
    container: ShortText
    codec: ShortText
    duration_ms: Milliseconds
    channels: Annotated[int, Field(ge=1, le=64)]
    sample_rate: Annotated[int, Field(ge=1, le=768_000)]
    verified: bool
