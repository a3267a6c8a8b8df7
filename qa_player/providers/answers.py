"""Bodies of answers: unpacked within bounds, parsed so that one odd field hurts no other."""

from __future__ import annotations

import json
import math
import re
import zlib
from typing import Any

from qa_player.errors import UnexpectedAnswerError
from qa_player.providers.statuses import not_as_promised, sign_in_page

LARGEST_BODY = 64 * 1024 * 1024
HIGHEST_RATIO = 100
_ALWAYS_UNPACKED = 8 * 1024 * 1024
_LONGEST_NUMBER = 400
_DEEPEST = 100
REPLACEMENT = "\ufffd"

_SURROGATES = re.compile("[\ud800-\udfff]")


def unpacked(body: bytes, encodings: str) -> bytes:
    """``body`` without its content encodings; raises UnexpectedAnswerError for unknown, cut and absurd ones."""
    if len(body) > LARGEST_BODY:
        raise not_as_promised("it is larger than 64 MiB")
    largest = min(LARGEST_BODY, max(_ALWAYS_UNPACKED, HIGHEST_RATIO * len(body)))
    for encoding in reversed([part.strip().lower() for part in encodings.split(",")]):
        if encoding in ("", "identity"):
            continue
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise not_as_promised("it is packed in a way we did not ask for")
        body = _inflated(body, largest)
    return body


def _inflated(body: bytes, largest: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, whichever the first bytes say
    try:
        plain = unpacker.decompress(body, largest + 1)
    except zlib.error:
        raise not_as_promised("it says it is packed and is not") from None
    if len(plain) > largest:
        raise not_as_promised("it unpacks to far more than was sent")
    if not unpacker.eof:
        raise not_as_promised("it breaks off in the middle")
    return plain


def parse_json(body: bytes, mime: str) -> Any:
    """The JSON in ``body`` (UTF-8, with or without a byte order mark).

    NaN, infinities and numbers too large to be any field's value come out as floats that are not finite, unpaired
    surrogates and NUL as U+FFFD, and what is nested past `_DEEPEST` empty: readers flag the one field.
    Raises UnexpectedAnswerError for what is no JSON at all.
    """
    if mime.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml") or body.lstrip()[:1] == b"<":
        raise sign_in_page()
    refused: UnexpectedAnswerError
    try:
        value = json.loads(body.decode("utf-8-sig", "replace"), parse_int=_number)
        _prune(value)
        return _without_broken_text(value) if b"\\u" in body else value
    except RecursionError:
        refused = not_as_promised("it is nested without end")
    except ValueError:
        refused = not_as_promised("it is not JSON")
    raise refused


def _prune(value: Any) -> None:
    """Empty what lies too deep, so that whoever walks the value may recurse."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(_DEEPEST):
        children = (child for item in level for child in (item.values() if isinstance(item, dict) else item))
        level = [child for child in children if isinstance(child, dict | list)]
        if not level:
            return
    for item in level:
        item.clear()


def _number(digits: str) -> int | float:
    # int() of thousands of digits takes seconds, or raises, and would take the page with it
    return int(digits) if len(digits) <= _LONGEST_NUMBER else math.inf


def _without_broken_text(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_without_broken_text(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _without_broken_text(item) for key, item in value.items()}
    return value


def clean(text: str) -> str:
    """``text`` with what no file and no database can hold replaced by U+FFFD."""
    return _SURROGATES.sub(REPLACEMENT, text).replace("\x00", REPLACEMENT)
