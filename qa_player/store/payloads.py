"""Model values as they lie in the database: JSON on the way in, validated on the way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from qa_player.model.value import Value
from qa_player.store.failures import damaged

V = TypeVar("V", bound=Value)


def from_json(model: type[V], payload: str) -> V:
    """The value whose ``model_dump_json`` was stored; raises IntegrityError when it is none any more."""
    try:
        return model.model_validate_json(payload)
    except ValidationError:
        raise damaged() from None


def from_columns(model: type[V], columns: Mapping[Any, Any]) -> V:
    """The value whose ``model_dump(mode="json")`` was stored column by column; raises IntegrityError."""
    try:
        return model.model_validate(dict(columns), strict=False)
    except ValidationError:
        raise damaged() from None
