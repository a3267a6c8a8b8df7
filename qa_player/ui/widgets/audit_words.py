"""An audit event in words, as a line of a list."""

from __future__ import annotations

from pydantic import JsonValue

from qa_player.model.audit import AuditEvent
from qa_player.ui.widgets.text import isolated, one_line
from qa_player.ui.widgets.times import clock, short_day, time_of_day

LONGEST = 160
_HIDDEN = ("sha256", "transcript_digest")
"""Long figures that nobody reads in a line; an export has them."""


def audit_words(event: AuditEvent, *, with_session: bool) -> str:
    """``1 May 9:14:07 · R. Viewer · annotation added · start 0:12.50``; ``with_session`` says of which session, too.

    >>> from datetime import UTC, datetime
    >>> zeros = "0" * 64
    >>> event = AuditEvent(sequence=1, at=datetime(2026, 5, 1, tzinfo=UTC), actor="R. Viewer", subject=None,
    ...     action="annotation.added", connection="clinic", session_id="visit-1", content_hmac=None, previous=zeros,
    ...     digest=zeros, detail={"start_ms": 12_500, "kind": "span"})
    >>> audit_words(event, with_session=True).partition(" · ")[2]
    'R. Viewer · annotation added · clinic visit-1 · start 0:12.50, kind span'
    """
    where = " ".join(filter(None, (event.connection, event.session_id))) if with_session else ""
    told = ", ".join(filter(None, (_told(name, value) for name, value in event.detail.items())))
    parts = (
        f"{short_day(event.at)} {time_of_day(event.at)}",
        isolated(one_line(event.actor)),
        event.action.replace(".", " ").replace("_", " "),
        isolated(one_line(where)),
        isolated(one_line(told if len(told) <= LONGEST else f"{told[:LONGEST]}…")),
    )
    return " · ".join(part for part in parts if part)


def _told(name: str, value: JsonValue) -> str:
    if name in _HIDDEN or value is None or isinstance(value, dict | list):
        return ""
    if name.endswith("_ms") and isinstance(value, int):
        return f"{name.removesuffix('_ms').replace('_', ' ')} {clock(value)}"
    return f"{name.replace('_', ' ')} {str(value).lower() if isinstance(value, bool) else value}"
