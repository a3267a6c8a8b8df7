"""An audit event: who did what to which thing, when; content only as a keyed digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, JsonValue

from qa_player.model.value import Count, CountFromOne, Instant, Name, OpaqueId, Sha256, ShortText, Value


class AuditAct(Value):
    """What is to be recorded; the store adds sequence, time and chain.

    ``action`` is past tense with a dot between noun and verb (``annotation.added``, ``recording.played``).
    ``detail`` holds ids, kinds, counts and times. Never what was said or written: that goes into ``content`` and
    is stored only as an HMAC under the session's key, so that it can be proved and can vanish.
    """

    action: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=80)]
    actor: Name
    connection: Name | None = None
    session_id: OpaqueId | None = None
    subject: OpaqueId | None = None
    detail: Mapping[str, JsonValue] = Field(default_factory=dict)
    content: bytes | None = None


class AuditEvent(Value):
    """One link of the chain: ``digest`` covers the canonical JSON of everything else, ``previous`` included."""

    sequence: CountFromOne
    at: Instant
    actor: Name
    action: ShortText
    connection: Name | None
    session_id: OpaqueId | None
    subject: OpaqueId | None
    detail: Mapping[str, JsonValue]
    content_hmac: Sha256 | None
    previous: Sha256
    digest: Sha256


class AuditVerdict(Value):
    """What the trail can truly claim: no claim about its end without an anchor kept elsewhere."""

    consistent: bool
    end_proven: bool
    entries: Count
    anchored_at: Instant | None
    damage: ShortText | None = None
