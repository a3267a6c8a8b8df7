"""Amazon Transcribe's output: audio segments, or items with speaker or channel labels; times are texts in seconds.

Source: the Amazon Transcribe developer guide, "Example output", "Partitioning speakers" and "Channel identification".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qa_player.formats.transcript_file import (
    Transcript,
    TurnsBeingRead,
    Word,
    json_of,
    mapping,
    milliseconds,
    objects,
    text,
    unreadable,
)


def is_amazon_transcribe(document: object) -> bool:
    """Whether a JSON document is one of these."""
    results = mapping(mapping(document).get("results"))
    return isinstance(results.get("items"), list) and isinstance(results.get("transcripts"), list)


def read(data: bytes) -> Transcript:
    """A turn for each audio segment; without them items are gathered by speaker or channel. Raises UsageError."""
    document = json_of(data)
    if not is_amazon_transcribe(document):
        unreadable("it has no results with items")
    results = mapping(document["results"])
    reading = TurnsBeingRead()
    segments = objects(results.get("audio_segments"))
    for segment in segments:
        reading.add(
            text(segment.get("transcript")),
            speaker=text(segment.get("speaker_label")) or text(segment.get("channel_label")),
            start_ms=milliseconds(segment.get("start_time")),
            end_ms=milliseconds(segment.get("end_time")),
        )
    if segments:
        reading.lost_of(document)
        return reading.done()
    channels = objects(mapping(results.get("channel_labels")).get("channels"))
    for channel in channels:
        reading.add_words(_words(objects(channel.get("items")), {}, text(channel.get("channel_label"))))
    if not channels:
        reading.add_words(_words(objects(results["items"]), _speakers(results), ""))
    reading.lost_of(document)
    return reading.sorted()


def _speakers(results: Mapping[str, Any]) -> dict[str, str]:
    """Who speaks the item that begins then, in outputs whose items do not say so themselves."""
    segments = objects(mapping(results.get("speaker_labels")).get("segments"))
    return {
        text(item.get("start_time")): text(item.get("speaker_label"))
        for segment in segments
        for item in objects(segment.get("items"))
    }


def _words(items: list[Mapping[str, Any]], speakers: Mapping[str, str], channel: str) -> list[Word]:
    words: list[Word] = []
    for item in items:
        content = text(next(iter(objects(item.get("alternatives"))), {}).get("content"))
        glued = item.get("type") == "punctuation"
        named = text(item.get("speaker_label")) or speakers.get(text(item.get("start_time")), "") or channel
        speaker = words[-1].speaker if glued and words else named
        start, end = milliseconds(item.get("start_time")), milliseconds(item.get("end_time"))
        words.append(Word(speaker, content, start, end, glued=glued))
    return words
