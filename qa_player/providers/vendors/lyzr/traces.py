"""The traces of a call, one for each answer of the agent: GET /traces/session/{sessionId}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qa_player.errors import KeyRefusedError, NotFoundError, QaPlayerError
from qa_player.model.facts import Fact, FactGroup
from qa_player.model.session import SessionDetail
from qa_player.providers.facts import group
from qa_player.providers.reading import instant, mapping, number, short_text
from qa_player.providers.statuses import not_as_promised

TITLE = "Traces"
MOST_TRACES = 100


def traces_of(answer: object) -> list[Mapping[str, Any]]:
    """The traces of an answer, as received. Raises UnexpectedAnswerError."""
    traces = mapping(answer).get("traces", answer if isinstance(answer, list) else None)
    if not isinstance(traces, list):
        raise not_as_promised("it holds no list of traces")
    return [mapping(one) for one in traces if mapping(one)][:MOST_TRACES]


def with_traces(detail: SessionDetail, traces: list[Mapping[str, Any]]) -> SessionDetail:
    """``detail`` with a row for each trace: when it was, how long it took, what it cost; the sums come first."""
    if not traces:
        return detail
    rows = [_row(at, trace) for at, trace in enumerate(traces, 1)]
    whole = [
        _words(_sum(traces, "latencySeconds"), _sum(traces, "totalCostUsd")),
        f"{len(traces)} {'trace' if len(traces) == 1 else 'traces'}",
    ]
    rows.insert(0, Fact(name="Together", value=", ".join(filter(None, whole))))
    return detail.model_copy(update={"facts": (*detail.facts, group(TITLE, rows))})


def without_traces(detail: SessionDetail, error: QaPlayerError) -> SessionDetail:
    """``detail`` with the reason why its traces are missing; a call that has none says nothing."""
    if isinstance(error, NotFoundError):
        return detail
    words = "This key may not read them." if isinstance(error, KeyRefusedError) else str(error)
    missing = FactGroup(title=TITLE, rows=(Fact(name="Not read", value=words),))
    return detail.model_copy(update={"facts": (*detail.facts, missing)})


def _row(at: int, trace: Mapping[str, Any]) -> Fact:
    name = short_text(trace.get("name")) or f"Trace {at}"
    began = next(filter(None, (instant(trace.get(key)) for key in ("timestamp", "createdAt", "startTime"))), None)
    words = _words(number(trace.get("latencySeconds")), number(trace.get("totalCostUsd")))
    when = "" if began is None else began.strftime("%H:%M:%S UTC")
    return Fact(name=name[:200], value=", ".join(filter(None, (when, words))) or "nothing is told of it")


def _words(seconds: float | None, dollars: float | None) -> str:
    told = (
        "" if seconds is None else f"{seconds:,.2f} s",
        "" if dollars is None else f"{dollars:,.6f} US dollars",
    )
    return ", ".join(filter(None, told))


def _sum(traces: list[Mapping[str, Any]], name: str) -> float | None:
    told = [value for value in (number(trace.get(name)) for trace in traces) if value is not None]
    return sum(told) if told else None
