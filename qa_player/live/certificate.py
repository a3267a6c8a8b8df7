"""The relay's own certificate: TLS 1.2 or later, and until when it is good."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from qa_player import sealed
from qa_player.errors import QaPlayerError, UsageError

FIRST = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, ready to be used; ``ends_at`` is its last moment. ``pem`` is itself."""

    context: ssl.SSLContext = field(repr=False)
    ends_at: datetime
    pem: str

    @classmethod
    def load(cls, certificate: Path, key: Path, *, now: datetime | None = None) -> Certificate:
        """From PEM files; blocks. Raises UsageError for files that are none, and for a certificate that has ended."""
        now = now or datetime.now(UTC)
        error: QaPlayerError | None = None
        try:
            pem = certificate.read_bytes()
            begins_at, ends_at = sealed.certificate_term(pem)
            first = FIRST.search(pem.decode("latin-1"))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            # without this OpenSSL asks a terminal for the key's password, and waits
            context.load_cert_chain(certificate, key, password=lambda: b"")
        except (OSError, ValueError):
            error = UsageError(
                "The certificate or its key cannot be used.", "Give PEM files that belong together, without a password."
            )
        if error is not None:
            raise error
        if not begins_at <= now <= ends_at:
            raise UsageError(
                "The certificate has ended or has not begun.", "Get a new one, then start the relay again."
            )
        return cls(context, ends_at, "" if first is None else first[0])
