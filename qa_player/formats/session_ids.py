"""Sessions by name: lines of ids or links, a table with a column of ids, or the bodies of a provider's webhooks."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from qa_player.errors import QaPlayerError, UsageError
from qa_player.model.listing import NamedSession
from qa_player.model.start import request_of

MOST_BYTES = 20_000_000
MOST_SESSIONS = 10_000
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "session_id": ("session_id", "ambient_session_id", "session id", "session", "id"),
    "title": ("title", "subject", "visit"),
    "agent": ("clinician", "agent", "provider_name"),
    "party": ("patient", "customer", "caller"),
    "started_at": ("started_at", "start", "date"),
    "ended_at": ("ended_at", "end"),
}


def read_session_ids(data: bytes) -> tuple[tuple[NamedSession, ...], int]:
    """Each session once in the order given, and how many lines, rows or bodies name none.

    Raises UsageError for what is no text in UTF-8.
    """
    try:
        text = data[:MOST_BYTES].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("This is not text in UTF-8.", "Give ids one a line, a CSV, or JSON.") from None
    stripped = text.strip()
    told = _of_json(stripped) if stripped.startswith(("{", "[")) else None
    if told is None:
        told = _of_table(stripped) if is_table(stripped) else _of_lines(stripped)
    return _once(told)


def _once(told: Iterable[Mapping[str, object]]) -> tuple[tuple[NamedSession, ...], int]:
    found: dict[str, NamedSession] = {}
    nameless = 0
    for fields in told:
        named = _named(fields)
        if named is None:
            nameless += 1
        elif len(found) < MOST_SESSIONS:
            found.setdefault(named.session_id, named)
    return tuple(found.values()), nameless


def _named(fields: Mapping[str, object]) -> NamedSession | None:
    lowered = {str(name).strip().lower(): value for name, value in fields.items()}
    told: dict[str, Any] = {}
    for field, columns in _COLUMNS.items():
        values = (_text(lowered.get(column)) for column in columns)
        told[field] = next(filter(None, values), None)
    for field in ("started_at", "ended_at"):
        told[field] = _instant(told[field])
    session_id = told["session_id"] or ""
    if not session_id.isprintable():
        return None
    try:
        return NamedSession(**told)
    except ValidationError:
        return None


def _text(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**30 else ""
    return " ".join(value.split())[:2_000] if isinstance(value, str) else ""


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def _of_json(text: str) -> list[Mapping[str, object]] | None:
    """One body, a list of them, a feed of visits, or one body a line; null where it is no JSON."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        lines = [_of_json(line) for line in text.splitlines() if line.strip().startswith("{") and line != text]
        return [item for line in lines for item in (line or [{}])] or None
    items = told.get("visits", told) if isinstance(told, dict) else told
    items = items if isinstance(items, list) else [items]
    return [item if isinstance(item, dict) else {"session_id": item} for item in items]


def is_table(text: str) -> bool:
    """Whether the first line of a text names a column of ids."""
    return bool({name.strip().lower() for name in _cells(text.partition("\n")[0])} & set(_COLUMNS["session_id"]))


def _cells(line: str) -> list[str]:
    return next(csv.reader([line.replace("\r", " ")], delimiter=_delimiter(line)), [])


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _of_table(text: str) -> list[Mapping[str, object]]:
    first = text.partition("\n")[0]
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter=_delimiter(first)))
    except csv.Error:
        return _of_lines(text)
    return [{name: value for name, value in row.items() if name is not None} for row in rows]


def _of_lines(text: str) -> list[Mapping[str, object]]:
    return [{"session_id": _id_of(line.strip())} for line in text.splitlines() if line.strip()]


def _id_of(line: str) -> str:
    """The session of a ``qa-player://`` link, else the line itself."""
    if not line.lower().startswith("qa-player:"):
        return line
    try:
        request = request_of([line])
    except QaPlayerError:
        return ""
    return request.session_id if request is not None else ""
