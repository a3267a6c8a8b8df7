"""Suki's answer about recordings: several parts with addresses that die, streamed or downloaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from qa_player.errors import GoneError, NoRecordingError
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState
from qa_player.model.secret import Secret
from qa_player.providers.presigned import Offered
from qa_player.providers.reading import count, identifier, instant, mapping, number

MOST_PARTS = 1_000
MILLISECONDS = 1e11
"""Larger than any number of seconds since the epoch that is meant: such an ``expires_at`` is in milliseconds."""


@dataclass(frozen=True)
class Offer:
    """One part of a recording with the address that opens it just now."""

    part_id: str
    sequence: int
    offered: Offered


@dataclass(frozen=True)
class Offers:
    """What Suki offers of a session, in order; ``mode`` is how it was asked for."""

    parts: tuple[Offer, ...]
    mode: RecordingMode

    def of(self, part_id: str) -> Offered | None:
        """The address of one part; null when it is not offered."""
        return next((offer.offered for offer in self.parts if offer.part_id == part_id), None)


def is_streamable(answer: Mapping[str, Any]) -> bool:
    """Whether the addresses are for ranges; nothing said means yes."""
    return str(answer.get("is_streamable")).strip().lower() != "false"


def read_offers(answer: Mapping[str, Any], mode: RecordingMode, *, now: float) -> Offers:
    """The parts by ``sequence_number``, those without one in the order received. ``now`` is Suki's time."""
    items = answer.get("recordings")
    found: list[tuple[int, int, str | None, Offered]] = []
    for position, item in enumerate(map(mapping, items[:MOST_PARTS] if isinstance(items, list) else ())):
        address = item.get("presigned_url")
        if not isinstance(address, str) or not address:
            continue
        number_told = count(item.get("sequence_number"))
        sequence = number_told if number_told is not None and number_told <= 100_000 else position
        offered = Offered(Secret(address), issued_at=now, expires_at=_dies(item.get("expires_at")))
        found.append((sequence, position, identifier(item.get("recording_id")), offered))
    found.sort(key=lambda one: one[:2])
    parts: list[Offer] = []
    names: set[str] = set()
    for place, (sequence, _, told, offered) in enumerate(found):
        # an id that is missing or used twice would open the wrong part
        part_id = told if told is not None and told not in names else f"part-{place}"
        names.add(part_id)
        parts.append(Offer(part_id, sequence, offered))
    return Offers(tuple(parts), mode)


def parts_of(offers: Offers, starts: Sequence[int] = ()) -> tuple[RecordingPart, ...]:
    """The parts as a session has them; where each but the first begins is not known before its lengths are.

    ``starts`` are the transcript's own, counted only when it tells of as many recordings: their ids do not match.
    """
    told = starts if len(starts) == len(offers.parts) else ()
    return tuple(
        RecordingPart(
            part_id=offer.part_id,
            sequence=offer.sequence,
            start_ms=told[place] if told else 0 if place == 0 else None,
            duration_ms=None,
            mode=offers.mode,
            mime="audio/wav",
            expires_at=None
            if offer.offered.expires_at is None
            else datetime.fromtimestamp(offer.offered.expires_at, UTC),
            state=RecordingState.AVAILABLE,
        )
        for place, offer in enumerate(offers.parts)
    )


def without_offer(state: RecordingState) -> tuple[RecordingPart, ...]:
    """The one part of which nothing is known but that it is not to be had, now or for ever."""
    if state not in (RecordingState.PROCESSING, RecordingState.GONE):
        return ()
    return (
        RecordingPart(
            part_id="recording",
            sequence=0,
            start_ms=0,
            duration_ms=None,
            mode=RecordingMode.STREAM,
            mime="audio/wav",
            expires_at=None,
            state=state,
        ),
    )


def gone() -> GoneError:
    """Suki's 410."""
    return GoneError(
        "Suki has deleted this recording for good; it keeps them for 7 days.",
        "The transcript and the note can still be reviewed.",
    )


def none_offered() -> NoRecordingError:
    """A session without any recording."""
    return NoRecordingError(
        "Suki has no recording of this session, or does not let this partner have it.",
        "The transcript and the note can still be reviewed.",
    )


def _dies(value: object) -> float | None:
    moment = instant(value)
    seconds = number(value) if moment is None else moment.timestamp()
    if seconds is not None and seconds > MILLISECONDS:
        seconds /= 1_000
    return seconds if seconds is not None and 0 < seconds < 7_000_000_000 else None
