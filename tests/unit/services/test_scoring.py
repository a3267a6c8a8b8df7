"""Scorecards: kept with their trail, submitted only with evidence, and never changed by a newer form."""

from __future__ import annotations

import asyncio
import json

import pytest

from parts.desk import Desk
from parts.forms import form, yes_no
from parts.stored import NOON
from qa_player.errors import ConflictError, NotFoundError, UsageError
from qa_player.formats.evaluation_form import form_object
from qa_player.model.annotation import Span
from qa_player.model.coverage import Manner, Sitting, Stretch
from qa_player.model.review_state import ReviewState
from qa_player.model.scorecard import Answer, Scorecard
from qa_player.store import coverage

SMALL = form((0, (yes_no("greet", 4_000), yes_no("solve", 6_000))), pass_mark=50)
YES = Answer(question_id="greet", option_id="yes")
NO = Answer(question_id="solve", option_id="no")
LENGTH_MS = 10_000


async def scoring(desk: Desk) -> Scorecard:
    """A draft on the small form of a session whose recording is 10 s long."""
    session = await desk.library.open("acme", "sess_000001")
    await desk.scoring.load(session.measured(LENGTH_MS))
    return await desk.scoring.start(SMALL)


async def hear(desk: Desk, *spans: tuple[int, int, Manner], login: str = "rita") -> None:
    """As if that person had heard those stretches of the session before."""
    stretches = tuple(Stretch(start_ms=start, end_ms=end, manner=manner, speed=1.0) for start, end, manner in spans)
    sitting = Sitting(
        sitting_id=f"heard-{len(spans)}-{login}",
        connection="acme",
        session_id="sess_000001",
        actor=login,
        login=login,
        began_at=NOON,
        ended_at=None,
        stretches=stretches,
    )
    await desk.database.write(lambda transaction: coverage.save(transaction, sitting))


async def state(desk: Desk) -> ReviewState:
    return await desk.scoring.progress("acme", "sess_000001")


async def test_a_card_is_begun_answered_and_submitted_with_its_trail(connected: Desk) -> None:
    assert await state(connected) is ReviewState.TO_REVIEW
    card = await scoring(connected)
    assert await state(connected) is ReviewState.IN_REVIEW
    assert (await connected.scoring.start(SMALL)).scorecard_id == card.scorecard_id, "one draft of a form for a person"
    await connected.scoring.answer(card.scorecard_id, YES)
    await connected.scoring.answer(card.scorecard_id, NO)
    await connected.scoring.add_span(card.scorecard_id, "solve", Span(start_ms=100, end_ms=900))
    done = await connected.scoring.submit(card.scorecard_id)
    assert done.result is not None
    assert (done.result.score, done.result.passed, done.revision) == (4_000, False, 5)
    assert await state(connected) is ReviewState.DONE
    assert await connected.scoring.of_session("acme", "sess_000001") == (done,) == connected.scoring.cards
    acts = [event.action for event in await connected.audit.show() if event.action.startswith(("scorecard", "review"))]
    assert acts == [
        "scorecard.started",
        "review.progressed",
        *["scorecard.answered"] * 3,
        "scorecard.submitted",
        "review.progressed",
    ]
    assert (await connected.audit.verify()).consistent


async def test_answers_given_at_once_are_all_kept(connected: Desk) -> None:
    card = await scoring(connected)
    await asyncio.gather(*(connected.scoring.answer(card.scorecard_id, answer) for answer in (YES, NO) * 5))
    (kept,) = await connected.scoring.of_session("acme", "sess_000001")
    assert kept.answers == (YES, NO)


