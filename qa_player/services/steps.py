"""The order in which a person did things: what was done last is taken back first, whatever it was about."""

from __future__ import annotations

import itertools

_NUMBERS = itertools.count(1)


def next_step() -> int:
    """The number of a step that is done now, more than that of every step before it in this process."""
    return next(_NUMBERS)
