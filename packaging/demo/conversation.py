"""A conversation as it is written in ``conversations/*.toml``: who says what, with which pauses."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

ROLES = {"A": "assistant", "C": "user"}
_LINE = re.compile(r"^(?P<who>[AC])(?: (?P<gap>[+-]\d+(?:\.\d+)?))?: (?P<text>.+)$")


@dataclass(frozen=True)
class Line:
    """One turn: ``gap_s`` after the end of the turn before it, negative when the two speak over each other."""

    role: str
    text: str
    gap_s: float


def read(path: Path) -> dict[str, Any]:
    """The file's fields; README.md says what each means."""
    return tomllib.loads(path.read_text("utf-8"))


def lines(told: dict[str, Any]) -> list[Line]:
    """The turns of a conversation that is written out."""
    return list(_lines(told["dialogue"], Random(told["session_id"])))


def repeated(told: dict[str, Any]) -> tuple[list[Line], Iterator[list[Line]], list[Line]]:
    """Opening, rounds without end, closing of a conversation whose middle goes through a list."""
    random = Random(told["session_id"])
    opening, closing = (list(_lines(told[part], random)) for part in ("dialogue", "closing"))
    return opening, _rounds(told["rounds"], random), closing


def _rounds(told: dict[str, Any], random: Random) -> Iterator[list[Line]]:
    shelf = 0
    while True:
        shelf += 1
        for item in random.sample(told["items"], told["items_a_shelf"]):
            words = {"shelf": shelf, "item": item, "count": random.randint(2, 240), "other": random.randint(2, 60)}
            pattern = random.choice(told["patterns"])
            yield list(_lines(pattern.format_map(words), random))
        yield list(_lines(random.choice(told["between"]).format(shelf=shelf, next=shelf + 1), random))


def _lines(dialogue: str, random: Random) -> Iterator[Line]:
    for line in filter(None, (line.strip() for line in dialogue.splitlines())):
        found = _LINE.match(line)
        if found is None:
            raise SystemExit(f"not a line of a dialogue: {line!r}")
        usual = round(random.uniform(0.3, 0.75), 2)
        gap = usual if found["gap"] is None else float(found["gap"])
        yield Line(ROLES[found["who"]], found["text"], gap)
