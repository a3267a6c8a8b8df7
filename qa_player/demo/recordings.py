"""The second origin: recordings behind signed addresses, with ranges and strong validators, in the manner of S3.

Sources: the S3 GetObject documentation for ranges, validators and error documents; an address that was signed for GET
answers HEAD with 403.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from email.utils import formatdate
from pathlib import Path

from qa_player.demo.faults import Faults
from qa_player.demo.signing import Signer
from qa_player.demo.wire import Asked, Told

_MIMES = {".mp4": "video/mp4", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".wav": "audio/wav", ".mp3": "audio/mpeg"}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_MESSAGES = {
    "AccessDenied": "Request has expired",
    "SignatureDoesNotMatch": "The request signature we calculated does not match the signature you provided.",
}


class RecordingHost:
    """Answers for the files it was given; ``faults`` are those of its origin, set once that exists."""

    def __init__(self, files: Mapping[str, Path], signer: Signer) -> None:
        self.faults = Faults()
        self._files = files
        self._signer = signer
        self._digests: dict[tuple[str, int], str] = {}

    def answer(self, asked: Asked) -> Told:
        """200, 206, 304 is never needed, 403 with an XML document, 404, or 416."""
        name = asked.path.lstrip("/")
        refused = self._signer.verdict(name, asked.query)
        if refused is not None:
            return _error(403, refused, _MESSAGES[refused])
        if asked.method != "GET":
            return _error(403, "SignatureDoesNotMatch", _MESSAGES["SignatureDoesNotMatch"])
        if name not in self._files:
            return _error(404, "NoSuchKey", "The specified key does not exist.")
        return self._object(name, self._files[name], asked.headers)

    def _object(self, name: str, path: Path, headers: Mapping[str, str]) -> Told:
        data = path.read_bytes()
        if self.faults.truncate_to is not None:
            data = data[: self.faults.truncate_to]
        etag = f'"{self._digest(name, data)}"'
        common = {
            "ETag": etag,
            "Accept-Ranges": "bytes",
            "Last-Modified": formatdate(path.stat().st_mtime, usegmt=True),
        }
        mime = _MIMES.get(path.suffix, "application/octet-stream")
        wanted = _RANGE.match(headers.get("range", ""))
        if wanted is None or self.faults.no_ranges or headers.get("if-range", etag) != etag:
            return Told(200, data, mime, common)
        span = _span(wanted.group(1), wanted.group(2), len(data))
        if span is None:
            told = _error(416, "InvalidRange", "The requested range is not satisfiable")
            return Told(416, told.body, told.mime, {"Content-Range": f"bytes */{len(data)}"})
        start, end = span
        common["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
        return Told(206, data[start:end], mime, common)

    def _digest(self, name: str, data: bytes) -> str:
        known = (name, len(data))
        if known not in self._digests:
            self._digests[known] = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return self._digests[known]


def _span(first: str, last: str, length: int) -> tuple[int, int] | None:
    """[start, end) of a range request; null when nothing of it exists."""
    if not first and not last:
        return None
    if not first:
        start, end = max(0, length - int(last)), length
    else:
        start, end = int(first), min(length, int(last) + 1) if last else length
    return (start, end) if start < end else None


def _error(status: int, code: str, message: str) -> Told:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Told(status, body.encode(), "application/xml")
