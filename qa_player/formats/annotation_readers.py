"""Which files' annotations can be read: ours, and those of the tools that people come from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from qa_player.errors import UsageError
from qa_player.formats import annotation_rows, audacity, eaf, gecko, label_studio, srt, textgrid, webvtt, webvtt_notes
from qa_player.formats.annotation_file import (
    MOST_ANNOTATIONS,
    GivenAnnotation,
    GivenAnnotations,
    label_read,
    without_repeats,
)
from qa_player.formats.readers import READERS, json_kind
from qa_player.formats.tiers import is_ours, overlapping
from qa_player.formats.transcript_file import (
    Transcript,
    check_begins_as_text,
    json_of,
    mapping,
    text_of,
    undecodable,
    unreadable,
)
from qa_player.model.transcript import Flag


@dataclass(frozen=True)
class AnnotationReader:
    """``read`` raises UsageError for a file that is not of its format."""

    name: str
    title: str
    endings: tuple[str, ...]
    read: Callable[[bytes], GivenAnnotations]


def from_tiers(
    intervals: list[tuple[str, int | None, int | None, str]], not_carried: tuple[str, ...] = ()
) -> GivenAnnotations:
    """Annotations of tiers (name, start, end, text): of ours where there are any, else of all, each tier a tag.

    Intervals of one tier that overlap are read, and told: the tools that write tiers allow none.
    """
    ours = [entry for entry in intervals if is_ours(entry[0])]
    problems: list[str] = []
    items: list[GivenAnnotation] = []
    wanted = ours or intervals
    overlap = frozenset(overlapping(wanted))
    for place, (tier, start_ms, end_ms, label) in enumerate(wanted, 1):
        if tier == "qa-player":
            continue
        if start_ms is None:
            problems.append(f"Interval {place} has no time.")
            continue
        if place - 1 in overlap:
            problems.append(f"Interval {place} overlaps one before it on its tier; both were read.")
        tag, severity, text = label_read(label) if ours else (tier[:200] or "note", None, label)
        # a tier has no moments: `tiers` gives them the shortest interval there is
        is_moment = bool(ours) and end_ms == start_ms + 1
        span_end_ms = None if is_moment else _after(start_ms, end_ms)
        items.append(GivenAnnotation(place, start_ms, span_end_ms, tag, text, severity))
    return GivenAnnotations(tuple(items), tuple(problems), not_carried)


def from_turns(transcript: Transcript) -> GivenAnnotations:
    """Segments of a tool that knows speakers and texts: the speaker is the tag. One whose times are none is left out;
    the reader told it by its line."""
    places = transcript.lines
    items = [
        GivenAnnotation(
            (places[turn.index] if places else None) or turn.index + 1,
            turn.raw_start_ms,
            _after(turn.raw_start_ms, turn.raw_end_ms),
            (turn.speaker or "note")[:200],
            turn.text,
        )
        for turn in transcript.turns
        if turn.raw_start_ms is not None and Flag.TIME_INVALID not in turn.flags
    ]
    without = [
        f"Segment {turn.index + 1} has no time."
        for turn in transcript.turns
        if turn.raw_start_ms is None and Flag.TIME_INVALID not in turn.flags
    ]
    return GivenAnnotations(
        tuple(items), (*transcript.problems, *without), transcript.not_carried, transcript.session_id
    )


def _captions(data: bytes) -> GivenAnnotations:
    """Our own notes where there are any, else the cues."""
    notes = webvtt_notes.read_notes(data)
    return notes if notes.items or notes.problems else from_turns(webvtt.read(data))


def _labels(data: bytes) -> GivenAnnotations:
    items: list[GivenAnnotation] = []
    labels, problems = audacity.labels(data)
    for place, start_ms, end_ms, label in labels:
        tag, severity, text = label_read(label)
        items.append(GivenAnnotation(place, start_ms, _after(start_ms, end_ms), tag, text, severity))
    return GivenAnnotations(tuple(items), tuple(problems))


def _after(start_ms: int | None, end_ms: int | None) -> int | None:
    """The end of a span; null for a moment, whose ends are the same. One before its start stays, and is refused."""
    return end_ms if start_ms is not None and end_ms is not None and end_ms != start_ms else None


ANNOTATION_READERS: Mapping[str, AnnotationReader] = {
    entry.name: entry
    for entry in (
        AnnotationReader("json", "QA Player's own JSON", (".json",), annotation_rows.read_native),
        AnnotationReader("jsonl", "JSON Lines", (".jsonl",), annotation_rows.read_lines),
        AnnotationReader("csv", "Table", (".csv",), annotation_rows.read_table),
        AnnotationReader("label-studio", "Label Studio", (".json",), label_studio.read),
        AnnotationReader("gecko", "Gecko JSON", (".json",), lambda data: from_turns(gecko.read(data))),
        AnnotationReader("eaf", "ELAN", (".eaf",), lambda data: from_tiers(*eaf.intervals(data))),
        AnnotationReader(
            "textgrid", "Praat TextGrid", (".textgrid",), lambda data: from_tiers(textgrid.intervals(data))
        ),
        AnnotationReader("vtt", "WebVTT", (".vtt",), _captions),
        AnnotationReader("srt", "SubRip", (".srt",), lambda data: from_turns(srt.read(data))),
        AnnotationReader("audacity", "Audacity labels", (".txt",), _labels),
    )
}


def annotation_reader_for(data: bytes, name: str) -> AnnotationReader:
    """The reader that fits what is in the file; its name only decides between plain texts. Raises UsageError."""
    check_begins_as_text(data)
    head, ending = text_of(data[:4_096]).lstrip(), name.lower().rpartition(".")[2]
    first_line = head.partition("\n")[0]
    signs = (
        ("jsonl", ending == "jsonl"),
        ("audacity", audacity.is_label(first_line)),
        ("json", head.startswith(("{", "["))),
        ("vtt", head.startswith("WEBVTT")),
        ("eaf", head.startswith("<")),
        ("textgrid", "ooTextFile" in head[:100]),
        ("csv", "start_ms" in first_line),
        ("srt", ending == "srt" or "-->" in head),
        ("audacity", "\t" in first_line),
    )
    found = next((kind for kind, fits in signs if fits), None)
    if found is None:
        _unknown()
    return ANNOTATION_READERS[_json_kind(data) if found == "json" else found]


def _json_kind(data: bytes) -> str:
    try:
        document = json_of(data)
    except UsageError:
        # one object a line is no document; a document that is broken has no whole object on its first line
        if isinstance(_first_line(data), dict):
            return "jsonl"
        raise
    if isinstance(document, list) or "data" in mapping(document):
        return "label-studio"
    if gecko.is_gecko(document):
        return "gecko"
    if "annotations" in mapping(document):
        return "json"
    if not {"tag", "start_ms", "turn_index"} & mapping(document).keys():
        _tell_what_it_is(document)
    return "jsonl"


def _tell_what_it_is(document: object) -> NoReturn:
    transcript = json_kind(document)
    if transcript is None:
        _unknown()
    unreadable(f"it is a transcript ({READERS[transcript].title}), and holds no annotations")


def _first_line(data: bytes) -> object:
    try:
        return json.loads(text_of(data).strip().partition("\n")[0])
    except (ValueError, RecursionError):
        return None


def _unknown() -> NoReturn:
    titles = ", ".join(reader.title for reader in ANNOTATION_READERS.values())
    unreadable("it is of no kind that is known", next_step=f"Annotations are read from: {titles}.")


def read_annotations(data: bytes, name: str, form: str | None = None) -> tuple[AnnotationReader, GivenAnnotations]:
    """The annotations in a file of that name, and which reader read them. Raises UsageError."""
    if form is not None and form not in ANNOTATION_READERS:
        raise UsageError(
            f"Annotations cannot be read from “{form[:40]}”.", f"Choose one of: {', '.join(ANNOTATION_READERS)}."
        )
    reader = ANNOTATION_READERS[form] if form is not None else annotation_reader_for(data, name)
    given = reader.read(data)
    if len(given.items) > MOST_ANNOTATIONS:
        unreadable(f"it has more than {MOST_ANNOTATIONS:,} annotations")
    problems = [*(() if reader.name == "eaf" else undecodable(data)), *given.problems]
    items = without_repeats(given.items, problems)
    return reader, replace(given, items=items, problems=tuple(problems))
