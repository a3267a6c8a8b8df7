"""Paths into JSON: names, places in lists and ``[*]`` for every place; nothing in them is ever run.

``a.b[0]."odd name"`` leads from an object to one value, ``a[*].b`` to one for each item, ``@`` is the value itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

LONGEST = 300
MOST_STEPS = 12
MOST_FOUND = 1_000_000

_STEP = re.compile(r'(?P<name>[A-Za-z_$][\w$-]*)|"(?P<quoted>[^"]{1,100})"|\[(?P<place>-?[0-9]{1,6}|\*)\]')

Step = str | int | None
"""A name, a place in a list (from the end when negative), or null for every place."""


@lru_cache(maxsize=4_096)
def steps(path: str) -> tuple[Step, ...]:
    """The steps of ``path``; raises ValueError, which says what is wrong.

    >>> steps('words[-1].end'), steps('@'), steps('a[*]."b c"')
    (('words', -1, 'end'), (), ('a', None, 'b c'))
    """
    if path == "@":
        return ()
    found: list[Step] = []
    at = 0
    while at < len(path):
        if found and path[at] == ".":
            at += 1
        elif found and path[at] != "[":
            raise ValueError(f"a step must begin at character {at + 1} with a dot or a bracket")
        step = _STEP.match(path, at)
        if step is None:
            raise ValueError(f"no step can be read at character {at + 1}")
        found.append(_step(step))
        at = step.end()
    if not found or len(path) > LONGEST or len(found) > MOST_STEPS:
        raise ValueError("a path has 1 to 12 steps")
    return tuple(found)


def _step(found: re.Match[str]) -> Step:
    if found["place"] is None:
        return found["name"] or found["quoted"]
    return None if found["place"] == "*" else int(found["place"])


def values(data: Any, path: str) -> Iterator[Any]:
    """Everything that ``path`` leads to in ``data``; nothing where a step leads nowhere.

    >>> list(values({"a": [{"b": 1}, {}, {"b": None}]}, "a[*].b")), list(values({"a": []}, "a[0]"))
    ([1, None], [])
    """
    return _walk(data, steps(path), 0)


def _walk(data: Any, way: tuple[Step, ...], at: int) -> Iterator[Any]:
    if at == len(way):
        yield data
        return
    step = way[at]
    if isinstance(step, str):
        if isinstance(data, dict) and step in data:
            yield from _walk(data[step], way, at + 1)
    elif isinstance(data, list):
        places = data if step is None else data[step : step + 1 or None]
        for item in places:
            yield from _walk(item, way, at + 1)


def alternatives(paths: str | tuple[str, ...]) -> tuple[str, ...]:
    """One path or several as several."""
    return (paths,) if isinstance(paths, str) else paths


def first(data: Any, paths: str | tuple[str, ...] | None) -> Any:
    """The first value that is there and not null, whichever path leads to it; else null."""
    for path in alternatives(paths or ()):
        for value in values(data, path):
            if value is not None:
                return value
    return None


def items(data: Any, paths: str | tuple[str, ...]) -> list[Any] | None:
    """The list that the first fitting path leads to, or all that one with ``[*]`` leads to; null when none fits."""
    for path in alternatives(paths):
        found = list(values(data, path))
        if None in steps(path):
            if found:
                return found
        elif found and isinstance(found[0], list):
            return list(found[0])
    return None


def is_named(data: Any, paths: str | tuple[str, ...]) -> bool:
    """Whether any of the paths leads to something, be it null."""
    return any(True for path in alternatives(paths) for _ in values(data, path))


def first_names(paths: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """The names with which paths begin."""
    ways = (steps(path) for path in alternatives(paths or ()))
    return tuple(way[0] for way in ways if way and isinstance(way[0], str))


def last_names(paths: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """The names with which paths end."""
    ways = ([step for step in steps(path) if isinstance(step, str)] for path in alternatives(paths or ()))
    return tuple(way[-1] for way in ways if way)
