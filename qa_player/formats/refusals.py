"""What a value refused of a file, in words of ours and without what stood there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is no field that is known",
    "too_short": "has too few: {min_length} at least",
    "too_long": "has too many: {max_length} at most",
    "string_too_short": "is shorter than {min_length} characters",
    "string_too_long": "is longer than {max_length} characters",
    "string_pattern_mismatch": "has characters that it cannot have",
    "greater_than": "is not more than {gt}",
    "greater_than_equal": "is less than {ge}",
    "less_than": "is not less than {lt}",
    "less_than_equal": "is more than {le}",
    "enum": "is none of {expected}",
    "literal_error": "is none of {expected}",
    "string_type": "is no text",
    "int_type": "is no whole number",
    "float_type": "is no number",
    "bool_type": "is neither true nor false",
    "tuple_type": "is no list",
}


def refusals(refused: ValidationError) -> Iterator[str]:
    """A sentence for each field that cannot be used; a validator's own sentence stays as it is."""
    for one in refused.errors(include_url=False, include_input=False):
        place = " ".join(str(step) for step in one["loc"]).replace("_", " ")
        if one["type"] == "value_error":
            said = one["msg"].removeprefix("Value error, ").rstrip(".")
            yield f"{place}: {said}." if place else f"{said}."
        else:
            yield f"{place or 'the whole'} {_words(one['type'], one.get('ctx', {}))}."


def _words(kind: str, limits: Mapping[str, Any]) -> str:
    words = _WORDS.get(kind, "cannot be used")
    if kind == "string_too_short" and limits.get("min_length") == 1:
        return "is empty"
    return words.format_map(limits)
