"""Signatures of telephony vendors' requests: HMAC-SHA-256 in base64, keyed with the account's auth token.

Sources: Plivo's "Signature validation" (V3: the address with its query sorted; for POST the fields follow, sorted, name
and value joined), Vobiz's page on webhook signatures (V3: the address without its query). Both end with a dot and the
nonce. Whether a WebSocket's address is signed as ``wss`` or ``https`` neither page says: both are taken.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

from qa_player.model.live import SignedRequest
from qa_player.model.secret import Secret

LONGEST_NONCE = 200
MOST_SIGNATURES = 8
_OTHER_SCHEMES = {"https": ("https", "wss"), "http": ("http", "ws")}
_USUAL_PORTS = {"https": ":443", "http": ":80"}


@dataclass(frozen=True)
class Scheme:
    """How a vendor signs: the headers that hold a signature, the nonce's, and whether query and fields are covered."""

    headers: tuple[str, ...]
    nonce: str
    covers_fields: bool

    def is_signed(self, asked: SignedRequest, token: Secret) -> bool:
        """Whether ``asked`` carries a signature made with ``token``; takes as long for every wrong one."""
        nonce = asked.headers.get(self.nonce, "")
        told = ",".join(asked.headers.get(name, "") for name in self.headers)
        given = [one.strip().encode("utf-8", "replace") for one in told.split(",") if one.strip()]
        if not 0 < len(nonce) <= LONGEST_NONCE or not 0 < len(given) <= MOST_SIGNATURES:
            return False
        good = False
        for base in self._bases(asked):
            wanted = signature(f"{base}.{nonce}", token).encode()
            for one in given:
                good |= hmac.compare_digest(one, wanted)
        return good

    def nonce_of(self, asked: SignedRequest) -> str:
        """What must not come twice."""
        return asked.headers.get(self.nonce, "")

    def _bases(self, asked: SignedRequest) -> Iterator[str]:
        parts = urllib.parse.urlsplit(asked.address)
        usual = _USUAL_PORTS.get(parts.scheme, "")
        hosts = dict.fromkeys(
            (parts.netloc, parts.netloc.removesuffix(usual), f"{parts.netloc.removesuffix(usual)}{usual}")
        )
        hosts = {host: None for host in hosts if host == parts.netloc or parts.port in (None, int(usual[1:] or 0))}
        for scheme in _OTHER_SCHEMES.get(parts.scheme, ()):
            for host in hosts:
                address = f"{scheme}://{host}{parts.path}"
                yield self._covered(address, parts.query, asked) if self.covers_fields else address

    def _covered(self, address: str, query: str, asked: SignedRequest) -> str:
        pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
        told = "&".join(f"{name}={value}" for name, value in pairs)
        if asked.method != "POST" or not asked.fields:
            return f"{address}?{told}" if told else address
        fields = "".join(f"{name}{value}" for name, value in sorted(asked.fields))
        return f"{address}?{told}{'.' if told else ''}{fields}"


def signature(text: str, token: Secret) -> str:
    """The signature of ``text``."""
    made = hmac.new(token.reveal().encode(), text.encode("utf-8", "surrogateescape"), hashlib.sha256)
    return base64.b64encode(made.digest()).decode()


PLIVO = Scheme(("x-plivo-signature-v3", "x-plivo-signature-ma-v3"), "x-plivo-signature-v3-nonce", covers_fields=True)
VOBIZ = Scheme(("x-vobiz-signature-v3",), "x-vobiz-signature-v3-nonce", covers_fields=False)
