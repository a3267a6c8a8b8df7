"""Signed addresses in the manner of S3: whoever has one may read, for as long as it says, one object, with GET."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

_STAMP = "%Y%m%dT%H%M%SZ"


class Signer:
    """Signs addresses of one origin with a secret that is made with it."""

    def __init__(self) -> None:
        self._secret = os.urandom(32)

    def address(self, origin: str, name: str, lifetime_s: float) -> str:
        """An address of the object ``name`` that dies after ``lifetime_s`` seconds.

        Lifetimes are told in whole seconds, rounded up, and kept to the millisecond (``X-Demo-Expires-Ms``).
        """
        now = datetime.now(UTC)
        dies_ms = round(now.timestamp() * 1_000 + lifetime_s * 1_000)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"DEMO/{now:%Y%m%d}/eu-west-1/s3/aws4_request",
            "X-Amz-SignedHeaders": "host",
            # no two addresses are the same, and whoever re-encodes one loses its plus signs
            "X-Amz-Security-Token": base64.b64encode(b"\xfb\xef\xbe" + os.urandom(27)).decode(),
            "X-Amz-Date": now.strftime(_STAMP),
            "X-Amz-Expires": str(max(1, -int(-lifetime_s // 1))),
            "X-Demo-Expires-Ms": str(dies_ms),
        }
        query["X-Amz-Signature"] = self._signature(name, query)
        return f"{origin}/{quote(name)}?{urlencode(query)}"

    def verdict(self, name: str, query: Mapping[str, str]) -> str | None:
        """Null when the address is good, else the code that S3 gives: ``SignatureDoesNotMatch`` or ``AccessDenied``."""
        signed = {key: value for key, value in query.items() if key != "X-Amz-Signature"}
        if not hmac.compare_digest(self._signature(name, signed), query.get("X-Amz-Signature", "")):
            return "SignatureDoesNotMatch"
        dies = datetime.fromtimestamp(int(query["X-Demo-Expires-Ms"]) / 1_000, UTC)
        return "AccessDenied" if datetime.now(UTC) >= dies else None

    def _signature(self, name: str, query: Mapping[str, str]) -> str:
        signed = "\n".join(["GET", name, *(f"{key}={query[key]}" for key in sorted(query))])
        return hmac.new(self._secret, signed.encode(), hashlib.sha256).hexdigest()
