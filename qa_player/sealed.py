"""Sealed bytes: AES-256-GCM with the place as associated data, keys wrapped by keys, or sealed to one reader (X25519).

The only door to cryptography.

Layout of a sealed piece: 12 bytes nonce, ciphertext, 16 bytes tag. Nonces are random; one key seals far fewer than the
2**32 pieces for which that is safe (a recording of 4 GiB in chunks of 64 KiB has 2**16).
"""

from __future__ import annotations

import os
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from qa_player.errors import IntegrityError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = NONCE_BYTES + TAG_BYTES
"""How many bytes longer a sealed piece is than what it holds."""


def new_key() -> bytes:
    """A fresh 256-bit key."""
    return os.urandom(KEY_BYTES)


def derive_key(master: bytes, purpose: str) -> bytes:
    """A 256-bit key of its own for ``purpose`` (HKDF-SHA-256): one secret in the keychain serves a whole home."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"qa-player " + purpose.encode()).derive(master)


def seal(key: bytes, plain: bytes | memoryview, *, place: bytes) -> bytes:
    """``plain`` sealed for ``place``: a piece that is moved or exchanged for another no longer opens."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place)


def unseal(key: bytes, piece: bytes | memoryview, *, place: bytes) -> bytes:
    """What `seal` was given; raises IntegrityError when key, place or any bit is another."""
    if len(piece) < OVERHEAD:
        raise _broken()
    try:
        return AESGCM(key).decrypt(bytes(piece[:NONCE_BYTES]), piece[NONCE_BYTES:], place)
    except InvalidTag:
        raise _broken() from None


def wrap_key(outer: bytes, inner: bytes, *, name: str) -> bytes:
    """``inner`` sealed under ``outer`` and bound to ``name``; destroying it destroys all that ``inner`` seals."""
    return seal(outer, inner, place=b"key:" + name.encode())


def unwrap_key(outer: bytes, wrapped: bytes, *, name: str) -> bytes:
    """The key that `wrap_key` was given; raises IntegrityError."""
    return unseal(outer, wrapped, place=b"key:" + name.encode())


def public_key(private: bytes) -> bytes:
    """The X25519 public key (32 bytes) of a private one, which may be any 256-bit key."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal_to(public: bytes, plain: bytes, *, place: bytes) -> bytes:
    """``plain`` sealed so that only the holder of the private key of ``public`` opens it, not even who sealed it.

    A key pair of its own for each piece: its public key (32 bytes), then the piece under HKDF-SHA-256 of what both
    share, bound to both public keys. Raises IntegrityError for a public key that is none.
    """
    mine = X25519PrivateKey.generate()
    sender = mine.public_key().public_bytes_raw()
    return sender + seal(_shared_key(mine, public, sender + public), plain, place=place)


def unseal_from(private: bytes, piece: bytes, *, place: bytes) -> bytes:
    """What `seal_to` was given for the public key of ``private``; raises IntegrityError when any of it is another."""
    sender = piece[:KEY_BYTES]
    shared = _shared_key(X25519PrivateKey.from_private_bytes(private), sender, sender + public_key(private))
    return unseal(shared, piece[KEY_BYTES:], place=place)


def _shared_key(mine: X25519PrivateKey, theirs: bytes, both: bytes) -> bytes:
    try:
        secret = mine.exchange(X25519PublicKey.from_public_bytes(theirs))
    except ValueError:
        raise _broken() from None
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"qa-player sealed to " + both).derive(secret)


def certificate_term(pem: bytes) -> tuple[datetime, datetime]:
    """From when until when the first certificate of ``pem`` is good; raises ValueError."""
    from cryptography.x509 import load_pem_x509_certificate

    certificate = load_pem_x509_certificate(pem)
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def _broken() -> IntegrityError:
    return IntegrityError(
        "A sealed piece of data on this disk is damaged or was exchanged.",
        "Fetch the recording again; if it happens again, check the disk.",
    )
