"""JSON that knows which of its fields a reader asked for: what nobody asked for is what the reader does not carry."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

MOST_FIELDS = 100
"""So many different fields are named; a document can have as many as it has bytes."""

_NUMBERED = re.compile(r"[0-9]+")


class AskedFields(dict[str, Any]):
    """An object of a document. ``get`` and ``[]`` are asking; looking whether a field is there is not."""

    __slots__ = ("asked",)

    def __init__(self, *fields: Any) -> None:
        super().__init__(*fields)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)


def unasked(document: object) -> Counter[str]:
    """How often each field stands in ``document`` that was never asked for and says something; those below it are not
    named. Fields are named by their path, ``[]`` is any entry of a list.

    >>> told = AskedFields({"text": "hm", "words": [AskedFields({"text": "hm", "confidence": 1})], "tone": None})
    >>> _ = told["text"], told["words"][0]["text"]
    >>> unasked(told)
    Counter({'words[].confidence': 1})
    """
    found: Counter[str] = Counter()
    open_ones: list[tuple[str, object]] = [("", document)]
    while open_ones:
        path, value = open_ones.pop()
        if isinstance(value, list):
            open_ones += [(f"{path}[]", item) for item in value]
        elif isinstance(value, AskedFields):
            for name, item in value.items():
                below = f"{path}.{_name(name)}" if path else _name(name)
                if name in value.asked:
                    open_ones.append((below, item))
                elif item not in (None, "", [], {}) and (below in found or len(found) < MOST_FIELDS):
                    found[below] += 1
    return found


def _name(name: str) -> str:
    """Numbers in a name are mostly ids: they would make a field of each."""
    return _NUMBERED.sub("#", name)[:60]
