"""Which transcripts can be read: a file is known by what is in it, its name only decides between plain texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from qa_player.formats import (
    amazon_transcribe,
    assemblyai,
    audacity,
    contact_lens,
    ctm,
    deepgram,
    eaf,
    gecko,
    native_json,
    rttm,
    srt,
    textgrid,
    webvtt,
)
from qa_player.formats.transcript_file import (
    MOST_PROBLEMS,
    Transcript,
    check_begins_as_text,
    json_of,
    text_of,
    undecodable,
    unreadable,
)


@dataclass(frozen=True)
class Reader:
    """``read`` turns the bytes of a file into a transcript; raises UsageError. ``endings`` are those of its files."""

    name: str
    title: str
    endings: tuple[str, ...]
    read: Callable[[bytes], Transcript]


READERS: Mapping[str, Reader] = {
    entry.name: entry
    for entry in (
        Reader("json", "QA Player's own JSON", (".json",), native_json.read),
        Reader("vtt", "WebVTT", (".vtt",), webvtt.read),
        Reader("srt", "SubRip", (".srt",), srt.read),
        Reader("eaf", "ELAN", (".eaf",), eaf.read),
        Reader("textgrid", "Praat TextGrid", (".textgrid",), textgrid.read),
        Reader("gecko", "Gecko JSON", (".json",), gecko.read),
        Reader("deepgram", "Deepgram", (".json",), deepgram.read),
        Reader("assemblyai", "AssemblyAI", (".json",), assemblyai.read),
        Reader("amazon-transcribe", "Amazon Transcribe", (".json",), amazon_transcribe.read),
        Reader("contact-lens", "Contact Lens", (".json",), contact_lens.read),
        Reader("audacity", "Audacity labels", (".txt",), audacity.read),
        Reader("ctm", "CTM", (".ctm",), ctm.read),
        Reader("rttm", "RTTM", (".rttm",), rttm.read),
    )
}

ENDINGS = tuple(dict.fromkeys(ending for reader in READERS.values() for ending in reader.endings))
"""In the order in which files beside a recording are preferred: the more they tell, the earlier."""

_TITLES = ", ".join(reader.title for reader in READERS.values())

_JSON: Mapping[str, Callable[[object], bool]] = {
    "json": native_json.is_ours,
    "gecko": gecko.is_gecko,
    "contact-lens": contact_lens.is_contact_lens,
    "amazon-transcribe": amazon_transcribe.is_amazon_transcribe,
    "deepgram": deepgram.is_deepgram,
    "assemblyai": assemblyai.is_assemblyai,
}


def reader_for(data: bytes, name: str) -> Reader:
    """The reader of a file of that name. Raises UsageError when none fits."""
    check_begins_as_text(data)
    head = text_of(data[:4_096]).lstrip()
    ending = name.lower().rpartition(".")[2]
    first_line = head.partition("\n")[0]
    signs = (
        ("audacity", audacity.is_label(first_line)),
        ("json", head.startswith(("{", "["))),
        ("vtt", head.startswith("WEBVTT")),
        ("eaf", head.startswith("<")),
        ("textgrid", "ooTextFile" in head[:100]),
        (ending, ending in ("srt", "rttm", "ctm")),
        ("rttm", any(line.startswith("SPEAKER ") for line in head.split("\n"))),
        ("srt", "-->" in head),
        ("audacity", "\t" in first_line),
    )
    found = next((kind for kind, fits in signs if fits), None)
    if found == "json":
        found = json_kind(json_of(data))
    if found is None:
        unreadable("it is of no kind that is known", next_step=f"Transcripts are read from: {_TITLES}.")
    return READERS[found]


def json_kind(document: object) -> str | None:
    """The name of the reader that knows a JSON document for a transcript; null where none does."""
    return next((kind for kind, fits in _JSON.items() if fits(document)), None)


def read_transcript(data: bytes, name: str) -> Transcript:
    """The transcript in a file of that name, whatever its format. Raises UsageError."""
    return read_with(reader_for(data, name), data)


def read_with(reader: Reader, data: bytes) -> Transcript:
    """The transcript in a file of that reader's format, and what of it is no text. Raises UsageError."""
    transcript = reader.read(data)
    odd = () if reader.name == "eaf" else undecodable(data)
    return replace(transcript, problems=(*odd, *transcript.problems)[:MOST_PROBLEMS])
