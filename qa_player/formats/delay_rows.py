"""Delays and interruptions as plain JSON objects, and as a table that a spreadsheet reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from qa_player.formats.csv_table import cell
from qa_player.model.delay import Answer, Delays, Interruption
from qa_player.model.transcript import Role

COLUMNS = (
    "session_id",
    "kind",
    "role",
    "turn_index",
    "other_turn_index",
    "start_ms",
    "end_ms",
    "length_ms",
    "basis",
    "told_ms",
    "told",
)
"""``kind``: ``answer`` (``turn_index`` answers the other one after ``length_ms``) or ``interruption`` (it set in while
the other one was spoken, and both were for ``length_ms``); ``told…`` is what the provider says of it."""


def delays_object(delays: Delays) -> dict[str, object]:
    """``basis`` is ``measured`` where all of it was, ``estimated`` where something was not, null without anything."""
    return {
        "basis": None if delays.basis is None else delays.basis.value,
        "median_ms": delays.median_ms,
        "slowest_ms": delays.slowest[0].delay_ms if delays.answers else None,
        "told_interruptions": delays.told_interruptions,
        "answers": [_answer(one) for one in delays.answers],
        "interruptions": [_interruption(one) for one in delays.interruptions],
    }


def delays_csv(session_id: str, delays: Delays) -> str:
    """RFC 4180, one header line, then everything by its time; cells that look like a formula start with ``'``."""
    rows = sorted([*map(_answer_row, delays.answers), *map(_interruption_row, delays.interruptions)], key=_when)
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for row in rows:
        table.writerow([cell(session_id), *("" if row.get(name) is None else row[name] for name in COLUMNS[1:])])
    return text.getvalue()


def _answer_row(one: Answer) -> dict[str, object]:
    return {
        "kind": "answer",
        "role": Role.AGENT.value,
        "turn_index": one.agent_turn,
        "other_turn_index": one.user_turn,
        "start_ms": one.from_ms,
        "end_ms": one.to_ms,
        "length_ms": one.delay_ms,
        "basis": one.basis.value,
        "told_ms": one.told_ms,
    }


def _interruption_row(one: Interruption) -> dict[str, object]:
    return {
        "kind": "interruption",
        "role": one.role.value,
        "turn_index": one.turn,
        "other_turn_index": one.interrupted_turn,
        "start_ms": one.at_ms,
        "end_ms": None if one.overlap_ms is None else one.at_ms + one.overlap_ms,
        "length_ms": one.overlap_ms,
        "basis": one.basis.value,
        "told": "yes" if one.told else "no",
    }


def _when(row: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(f"{row[name]:>20}" for name in ("start_ms", "kind", "turn_index"))


def _answer(one: Answer) -> dict[str, object]:
    return {
        "user_turn": one.user_turn,
        "agent_turn": one.agent_turn,
        "start_ms": one.from_ms,
        "end_ms": one.to_ms,
        "delay_ms": one.delay_ms,
        "basis": one.basis.value,
        "told_ms": one.told_ms,
    }


def _interruption(one: Interruption) -> dict[str, object]:
    return {
        "role": one.role.value,
        "turn": one.turn,
        "interrupted_turn": one.interrupted_turn,
        "start_ms": one.at_ms,
        "overlap_ms": one.overlap_ms,
        "basis": one.basis.value,
        "told": one.told,
    }
