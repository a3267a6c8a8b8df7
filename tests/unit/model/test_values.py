"""Values are strict, bounded, frozen, and silent about what they refuse."""

from __future__ import annotations

import importlib
import math
import pkgutil
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

import qa_player.model
from qa_player.model.annotation import Annotation, AnnotationKind, Span
from qa_player.model.connection import Connection
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Role, Turn
from qa_player.model.value import MAX_MS, Value

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TURN: dict[str, Any] = {"index": 0, "role": Role.USER, "raw_role": "user", "speaker": None, "text": "said"}
ANNOTATION: dict[str, Any] = {
    "annotation_id": "a1",
    "connection": "acme",
    "session_id": "s1",
    "kind": AnnotationKind.SPAN,
    "start_ms": 10,
    "end_ms": 20,
    "turn_index": None,
    "role": None,
    "quote": "",
    "tag": "fee",
    "severity": None,
    "text": "",
    "author": "kim",
    "created_at": NOW,
    "updated_at": NOW,
}

for module in pkgutil.iter_modules(qa_player.model.__path__, "qa_player.model."):
    importlib.import_module(module.name)
VALUES = [kind for kind in Value.__subclasses__() if kind.__module__.startswith("qa_player.model")]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_every_value_is_strict_and_has_bounds(kind: type[Value]) -> None:
    configured = kind.model_config
    assert configured["frozen"]
    assert configured["strict"]
    assert configured["extra"] == "forbid"
    assert configured["allow_inf_nan"] is False
    assert configured["hide_input_in_errors"]
    unbounded = list(_unbounded(kind.model_json_schema()))
    assert unbounded == []


def _unbounded(schema: Any, name: str = "") -> Any:
    """Names of the texts and numbers of a JSON schema that may be as large as anybody likes."""
    if isinstance(schema, list):
        for each in schema:
            yield from _unbounded(each, name)
    if not isinstance(schema, dict):
        return
    free = not schema.keys() & {"enum", "const", "pattern", "maxLength", "format", "maximum", "contentMediaType"}
    if schema.get("type") == "string" and free:
        yield name
    if schema.get("type") in ("number", "integer") and free:
        yield name
    for key, inner in schema.items():
        yield from _unbounded(inner, name if key in ("anyOf", "items", "prefixItems") else f"{name}.{key}")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("start_ms", math.nan),
        ("start_ms", math.inf),
        ("start_ms", 1.0),
        ("start_ms", "1"),
        ("start_ms", True),
        ("start_ms", -1),
        ("start_ms", MAX_MS + 1),
        ("raw_start_ms", -MAX_MS - 1),
        ("index", -1),
        ("role", "user"),
        ("text", None),
        ("text", b"said"),
        ("unheard_of", 1),
    ],
)
def test_a_turn_refuses_what_is_no_turn(field: str, value: object) -> None:
    Turn.model_validate(TURN)
    with pytest.raises(ValidationError):
        Turn.model_validate({**TURN, field: value})


def test_a_refusal_does_not_repeat_what_was_said() -> None:
    with pytest.raises(ValidationError) as raised:
        Turn.model_validate({**TURN, "speaker": ["I have a rash"], "text": {"said": "I have a rash"}})
    assert "rash" not in str(raised.value)


def test_a_value_does_not_change() -> None:
    with pytest.raises(ValidationError):
        Turn.model_validate(TURN).text = "other"  # type: ignore[misc]


@pytest.mark.parametrize("drift", [math.nan, math.inf, -math.inf, 100_001.0])
def test_timing_refuses_a_clock_that_is_none(drift: float) -> None:
    with pytest.raises(ValidationError):
        Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PERSON, drift_ppm=drift)


def test_instants_are_utc_and_need_a_zone() -> None:
    far_east = NOW.astimezone(timezone(timedelta(hours=9)))
    made = Connection(name="acme", provider="oshara", base_url="", created_at=far_east)
    assert made.created_at == NOW
    assert made.created_at.tzinfo is UTC
    with pytest.raises(ValidationError):
        Connection(name="acme", provider="oshara", base_url="", created_at=NOW.replace(tzinfo=None))


@pytest.mark.parametrize("name", ["", "a/b", "a\nb", "a\0b", "x" * 101])
def test_a_connection_s_name_can_stand_in_a_link(name: str) -> None:
    with pytest.raises(ValidationError):
        Connection(name=name, provider="oshara", base_url="", created_at=NOW)


@pytest.mark.parametrize("end", [9, 10])
def test_a_span_ends_after_it_starts(end: int) -> None:
    assert Span(start_ms=10, end_ms=11).end_ms == 11
    with pytest.raises(ValidationError):
        Span(start_ms=10, end_ms=end)


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": AnnotationKind.SPAN, "end_ms": None},
        {"kind": AnnotationKind.SPAN, "start_ms": None},
        {"kind": AnnotationKind.SPAN, "end_ms": 9},
        {"kind": AnnotationKind.MOMENT, "end_ms": 20},
        {"kind": AnnotationKind.MOMENT, "start_ms": None, "end_ms": None},
        {"tag": ""},
        {"revision": 0},
        {"author": "k" * 2_001},
    ],
)
def test_an_annotation_fits_its_kind(changed: dict[str, object]) -> None:
    Annotation.model_validate(ANNOTATION)
    with pytest.raises(ValidationError):
        Annotation.model_validate({**ANNOTATION, **changed})


def test_a_turn_s_annotation_may_have_no_time() -> None:
    Annotation.model_validate({**ANNOTATION, "kind": AnnotationKind.TURN, "start_ms": None, "end_ms": None})
