"""The forms that were filled in during a session: GET /api/agents/{slug}/form-responses/, a bare array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from qa_player.errors import KeyRefusedError, NotFoundError, QaPlayerError
from qa_player.model.facts import Fact, FactGroup
from qa_player.model.session import SessionDetail
from qa_player.providers.facts import facts, group
from qa_player.providers.reading import identifier, mapping, metadata, short_text

TITLE = "Form responses"
METADATA = "form_responses"
MOST_RESPONSES = 50


def with_forms(detail: SessionDetail, responses: Sequence[Any]) -> SessionDetail:
    """``detail`` with what was filled in: a group of rows for each response, and all of it under the metadata."""
    of_this = [
        mapping(one)
        for one in responses
        if identifier(mapping(one).get("session_id")) in (None, detail.session.session_id) and mapping(one)
    ][:MOST_RESPONSES]
    if not of_this:
        return detail
    told: list[JsonValue] = [metadata(one) for one in of_this]
    session = detail.session.model_copy(update={"metadata": {METADATA: told, **detail.session.metadata}})
    groups = tuple(_group(one) for one in of_this)
    return detail.model_copy(update={"session": session, "facts": (*groups, *detail.facts)})


def without_forms(detail: SessionDetail, error: QaPlayerError) -> SessionDetail:
    """``detail`` with the reason why its forms are missing; one that has none says nothing."""
    if isinstance(error, NotFoundError):
        return detail
    words = "Only the owner of the character may read them." if isinstance(error, KeyRefusedError) else str(error)
    return detail.model_copy(update={"facts": (FactGroup(title=TITLE, rows=(Fact(name="Not read", value=words),)),)})


def _group(response: Mapping[str, Any]) -> FactGroup:
    values = response.get("values")
    filled = facts(values) if isinstance(values, dict) else facts({"Values": values})
    about = facts({"Form": response.get("form_id"), "Sent": response.get("created_at")})
    return group(f"Form {short_text(response.get('form_id')) or ''}".strip(), (*filled, *about))
