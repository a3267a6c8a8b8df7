"""What is true of a recording, read from its bytes: container, coding, length, channels and rate."""

from __future__ import annotations

from qa_player.media.container.headers import MediaFile
from qa_player.media.decode.decoder import Decoder
from qa_player.media.decode.demuxer import MAX_DURATION_MS, not_sound
from qa_player.model.recording import MediaFacts


def probe(file: MediaFile) -> MediaFacts:
    """The facts of ``file``, which must know its size; ``sha256`` and ``verified`` are for whoever hashed it to say.

    Where the container only estimates its length (an mp3 without a table, raw aac, a live webm) the sound is decoded to
    its end. Raises MediaError for what is no sound, and whatever reading raises.
    """

    def from_the_start() -> MediaFile:
        if file.seekable():
            file.seek(0)
        return file

    decoder = Decoder(from_the_start)
    try:
        facts = decoder.facts
        duration_ms = facts.duration_ms
        if duration_ms is None or not facts.duration_exact:
            while (block := decoder.read()) is not None:
                if block.end * 1_000 > MAX_DURATION_MS * facts.sample_rate:
                    raise not_sound("The recording is longer than can be played.")
            duration_ms = (decoder.end or 0) * 1_000 / facts.sample_rate
    finally:
        decoder.close()
    return MediaFacts(
        sha256=None,
        bytes=file.size or 0,
        container=facts.container,
        codec=facts.codec,
        duration_ms=round(duration_ms),
        channels=facts.channels,
        sample_rate=facts.sample_rate,
        verified=False,
    )
