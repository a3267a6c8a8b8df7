"""The second origin: recordings behind signed addresses, with ranges and strong validators, in the manner of S3.

Sources: the S3 GetObject documentation for ranges, validators and error documents; an address that was signed for GET
answers HEAD with 403.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

from qa_player.demo.faults import Faults
from qa_player.demo.signing import Signer
from qa_player.demo.wire import Asked, Told

_MIMES = {".mp4": "video/mp4", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".wav": "audio/wav", ".mp3": "audio/mpeg"}
_RANGE = re.compile(r"bytes=(?=.*\d)(?P<first>\d*)-(?P<last>\d*)$")
_MESSAGES = {
    "AccessDenied": "Request has expired",
    "InternalError": "We encountered an internal error. Please try again.",
    "SlowDown": "Please reduce your request rate.",
    "SignatureDoesNotMatch": "The request signature we calculated does not match the signature you provided.",
}


def failure(status: int) -> Told:
    """An answer that says no in the manner of S3; 403 is a denial that no fresh address cures."""
    if status == 403:
        return _error(403, "AccessDenied", "Access Denied")
    code = "SlowDown" if status in (429, 503) else "InternalError" if status >= 500 else "InvalidRequest"
    return _error(status, code, _MESSAGES.get(code, "The request cannot be served."))


class RecordingHost:
    """Answers for the files it was given; ``faults`` are those of its origin, set once that exists."""

    def __init__(self, files: Mapping[str, Path], signer: Signer) -> None:
        self.faults = Faults()
        self._files = files
        self._signer = signer
        self._digests: dict[tuple[str, int], str] = {}

    def answer(self, asked: Asked) -> Told:
        """200, 206, or an XML document with 403, 404 or 416."""
        name = asked.path.lstrip("/")
        refused = self._signer.verdict(name, asked.query)
        if refused is not None:
            return _error(403, refused, _MESSAGES[refused])
        if asked.method != "GET":
            return _error(403, "SignatureDoesNotMatch", _MESSAGES["SignatureDoesNotMatch"])
        if name not in self._files:
            return _error(404, "NoSuchKey", "The specified key does not exist.")
        return self.give(name, self._files[name], asked.headers)

    def give(self, name: str, path: Path, headers: Mapping[str, str]) -> Told:
        """The file, or the part of it that ``headers`` ask for; whether one may have it was seen to before."""
        length = path.stat().st_size
        if self.faults.truncate_to is not None:
            length = min(length, self.faults.truncate_to)
        etag = f'"{self._digest(name, path, length)}"'
        common = {
            "ETag": etag,
            "Accept-Ranges": "bytes",
            "Last-Modified": formatdate(path.stat().st_mtime, usegmt=True),
        }
        mime = _MIMES.get(path.suffix, "application/octet-stream")
        wanted = _RANGE.match(headers.get("range", ""))
        if wanted is None or self.faults.no_ranges or headers.get("if-range", etag) != etag:
            return Told(200, _piece(path, 0, length), mime, common)
        start, end = _span(wanted["first"], wanted["last"], length)
        if start >= end:
            told = _error(416, "InvalidRange", "The requested range is not satisfiable")
            return replace(told, headers={"Content-Range": f"bytes */{length}"})
        common["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
        return Told(206, _piece(path, start, end), mime, common)

    def _digest(self, name: str, path: Path, length: int) -> str:
        known = (name, length)
        if known not in self._digests:
            self._digests[known] = hashlib.md5(_piece(path, 0, length), usedforsecurity=False).hexdigest()
        return self._digests[known]


def _piece(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start)


def _span(first: str, last: str, length: int) -> tuple[int, int]:
    """[start, end) of a range request; empty when nothing of it exists."""
    if not first:
        return max(0, length - int(last)), length
    return int(first), min(length, int(last) + 1) if last else length


def _error(status: int, code: str, message: str) -> Told:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Told(status, body.encode(), "application/xml")
