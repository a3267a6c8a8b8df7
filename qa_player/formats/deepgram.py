"""Deepgram's answer for a recording: utterances, or words of each channel.

Source: Deepgram's pages "Utterances" and "Diarization": times in seconds, ``speaker`` and ``channel`` as numbers.
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


def is_deepgram(document: object) -> bool:
    """Whether a JSON document is one of these."""
    results = mapping(mapping(document).get("results"))
    return any(isinstance(results.get(name), list) for name in ("channels", "utterances"))


def read(data: bytes) -> Transcript:
    """A turn for each utterance; without them words are gathered. Raises UsageError."""
    document = json_of(data)
    if not is_deepgram(document):
        unreadable("it has no results by channel")
    results = mapping(document["results"])
    channels, utterances = objects(results.get("channels")), objects(results.get("utterances"))
    several = len(channels) > 1 or len({text(one.get("channel")) for one in utterances}) > 1
    reading = TurnsBeingRead()
    for said in utterances:
        reading.add(
            text(said.get("transcript")),
            speaker=_name(said.get("channel") if several else None, said.get("speaker")),
            start_ms=milliseconds(said.get("start")),
            end_ms=milliseconds(said.get("end")),
        )
    if not utterances:
        for number, channel in enumerate(channels):
            alternative = next(iter(objects(channel.get("alternatives"))), {})
            reading.add_words([_word(word, number if several else None) for word in objects(alternative.get("words"))])
    reading.lost_of(document)
    return reading.done() if utterances else reading.sorted()


def _word(word: Mapping[str, Any], channel: int | None) -> Word:
    return Word(
        _name(channel, word.get("speaker")),
        text(word.get("punctuated_word")) or text(word.get("word")),
        milliseconds(word.get("start")),
        milliseconds(word.get("end")),
    )


def _name(channel: object, speaker: object) -> str:
    named = (("channel", text(channel)), ("speaker", text(speaker)))
    return " ".join(f"{kind} {number}" for kind, number in named if number)
