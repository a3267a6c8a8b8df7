"""Files that QA Players hand to one another: one JSON object that says what it is, around one value with its digest."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import ValidationError

from qa_player.canonical import digest
from qa_player.errors import IntegrityError, UsageError
from qa_player.model.value import Value

MOST_BYTES = 200_000_000
LAYOUT = 1

Held = TypeVar("Held", bound=Value)


def written(kind: str, value: Value) -> bytes:
    """``value`` as the file of a ``kind`` (``calibration packet``). The digest tells of damage, not of forgery."""
    held = value.model_dump(mode="json")
    told = {"qa_player": kind, "layout": LAYOUT, "sha256": digest(held), "content": held}
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def read(kind: str, data: bytes, held: type[Held]) -> Held:
    """The value of a file of that ``kind``. Raises UsageError for any other file, IntegrityError for one that is not
    what was written."""
    told = _object(data)
    if told.get("qa_player") != kind:
        raise UsageError(f"This file is no {kind}.", f"Give the {kind} as it was written.")
    if told.get("layout") != LAYOUT:
        raise UsageError(f"This {kind} was written by a newer QA Player.", "Update QA Player.")
    content = told.get("content")
    try:
        value = held.model_validate_json(json.dumps(content))
        as_written = digest(content) == told.get("sha256")
    except (ValidationError, ValueError):
        as_written = False
    if not as_written:
        raise IntegrityError(f"This {kind} is not what was written: it was changed or damaged.", "Ask for it again.")
    return value


def _object(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data.decode("utf-8-sig")) if len(data) <= MOST_BYTES else None
    except (UnicodeDecodeError, ValueError, RecursionError):
        told = None
    return told if isinstance(told, dict) else {}
