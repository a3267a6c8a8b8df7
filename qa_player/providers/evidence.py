"""What is kept of an answer as evidence: its bytes without addresses that work as a key, and a transcript's digest."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qa_player.canonical import digest

REMOVED = "(address removed)"

_SIGNED = r"(?:x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|signature|sig|token)\s*="
_ADDRESS = re.compile(r"https?:(?:\\?/){2}(?:[^\s\"\\]|\\[^\s])*", re.IGNORECASE)
_SPELLED = re.compile(r"\\u0*([0-9a-f]{4})", re.IGNORECASE)


def without_addresses(text: str) -> str:
    """``text`` with every address that carries a signature or a token replaced."""
    if "://" not in text and ":\\/" not in text:
        return text
    return _ADDRESS.sub(lambda found: REMOVED if _is_signed(found[0]) else found[0], text)


def raw_without_keys(body: bytes, data: Any, *, secret_fields: frozenset[str]) -> bytes:
    """``body`` as received, with the values of ``secret_fields`` and all signed addresses replaced.

    Only when their spelling hides them from a search of the bytes is ``data`` written out anew instead.
    """
    text = body.decode("utf-8", "surrogateescape")
    names = "|".join(re.escape(json.dumps(name)) for name in sorted(secret_fields))
    text = re.sub(rf'({names})(\s*:\s*)"(?:[^"\\]|\\.)+"', rf'\g<1>\g<2>"{REMOVED}"', text)
    cleaned = without_addresses(text)
    if any(
        secret in spelled for secret in _secrets(data, secret_fields) for spelled in (cleaned, _spelled_out(cleaned))
    ):
        cleaned = json.dumps(_without(data, secret_fields), ensure_ascii=False)
    return cleaned.encode("utf-8", "surrogateescape")


def transcript_digest(turns: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> str:
    """The SHA-256 over ``fields`` of the turns as received: text as text, everything else as JSON spells it."""
    return digest(
        [
            {
                name: turn[name] if isinstance(turn[name], str) else [_as_json(turn[name])]
                for name in fields
                if name in turn
            }
            for turn in turns
        ]
    )


def _as_json(value: Any) -> str:
    """What ``json.dumps`` makes of it; numbers, of which there is one or two in each turn, without its detour."""
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return repr(value)
    return json.dumps(value, sort_keys=True)


def _is_signed(address: str) -> bool:
    return re.search(_SIGNED, _spelled_out(address), re.IGNORECASE) is not None


def _spelled_out(text: str) -> str:
    return _SPELLED.sub(lambda found: chr(int(found[1], 16)), text).replace("\\/", "/")


def _secrets(data: Any, fields: frozenset[str]) -> Iterator[str]:
    if isinstance(data, list):
        for item in data:
            yield from _secrets(item, fields)
    elif isinstance(data, dict):
        for name, value in data.items():
            if isinstance(value, str) and value and (name in fields or without_addresses(value) != value):
                yield value
            else:
                yield from _secrets(value, fields)


def _without(data: Any, fields: frozenset[str]) -> Any:
    if isinstance(data, str):
        return without_addresses(data)
    if isinstance(data, list):
        return [_without(item, fields) for item in data]
    if isinstance(data, dict):
        return {name: REMOVED if name in fields and value else _without(value, fields) for name, value in data.items()}
    return data
