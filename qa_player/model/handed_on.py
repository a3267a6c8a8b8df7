"""What is handed on of many sessions at once."""

from __future__ import annotations

from enum import StrEnum


class What(StrEnum):
    """One kind of thing for each file: its lines are all of one shape."""

    TRANSCRIPTS = "transcripts"
    ANNOTATIONS = "annotations"
    SCORES = "scores"
