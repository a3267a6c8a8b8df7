"""What the list of sessions can be narrowed to and sorted by, in the words of the panel."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from qa_player.model.listing import SessionChip, SessionOrder

_CHIPS: Mapping[SessionChip, str] = {
    SessionChip.QUEUED: "Queue",
    SessionChip.TO_REVIEW: "To review",
    SessionChip.IN_REVIEW: "In review",
    SessionChip.DONE: "Done",
    SessionChip.DISPUTED: "Disputed",
    SessionChip.ANNOTATED: "Marked",
    SessionChip.WITH_RECORDING: "With recording",
    SessionChip.IN_PROGRESS: "In progress",
}
ORDERS = (
    ("Newest first", SessionOrder.NEWEST),
    ("Oldest first", SessionOrder.OLDEST),
    ("Longest first", SessionOrder.LONGEST),
    ("By title", SessionOrder.TITLE),
    ("Queue order", SessionOrder.QUEUE),
)
_WHERE_THERE_ARE_ANY = frozenset({SessionChip.IN_REVIEW, SessionChip.DONE, SessionChip.DISPUTED, SessionChip.QUEUED})
"""Chips of work that nobody may do here: shown once there is something of it."""


def chip_words(counts: Mapping[SessionChip, int], chosen: Collection[str]) -> list[tuple[str, str]]:
    """``(name, what it reads)`` of each chip that is shown; one that is switched on stays."""
    return [
        (chip.value, f"{words} {counts[chip]:,}" if chip in counts else words)
        for chip, words in _CHIPS.items()
        if chip not in _WHERE_THERE_ARE_ANY or counts.get(chip) or chip.value in chosen
    ]
