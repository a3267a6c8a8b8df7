"""Reading a vendor's fields: each reader takes whatever is there and says what it is, or that it is nothing usable."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from qa_player.model.value import MAX_MS
from qa_player.providers.evidence import without_addresses

LONGEST_SHORT_TEXT = 2_000
LONGEST_TEXT = 4_000_000
MOST_METADATA_VALUES = 2_000
DEEPEST_METADATA = 8


def mapping(value: object) -> Mapping[str, Any]:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def identifier(value: object) -> str | None:
    """An id as opaque text; null for what cannot be one (empty, too long, unprintable, neither text nor number)."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**30 else ""
    if isinstance(value, str) and 0 < len(value) <= 500 and value.isprintable() and "\ufffd" not in value:
        return value
    return None


def short_text(value: object) -> str | None:
    """One line of text for a row or a field, cut at 2,000 characters; null when there is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        value = str(value) if abs(value) < 1e30 else ""
    if not isinstance(value, str) or not value.strip():
        return None
    line = without_addresses(" ".join(value[: 2 * LONGEST_SHORT_TEXT].split()))
    return line if len(line) <= LONGEST_SHORT_TEXT else line[: LONGEST_SHORT_TEXT - 1] + "…"


def long_text(value: object) -> str:
    """What was said: text, numbers, or a list of either, whole; what is none of these is shown as JSON."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = "".join(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def number(value: object) -> float | None:
    """A finite number, also one that is spelled as text; null for anything else."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e30:
        return float(value)
    return None


def length_ms(seconds: object) -> int | None:
    """A length in milliseconds from seconds; null when it is missing or no length."""
    value = number(seconds)
    if value is None or not 0 <= value * 1_000 <= MAX_MS:
        return None
    return round(value * 1_000)


def count(value: object) -> int | None:
    """A whole number from 0 that a database can hold; null otherwise."""
    found = number(value)
    return int(found) if found is not None and found.is_integer() and 0 <= found < 2**53 else None


def instant(value: object) -> datetime | None:
    """A moment from ISO 8601 text, in UTC (also when it names no zone); null when it is none."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if 1970 <= moment.year < 2200 else None


def iso(moment: datetime) -> str:
    """``moment`` as vendors write it: ISO 8601 in UTC with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def metadata(value: object) -> dict[str, JsonValue]:
    """Free-form data as plain JSON within bounds; the raw answer has it whole. Signed addresses are left out."""
    if value is None:
        return {}
    budget = iter(range(MOST_METADATA_VALUES))
    kept = _plain(value if isinstance(value, dict) else {"metadata": value}, DEEPEST_METADATA, budget)
    return kept if isinstance(kept, dict) else {}


def _plain(value: object, depth: int, budget: Iterator[int]) -> JsonValue:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) < 2**53 else "…"
    if isinstance(value, str):
        text = without_addresses(value[: 2 * LONGEST_SHORT_TEXT])
        return text if len(text) <= LONGEST_SHORT_TEXT else text[: LONGEST_SHORT_TEXT - 1] + "…"
    if depth == 0:
        return "…"
    if isinstance(value, list):
        return [_plain(item, depth - 1, budget) for item, _ in zip(value, budget, strict=False)]
    if isinstance(value, dict):
        pairs = zip(value.items(), budget, strict=False)
        return {str(key)[:200]: _plain(item, depth - 1, budget) for (key, item), _ in pairs}
    return "…"
