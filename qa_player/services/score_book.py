"""How one step on a scorecard reaches the store: the card, its event, and the state of the review, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.model.review_state import ReviewProgress, ReviewState
from qa_player.model.scorecard import Result, Scorecard
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Transaction


@dataclass(frozen=True)
class Step:
    """``after`` takes the place of ``before``; a null one is not there. ``state``, where it is not null, is the one the
    review is in afterwards; ``question`` the id of the one that was answered."""

    action: str
    before: Scorecard | None
    after: Scorecard | None
    state: ReviewState | None
    question: str | None = None

    @property
    def card(self) -> Scorecard:
        """The one it is about."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a step is about a scorecard")
        return found


def keep(transaction: Transaction, trail: Trail, step: Step) -> Scorecard | None:
    """Write what ``step`` makes; returns the card as it is kept. Raises ConflictError."""
    from qa_player.store import scorecards

    kept = step.after
    if kept is None:
        scorecards.delete_draft(transaction, step.card)
    elif step.before is None:
        scorecards.add(transaction, kept)
    else:
        kept = kept.model_copy(update={"revision": step.before.revision + 1, "updated_at": trail.now()})
        scorecards.replace(transaction, kept, expected_revision=step.before.revision)
    trail.append(
        transaction,
        step.action,
        connection=step.card.connection,
        session_id=step.card.session_id,
        subject=step.card.scorecard_id,
        detail=_told(step, kept),
        content=None if kept is None else scorecards.evidence(kept),
    )
    if step.state is not None:
        result = None if kept is None else kept.result
        place = step.card.connection, step.card.session_id
        progress(transaction, trail, *place, step.state, result=result)
    return kept


def progress(
    transaction: Transaction,
    trail: Trail,
    connection: str,
    session_id: str,
    state: ReviewState,
    *,
    result: Result | None = None,
) -> None:
    """Bring the review of a session into ``state``, with its event; nothing where it is there already. ``result`` is
    what the scorecard that brought it there came to."""
    from qa_player.store import review_states

    known = review_states.of_session(transaction, connection, session_id)
    before = ReviewState.TO_REVIEW if known is None else known.state
    if before is state and result is None:
        return
    review_states.save(
        transaction,
        ReviewProgress(
            connection=connection,
            session_id=session_id,
            state=state,
            changed_at=trail.now(),
            changed_by=trail.actor.shown,
            score=None if result is None else result.score,
            passed=None if result is None else result.passed,
        ),
    )
    if before is state:
        return
    trail.append(
        transaction, "review.progressed", connection=connection, session_id=session_id, detail={"state": state.value}
    )


def _told(step: Step, kept: Scorecard | None) -> dict[str, JsonValue]:
    form = step.card.form
    told: dict[str, JsonValue] = {"form": form.form_id, "version": form.version, "exists": kept is not None}
    if step.question is not None:
        told["question"] = step.question
    return told
