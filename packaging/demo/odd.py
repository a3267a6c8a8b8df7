"""A transcript that tells a spoken conversation oddly, for the sessions that show what bad input does."""

from __future__ import annotations

from typing import Any


def oddly_told(turns: list[dict[str, Any]], told: dict[str, Any]) -> list[dict[str, Any]]:
    """The turns as Oshara would tell them, with ``odd`` changes by turn number and ``unspoken`` turns put between.

    A change names fields and their wrong values; ``without`` lists fields that are left out; a name that ends in
    ``_literal`` is put into the JSON letter by letter, ``text_repeat`` is a piece and how often it is repeated.
    """
    lead_ms = int(told.get("lead_ms", 0))
    changes, unspoken = told.get("odd", {}), told.get("unspoken", [])
    transcript: list[dict[str, Any]] = []
    for index, turn in enumerate(turns):
        right = {
            "role": turn["role"],
            "text": turn["text"],
            "turn_index": index,
            "ts": round((turn["start_ms"] - lead_ms) / 1_000, 3),
        }
        transcript.append(_changed(right, changes.get(str(index), {})))
        transcript += [_changed({}, more) for more in unspoken if more["after"] == index]
    return transcript


def _changed(right: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    left_out = {*change.get("without", ())}
    for name in change:
        left_out.add(name.removesuffix("_literal").removesuffix("_repeat"))
    kept = {name: value for name, value in right.items() if name not in left_out}
    return kept | {name: value for name, value in change.items() if name not in ("without", "after")}
