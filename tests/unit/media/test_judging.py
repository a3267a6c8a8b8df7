"""Which answers may bring bytes, one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from qa_player.errors import GoneError, MediaError
from qa_player.media.cache.judging import MAX_BYTES, Identity, Ruling, judge, strong
from qa_player.media.cache.patience import Setback

KNOWN = Identity('"v1"', 1_000)


async def _nothing() -> AsyncIterator[bytes]:
    for piece in ():
        yield piece


@dataclass
class Said:
    """An answer's head."""

    status: int
    start: int | None = None
    total: int | None = None
    etag: str | None = None
    mime: str | None = None
    encoded: bool = False
    retry_after: float | None = None
    first_hand: bool = False
    chunks: AsyncIterator[bytes] = field(default_factory=_nothing)

    async def aclose(self) -> None: ...


@pytest.mark.parametrize(
    ("said", "known", "ruling"),
    [
        (Said(206, 500, 1_000, '"v1"'), KNOWN, Ruling.PART),
        (Said(206, 500, 1_000), KNOWN, Ruling.PART),
        (Said(206, 500, None, 'W/"v2"'), KNOWN, Ruling.PART),
        (Said(206, 500, 7_000, '"v7"'), Identity(), Ruling.PART),
        (Said(200, 0, 2_000, '"v2"'), KNOWN, Ruling.WHOLE),
        (Said(200), Identity(), Ruling.WHOLE),
        (Said(416, None, 500), Identity(), Ruling.END),
    ],
)
def test_what_fits_is_taken(said: Said, known: Identity, ruling: Ruling) -> None:
    assert judge(said, start=500, known=known) is ruling


@pytest.mark.parametrize(
    "said",
    [
        Said(206, 499, 1_000, '"v1"'),
        Said(206, 501, 1_000, '"v1"'),
        Said(206, None, 1_000, '"v1"'),
        Said(206, 500, 1_001, '"v1"'),
        Said(206, 500, 1_000, '"v2"'),
        Said(206, 500, 1_000, '"v1"', encoded=True),
        Said(200, 0, 1_000, '"v1"', encoded=True),
        Said(416, None, 1_000),
        Said(416, None, 400),
        Said(416),
        *[Said(status) for status in (100, 204, 301, 304, 400, 402, 405, 451, 501, 505)],
    ],
)
def test_what_does_not_fit_brings_nothing(said: Said) -> None:
    with pytest.raises(Setback):
        judge(said, start=500, known=KNOWN)


@pytest.mark.parametrize(("status", "renews"), [(401, True), (403, True), (404, True), (500, False), (429, False)])
def test_only_refusals_ask_for_a_fresh_address(status: int, renews: bool) -> None:
    with pytest.raises(Setback) as raised:
        judge(Said(status), start=0, known=KNOWN)
    assert raised.value.renew is renews


def test_410_is_the_end_and_four_gigabytes_are_too_much() -> None:
    with pytest.raises(GoneError):
        judge(Said(410), start=0, known=KNOWN)
    with pytest.raises(MediaError):
        judge(Said(206, 0, MAX_BYTES + 1), start=0, known=Identity())


@pytest.mark.parametrize(
    ("etag", "kept"), [('"a"', True), ('W/"a"', False), ('w/"a"', False), ("", False), (None, False)]
)
def test_only_strong_validators_count(etag: str | None, kept: bool) -> None:
    assert (strong(etag) is not None) is kept
