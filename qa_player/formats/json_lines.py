"""JSON Lines: one annotation a line, its fields those of the table, unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from pydantic_core import to_json

from qa_player.formats.annotation_row import AT_ONCE, Row, annotation_rows
from qa_player.model.review import Review


def write(review: Review) -> bytes:
    """UTF-8, one object a line, each line ended; no annotations give an empty file."""
    return flat_lines(annotation_rows(review.annotations))


def flat_lines(rows: Iterable[Row]) -> bytes:
    """One row a line. All have the same first field, and none holds an object or a list."""
    return b"".join(_spelled(iter(rows)))


def lines(objects: Iterable[Mapping[str, object]]) -> bytes:
    """One object of any shape a line."""
    return b"".join(json.dumps(one, ensure_ascii=False, allow_nan=False).encode() + b"\n" for one in objects)


def _spelled(rows: Iterator[Row]) -> Iterator[bytes]:
    while some := list(islice(rows, AT_ONCE)):
        first = to_json(next(iter(some[0])))
        # a quotation mark inside a text is escaped, so that this stands between two rows and nowhere else
        yield to_json(some)[1:-1].replace(b"},{" + first + b":", b"}\n{" + first + b":") + b"\n"
