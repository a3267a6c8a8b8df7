"""How far the review of a visit is, by what is done with its note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.model.note import KeptNote
from qa_player.model.review_state import ReviewState
from qa_player.services.score_book import progress
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Transaction


def bring_on(transaction: Transaction, trail: Trail, kept: KeptNote, state: ReviewState) -> None:
    """Bring the review of the note's session into ``state``; where it has a scorecard, that one alone says how far."""
    from qa_player.store import scorecards

    place = kept.connection, kept.note.session_id
    if not scorecards.of_session(transaction, *place):
        progress(transaction, trail, *place, state)
