"""JSON as a server might really send it: with numbers and texts in it that no careful writer would write."""

from __future__ import annotations

import json
import re
from typing import Any

_PLACE = re.compile(r'"\\u0001(\d+)\\u0001"')


def written(value: Any) -> str:
    """``value`` as JSON; an item whose name ends in ``_literal`` is put in letter by letter.

    >>> written({"ts_literal": "1e400", "text": "late"})
    '{"ts": 1e400, "text": "late"}'
    """
    literals: list[str] = []
    text = json.dumps(_marked(value, literals))
    return _PLACE.sub(lambda place: literals[int(place[1])], text)


def _marked(value: Any, literals: list[str]) -> Any:
    if isinstance(value, list):
        return [_marked(item, literals) for item in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for name, item in value.items():
        if name.endswith("_literal"):
            made[name.removesuffix("_literal")] = f"\x01{len(literals)}\x01"
            literals.append(str(item))
        else:
            made[name] = _marked(item, literals)
    return made
