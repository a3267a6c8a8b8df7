"""An audit event as a flat object: what `audit show --json` prints and a line of an exported trail is."""

from __future__ import annotations

from collections.abc import Iterable

from qa_player.formats.json_lines import lines
from qa_player.formats.session_object import instant_text
from qa_player.model.audit import AuditEvent


def audit_object(event: AuditEvent) -> dict[str, object]:
    """Every field of the event; ``previous`` and ``digest`` let anyone who has all lines check the chain again."""
    return {
        "sequence": event.sequence,
        "at": instant_text(event.at),
        "actor": event.actor,
        "action": event.action,
        "connection": event.connection,
        "session_id": event.session_id,
        "subject": event.subject,
        "detail": dict(event.detail),
        "content_hmac": event.content_hmac,
        "previous": event.previous,
        "digest": event.digest,
    }


def write(events: Iterable[AuditEvent]) -> bytes:
    """JSON Lines, one event a line, in the order of their sequence."""
    return lines(audit_object(event) for event in events)