async def test_a_failing_answer_needs_a_span_or_the_proof_that_it_is_nowhere(connected: Desk) -> None:
    card = await scoring(connected)
    await connected.scoring.answer(card.scorecard_id, YES)
    with pytest.raises(UsageError, match=r"Solve.*not answered"):
        await connected.scoring.submit(card.scorecard_id)
    await connected.scoring.answer(card.scorecard_id, NO)
    with pytest.raises(UsageError, match="needs a span"):
        await connected.scoring.submit(card.scorecard_id)
    await hear(connected, (0, 4_000, Manner.HEARD), (6_000, LENGTH_MS, Manner.HEARD))
    await hear(connected, (0, LENGTH_MS, Manner.HEARD), login="somebody")
    with pytest.raises(UsageError, match=r"not heard 2\.0 s"):
        await connected.scoring.state_absent(card.scorecard_id, "solve")
    await hear(connected, (0, 4_000, Manner.HEARD), (4_000, 6_000, Manner.SKIPPED), (6_000, LENGTH_MS, Manner.HEARD))
    await connected.scoring.state_absent(card.scorecard_id, "solve")
    absence = (await connected.scoring.submit(card.scorecard_id)).answer("solve").absence
    assert absence is not None
    assert (absence.duration_ms, absence.heard_ms, absence.skipped_ms) == (LENGTH_MS, 8_000, 2_000)


async def test_what_was_only_muted_proves_nothing(connected: Desk) -> None:
    card = await scoring(connected)
    await hear(connected, (0, LENGTH_MS, Manner.MUTED))
    with pytest.raises(UsageError, match=r"not heard 10\.0 s"):
        await connected.scoring.state_absent(card.scorecard_id, "solve")


async def test_a_newer_form_changes_no_old_score(connected: Desk) -> None:
    first = await connected.forms.add(json.dumps(form_object(SMALL)).encode())
    assert first == SMALL
    card = await scoring(connected)
    await connected.scoring.answer(card.scorecard_id, YES)
    await connected.scoring.answer(card.scorecard_id, NO)
    await connected.scoring.add_span(card.scorecard_id, "solve", Span(start_ms=0, end_ms=5))
    before = await connected.scoring.submit(card.scorecard_id)
    heavier = form((0, (yes_no("greet", 1_000), yes_no("solve", 9_000))), version=2)
    await connected.forms.add(json.dumps(form_object(heavier)).encode())
    assert (await connected.forms.named("small")).version == 2
    assert await connected.scoring.of_session("acme", "sess_000001") == (before,)
    with pytest.raises(ConflictError, match="Version 2"):
        await connected.forms.add(json.dumps(form_object(heavier.model_copy(update={"title": "Other"}))).encode())
    with pytest.raises(NotFoundError):
        await connected.forms.named("small", 3)


async def test_a_submitted_card_is_changed_only_after_it_was_reopened(connected: Desk) -> None:
    card = await scoring(connected)
    for answer in (YES, NO.model_copy(update={"option_id": "yes"})):
        await connected.scoring.answer(card.scorecard_id, answer)
    await connected.scoring.submit(card.scorecard_id)
    with pytest.raises(UsageError, match="is submitted"):
        await connected.scoring.answer(card.scorecard_id, NO)
    reopened = await connected.scoring.reopen(card.scorecard_id)
    assert (reopened.submitted_at, reopened.result, await state(connected)) == (None, None, ReviewState.IN_REVIEW)
    await connected.scoring.withdraw(card.scorecard_id)
    assert connected.scoring.cards == ()
    assert (await connected.audit.verify()).consistent


async def test_a_card_changed_behind_the_trail_is_damage(connected: Desk) -> None:
    card = await scoring(connected)
    await connected.scoring.answer(card.scorecard_id, YES)
    await connected.database.write(
        lambda db: db.exec_driver_sql("UPDATE scorecards SET payload = replace(payload, '\"yes\"', '\"no\"')")
    )
    verdict = await connected.audit.verify()
    assert not verdict.consistent
    assert "scorecard" in (verdict.damage or "")


async def test_a_whole_card_is_taken_or_nothing_of_it(connected: Desk) -> None:
    session = await connected.library.open("acme", "sess_000001")
    await connected.scoring.load(session.measured(LENGTH_MS))
    with pytest.raises(UsageError, match="needs a span"):
        await connected.scoring.take(SMALL, [YES, NO])
    assert await connected.scoring.of_session("acme", "sess_000001") == ()
    assert await state(connected) is ReviewState.TO_REVIEW
    await hear(connected, (0, LENGTH_MS, Manner.HEARD))
    card = await connected.scoring.take(SMALL, [YES, NO], absent=["solve"])
    assert await connected.scoring.of_session("acme", "sess_000001") == (card,)
    assert await state(connected) is ReviewState.DONE
