"""Strict JSON with one spelling per value, digests over it, and links of a hash chain.

The subset of RFC 8785 that evidence needs: objects with text keys, arrays, text, whole numbers, booleans and null.
Fractions are refused because two programs may spell them differently.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence

NOTHING_BEFORE = "0" * 64
"""The ``previous`` digest of the first link of a chain."""

_SAFE_INTEGER = 2**53 - 1


def canonical_json(value: object) -> bytes:
    """The only spelling of ``value``: UTF-8, keys sorted by UTF-16 code units (RFC 8785), no spaces.

    Raises ValueError for fractions, integers past 2**53 - 1, keys that are not text, and unpaired surrogates.
    """
    return json.dumps(_checked(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")


def _checked(value: object) -> object:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > _SAFE_INTEGER:
            raise ValueError("a whole number is too large for evidence")
        return int(value)
    if isinstance(value, dict | Mapping):  # `dict` alone is asked for quickly
        if not all(isinstance(key, str) for key in value):
            raise ValueError("keys are text")
        return {key: _checked(value[key]) for key in _in_order(value)}
    if isinstance(value, list | Sequence) and not isinstance(value, bytes | bytearray):
        return [_checked(item) for item in value]
    raise ValueError(f"{type(value).__name__} has no canonical spelling")


def _in_order(keys: Iterable[str]) -> list[str]:
    """By UTF-16 code units, which for ASCII is how Python sorts."""
    found = list(keys)
    return sorted(found) if all(map(str.isascii, found)) else sorted(found, key=lambda key: key.encode("utf-16-be"))


def sha256(data: bytes) -> str:
    """The digest of ``data`` in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def digest(value: object) -> str:
    """The SHA-256 of the canonical spelling of ``value``."""
    return sha256(canonical_json(value))


def keyed_digest(key: bytes, data: bytes) -> str:
    """HMAC-SHA-256 in hex: proves content to who holds the key, says nothing to who does not."""
    return hmac.new(key, data, hashlib.sha256).hexdigest()
