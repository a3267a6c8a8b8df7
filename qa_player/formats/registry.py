"""Which formats there are: a name people type, the ending of its files, and the function that writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qa_player.errors import UsageError
from qa_player.formats import csv_table, json_lines, native_json, webvtt
from qa_player.model.review import Review


@dataclass(frozen=True)
class Format:
    """``write`` turns a review into the bytes of a file; it does no input or output of its own."""

    name: str
    ending: str
    holds: str
    write: Callable[[Review], bytes]


FORMATS: Mapping[str, Format] = {
    entry.name: entry
    for entry in (
        Format("json", ".json", "everything, one document", native_json.write),
        Format("jsonl", ".jsonl", "annotations, one a line", json_lines.write),
        Format("csv", ".csv", "annotations as a table", csv_table.write),
        Format("vtt", ".vtt", "turns as captions, annotations as notes", webvtt.write),
    )
}


def format_named(name: str) -> Format:
    """The format of that name; raises UsageError naming those there are."""
    found = FORMATS.get(name)
    if found is None:
        raise UsageError(f"There is no format called “{name[:40]}”.", f"Choose one of: {', '.join(FORMATS)}.")
    return found
