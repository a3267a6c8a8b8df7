"""Sealed bytes open with their key at their place, and nothing else opens them."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_player.errors import IntegrityError
from qa_player.sealed import (
    KEY_BYTES,
    OVERHEAD,
    derive_key,
    new_key,
    public_key,
    seal,
    seal_to,
    unseal,
    unseal_from,
    unwrap_key,
    wrap_key,
)

KEY = bytes(range(KEY_BYTES))


@given(st.binary(max_size=2_000), st.binary(max_size=50))
def test_what_was_sealed_comes_back(plain: bytes, place: bytes) -> None:
    piece = seal(KEY, plain, place=place)
    assert len(piece) == len(plain) + OVERHEAD
    assert unseal(KEY, piece, place=place) == plain
    assert unseal(KEY, memoryview(piece), place=place) == plain


@given(st.binary(min_size=1, max_size=200), st.data())
def test_no_bit_can_be_changed(plain: bytes, data: st.DataObject) -> None:
    piece = bytearray(seal(KEY, plain, place=b"here"))
    bit = data.draw(st.integers(0, len(piece) * 8 - 1))
    piece[bit // 8] ^= 1 << bit % 8
    with pytest.raises(IntegrityError):
        unseal(KEY, bytes(piece), place=b"here")


@pytest.mark.parametrize("length", [0, 1, OVERHEAD - 1, OVERHEAD, OVERHEAD + 4])
def test_a_piece_that_was_cut_short_does_not_open(length: int) -> None:
    with pytest.raises(IntegrityError):
        unseal(KEY, seal(KEY, b"plain", place=b"here")[:length], place=b"here")


def test_elsewhere_or_under_another_key_it_does_not_open() -> None:
    piece = seal(KEY, b"plain", place=b"here")
    for key, place in ((KEY, b"there"), (new_key(), b"here")):
        with pytest.raises(IntegrityError) as raised:
            unseal(key, piece, place=place)
        assert raised.value.__cause__ is None


def test_the_plain_bytes_are_not_seen_and_no_two_pieces_are_alike() -> None:
    pieces = {seal(KEY, b"plain text of a patient", place=b"here") for _ in range(50)}
    assert len(pieces) == 50
    assert all(b"patient" not in piece for piece in pieces)


def test_keys_for_other_purposes_are_other_keys_and_stay_the_same() -> None:
    assert derive_key(KEY, "recordings") != derive_key(KEY, "database")
    assert derive_key(KEY, "recordings") != derive_key(new_key(), "recordings")
    # HKDF-SHA-256 (RFC 5869) written out: homes made today must open tomorrow
    extracted = hmac.new(bytes(32), KEY, hashlib.sha256).digest()
    expected = hmac.new(extracted, b"qa-player recordings\x01", hashlib.sha256).digest()
    assert derive_key(KEY, "recordings") == expected


def test_a_wrapped_key_opens_under_its_own_name_alone() -> None:
    inner = new_key()
    wrapped = wrap_key(KEY, inner, name="part-1")
    assert unwrap_key(KEY, wrapped, name="part-1") == inner
    with pytest.raises(IntegrityError):
        unwrap_key(KEY, wrapped, name="part-2")


@given(st.binary(max_size=500), st.binary(max_size=50))
def test_what_is_sealed_to_somebody_opens_for_them_alone(plain: bytes, place: bytes) -> None:
    piece = seal_to(public_key(KEY), plain, place=place)
    assert unseal_from(KEY, piece, place=place) == plain
    assert plain not in piece or len(plain) < 4
    for private, where in ((new_key(), place), (KEY, place + b"!")):
        with pytest.raises(IntegrityError):
            unseal_from(private, piece, place=where)


@given(st.data())
def test_no_bit_of_what_is_sealed_to_somebody_can_be_changed(data: st.DataObject) -> None:
    piece = bytearray(seal_to(public_key(KEY), b"plain", place=b"here"))
    # X25519 leaves the last bit of a public key out of account; the key that is made of both does not
    bit = data.draw(st.integers(0, len(piece) * 8 - 1))
    piece[bit // 8] ^= 1 << bit % 8
    with pytest.raises(IntegrityError):
        unseal_from(KEY, bytes(piece), place=b"here")


def test_a_public_key_that_is_none_seals_nothing() -> None:
    for wrong in (b"", b"short", bytes(KEY_BYTES)):
        with pytest.raises(IntegrityError):
            seal_to(wrong, b"plain", place=b"here")
    with pytest.raises(IntegrityError):
        unseal_from(KEY, b"", place=b"here")
