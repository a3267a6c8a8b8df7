"""Annotations out of rows: our own JSON, JSON Lines and table, field by field, what is unknown kept beside."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from qa_player.formats.annotation_file import GivenAnnotation, GivenAnnotations
from qa_player.formats.annotation_row import COLUMNS
from qa_player.formats.csv_table import without_guard
from qa_player.formats.transcript_file import (
    LARGEST_FILE,
    json_of,
    mapping,
    objects,
    text,
    text_of,
    unreadable,
    whole_ms,
)
from qa_player.model.annotation import Severity

_KNOWN = frozenset(COLUMNS) | {"connection", "revision", "extra"}


def read_native(data: bytes) -> GivenAnnotations:
    """The annotations of our own document. Raises UsageError."""
    document = mapping(json_of(data))
    if not isinstance(document.get("annotations"), list) or "session" not in document:
        unreadable("it holds no annotations of a session")
    not_carried = [name for name in ("scorecards", "coverage", "note") if document.get(name)]
    given = _given(enumerate(objects(document["annotations"]), 1), _session_of([mapping(document["session"])]))
    return GivenAnnotations(given.items, given.problems, tuple(not_carried), given.session_id)


def read_lines(data: bytes) -> GivenAnnotations:
    """One JSON object a line. Raises UsageError where no line is one."""
    rows: list[tuple[int, Mapping[str, Any]]] = []
    problems = []
    for number, line in enumerate(text_of(data).split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if isinstance(row, dict):
                rows.append((number, row))
            else:
                problems.append(f"Line {number}: this is no JSON object.")
    if not rows and problems:
        unreadable("no line is a JSON object", line=1)
    given = _given(rows, _session_of(row for _, row in rows))
    return GivenAnnotations(given.items, (*problems, *given.problems), (), given.session_id)


def read_table(data: bytes) -> GivenAnnotations:
    """A table with our columns in any order. Raises UsageError where the times or the tag have no column."""
    text = text_of(data)
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    table = list(_numbered(text))
    head = table[0][1] if table else []
    if not {"start_ms", "tag"} <= set(head):
        unreadable("its first line does not name the columns start_ms and tag", line=1)
    rows = [
        (number, {name: without_guard(cell) for name, cell in zip(head, cells, strict=False) if cell != ""})
        for number, cells in table[1:]
        if any(cells)
    ]
    return _given(rows, _session_of(row for _, row in rows))


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins. Raises UsageError."""
    csv.field_size_limit(LARGEST_FILE)  # a comment that is too long is told by its line, not taken for a broken table
    reader = csv.reader(io.StringIO(text, newline=""))
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        unreadable("it is no table", line=line)


def _session_of(rows: Iterable[Mapping[str, Any]]) -> str | None:
    """The one session that all rows are of; raises UsageError for rows of several."""
    named = {text(row.get("session_id")) for row in rows} - {""}
    if len(named) > 1:
        unreadable("its annotations are of several sessions")
    return next(iter(named), None)


def _given(rows: Iterable[tuple[int, Mapping[str, Any]]], session_id: str | None) -> GivenAnnotations:
    problems: list[str] = []
    items = [item for place, row in rows if (item := _item(place, row, problems)) is not None]
    return GivenAnnotations(tuple(items), tuple(problems), (), session_id)


def _item(place: int, row: Mapping[str, Any], problems: list[str]) -> GivenAnnotation | None:
    times: dict[str, int | None] = {}
    for name in ("start_ms", "end_ms", "turn_index"):
        told = row.get(name)
        times[name] = _whole(told)
        if told not in (None, "") and times[name] is None:
            problems.append(f"Line {place}: {name} is no whole number of milliseconds or turns.")
            return None
    tag = text(row.get("tag"))
    if not tag.strip():
        problems.append(f"Line {place}: it has no tag.")
        return None
    severity = text(row.get("severity"))
    if severity not in {"", *Severity}:
        problems.append(f"Line {place}: the severity is none of minor, major and critical.")
        return None
    created_at = _instant(row.get("created_at"))
    if created_at is None and text(row.get("created_at")):
        problems.append(f"Line {place}: created_at is no date; it counts as made now.")
    is_of_a_turn = row.get("kind") in ("turn", "correction") and times["turn_index"] is not None
    return GivenAnnotation(
        place=place,
        start_ms=None if is_of_a_turn else times["start_ms"],
        end_ms=None if is_of_a_turn else times["end_ms"],
        turn_index=times["turn_index"],
        corrects=is_of_a_turn and row.get("kind") == "correction",
        tag=tag,
        text=text(row.get("text")),
        severity=Severity(severity) if severity else None,
        annotation_id=text(row.get("annotation_id")) or None,
        author=text(row.get("author")) or None,
        created_at=created_at,
        extra={**mapping(row.get("extra")), **{name: value for name, value in row.items() if name not in _KNOWN}},
    )


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return whole_ms(int(value.strip()[:15]))
    return whole_ms(value)


def _instant(value: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
