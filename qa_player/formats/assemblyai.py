"""AssemblyAI's transcript: utterances, or words; times are whole milliseconds.

Source: AssemblyAI's pages "Get transcript" and "Speaker diarization".
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
    objects,
    text,
    unreadable,
    whole_ms,
)


def is_assemblyai(document: object) -> bool:
    """Whether a JSON document is one of these, be it one that is not transcribed yet or failed."""
    told = mapping(document)
    if {"audio_url", "acoustic_model", "language_model", "speaker_labels", "audio_duration"} & told.keys():
        return "status" in told or _lists(told)
    # what was cut out of it: words of a text with two times, which nobody else calls so
    pieces = [*objects(told.get("utterances")), *objects(told.get("words"))]
    return bool(pieces) and all({"text", "start", "end"} <= piece.keys() for piece in pieces)


def read(data: bytes) -> Transcript:
    """A turn for each utterance; without them words are gathered. Raises UsageError."""
    document = json_of(data)
    if is_assemblyai(document) and not _lists(document):
        unreadable(
            "it holds no words: AssemblyAI had not transcribed the recording, or failed to",
            next_step="Get the transcript once its status is completed.",
        )
    if not is_assemblyai(document):
        unreadable("it has neither utterances nor words")
    reading = TurnsBeingRead()
    utterances = objects(document.get("utterances"))
    for said in utterances:
        reading.add(
            text(said.get("text")),
            speaker=_name(said.get("speaker")),
            start_ms=whole_ms(said.get("start")),
            end_ms=whole_ms(said.get("end")),
        )
    if not utterances:
        reading.add_words(
            [
                Word(
                    _name(word.get("speaker")),
                    text(word.get("text")),
                    whole_ms(word.get("start")),
                    whole_ms(word.get("end")),
                )
                for word in objects(document.get("words"))
            ]
        )
    reading.lost_of(document)
    return reading.done()


def _lists(document: Mapping[str, Any]) -> bool:
    return any(isinstance(document.get(name), list) for name in ("utterances", "words"))


def _name(speaker: object) -> str:
    label = text(speaker)
    return f"Speaker {label}" if 0 < len(label) <= 2 else label
