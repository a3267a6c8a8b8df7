"""Disputes by file: contested, decided of one by one, applied; what was rejected and the old card stay as they were."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from parts.desk import Desk
from parts.forms import form, yes_no
from qa_player.errors import ConflictError, IntegrityError, NotFoundError, UsageError
from qa_player.formats.dispute_file import dispute_object, read_dispute, write_dispute
from qa_player.model.annotation import Span
from qa_player.model.dispute import Decision, Dispute
from qa_player.model.form import Condition, QuestionKind
from qa_player.model.review_state import ReviewState
from qa_player.model.scorecard import Answer, Scorecard
from qa_player.store import disputes

PLACE = ("acme", "sess_000001")
WHY = yes_no("why", kind=QuestionKind.TEXT, options=(), optional=True)
LATER = yes_no("later", 0, asked_when=Condition(question_id="solve", option_ids=("yes",)))
SMALL = form((0, (yes_no("greet", 4_000), yes_no("solve", 6_000), WHY)), pass_mark=50)
FAILED = (
    Answer(question_id="greet", option_id="no", comment="no greeting", spans=(Span(start_ms=410, end_ms=700),)),
    Answer(question_id="solve", option_id="no", spans=(Span(start_ms=0, end_ms=300),)),
)
REASONS = [("greet", "I greeted them."), ("solve", "It was solved later.")]


async def submitted(desk: Desk, asked: object = SMALL) -> Scorecard:
    """A card on which both answers fail."""
    await desk.scoring.load((await desk.library.open(*PLACE)).measured(1_600))
    assert isinstance(asked, type(SMALL))
    return await desk.scoring.take(asked, FAILED)


async def opened(desk: Desk, folder: Path, reasons: list[tuple[str, str]] = REASONS) -> Dispute:
    path = folder / "dispute.json"
    await desk.disputes.open(*PLACE, reasons, path=path)
    return read_dispute(path.read_bytes())


async def decided(desk: Desk, dispute: Dispute, folder: Path, *rulings: tuple[str, Decision, str | None]) -> Dispute:
    for question, decision, named in rulings:
        path = folder / "decided.json"
        await desk.disputes.answer(dispute, question, decision, named=named, text=f"because {question}", path=path)
        dispute = read_dispute(path.read_bytes())
    return dispute


async def test_a_packet_says_what_is_contested_and_on_which_words_it_rests(connected: Desk, tmp_path: Path) -> None:
    card = await submitted(connected)
    assert await connected.scoring.progress(*PLACE) is ReviewState.DONE
    dispute = await opened(connected, tmp_path, REASONS[:1])
    assert await connected.scoring.progress(*PLACE) is ReviewState.DISPUTED
    assert (dispute.scorecard, dispute.opened_by) == (card, "rita")
    assert [turn.text for turn in dispute.session.turns] == ["I was charged twice."], "no other turn"
    told = dispute_object(dispute)
    assert told["before"] == told["after"] == {"score_percent": 0.0, "passed": False}
    assert told["decided"] is False
    (event,) = await connected.events("dispute.opened")
    assert (event.subject, event.detail["questions"]) == (dispute.dispute_id, ["greet"])


async def test_what_is_accepted_makes_a_new_card_and_what_is_rejected_stays(
    connected: Desk, make_desk: Callable[..., Awaitable[Desk]], tmp_path: Path
) -> None:
    old = await submitted(connected)
    judge = await make_desk(actor="judge")
    dispute = await decided(
        judge,
        await opened(connected, tmp_path),
        tmp_path,
        ("solve", Decision.ACCEPT, "Yes"),
        ("greet", Decision.REJECT, None),
    )
    assert dispute_object(dispute)["after"] == {"score_percent": 60.0, "passed": True}
    new = await connected.disputes.apply(dispute)
    assert new is not None
    assert (new.replaces, new.author, new.form_digest) == (old.scorecard_id, "rita", old.form_digest)
    assert new.answer("greet") == old.answer("greet")
    assert new.answer("solve").option_id == "yes"
    assert new.result is not None
    assert (new.result.score, new.result.passed) == (6_000, True)
    assert await connected.scoring.of_session(*PLACE) == (old, new)
    assert await connected.scoring.progress(*PLACE) is ReviewState.DONE
    (settled,) = await connected.events("dispute.settled")
    assert settled.detail["decisions"] == {"greet": "reject", "solve": "accept"}
    assert len(await connected.events("dispute.answered")) == 2
    assert (await connected.audit.verify()).consistent
    with pytest.raises(ConflictError, match="settled already"):
        await connected.disputes.apply(dispute)
    await connected.scoring.reload()
    with pytest.raises(UsageError, match="counts in place"):
        await connected.scoring.reopen(old.scorecard_id)


async def test_where_everything_is_rejected_the_card_stands(connected: Desk, tmp_path: Path) -> None:
    old = await submitted(connected)
    dispute = await opened(connected, tmp_path, REASONS[:1])
    rejected = await decided(connected, dispute, tmp_path, ("greet", Decision.REJECT, None))
    assert await connected.disputes.apply(rejected) is None
    assert await connected.scoring.of_session(*PLACE) == (old,)
    assert await connected.scoring.progress(*PLACE) is ReviewState.DONE


async def test_a_question_may_turn_out_not_to_apply(connected: Desk, tmp_path: Path) -> None:
    await submitted(connected)
    dispute = await opened(connected, tmp_path, REASONS[:1])
    partly = await decided(connected, dispute, tmp_path, ("greet", Decision.PARTLY, "n/a"))
    new = await connected.disputes.apply(partly)
    assert new is not None
    assert (new.answer("greet").does_not_apply, new.answer("greet").comment) == (True, "no greeting")


@pytest.mark.parametrize(
    ("decision", "named", "text", "words"),
    [
        (Decision.ACCEPT, None, "why", "changes the answer"),
        (Decision.REJECT, "yes", "why", "changes the answer"),
        (Decision.ACCEPT, "perhaps", "why", "no such answer"),
        (Decision.ACCEPT, "no", "why", "the answer that is contested"),
        (Decision.REJECT, None, " ", "needs its reason"),
    ],
)
async def test_a_decision_that_says_nothing_is_refused(
    connected: Desk, tmp_path: Path, decision: Decision, named: str | None, text: str, words: str
) -> None:
    await submitted(connected)
    dispute = await opened(connected, tmp_path)
    out = tmp_path / "out.json"
    with pytest.raises(UsageError, match=words):
        await connected.disputes.answer(dispute, "greet", decision, named=named, text=text, path=out)
    with pytest.raises(UsageError, match="not contested"):
        await connected.disputes.answer(dispute, "why", decision, named=named, text=text, path=out)
    assert not out.exists()


async def test_only_what_was_opened_here_and_is_decided_whole_is_applied(connected: Desk, tmp_path: Path) -> None:
    card = await submitted(connected)
    dispute = await opened(connected, tmp_path)
    half = await decided(connected, dispute, tmp_path, ("greet", Decision.ACCEPT, "yes"))
    with pytest.raises(UsageError, match="Nothing is decided yet of solve"):
        await connected.disputes.apply(half)
    whole = await decided(connected, half, tmp_path, ("solve", Decision.REJECT, None))
    with pytest.raises(UsageError, match="opened elsewhere"):
        await connected.disputes.apply(whole.model_copy(update={"dispute_id": "another"}))
    other_words = tuple(one.model_copy(update={"text": "bribed"}) for one in whole.contested)
    with pytest.raises(ConflictError, match="something else"):
        await connected.disputes.apply(whole.model_copy(update={"contested": other_words}))
    raised = card.model_copy(update={"answers": (card.answers[0].model_copy(update={"option_id": "yes"}),)})
    with pytest.raises(ConflictError, match="something else"):
        await connected.disputes.apply(whole.model_copy(update={"scorecard": raised}))
    await connected.scoring.reload()
    await connected.scoring.reopen(card.scorecard_id)
    with pytest.raises(ConflictError, match="changed since"):
        await connected.disputes.apply(whole)
    assert len(await connected.scoring.of_session(*PLACE)) == 1


async def test_a_dispute_opened_again_takes_the_place_of_the_one_that_is_out(connected: Desk, tmp_path: Path) -> None:
    await submitted(connected)
    first = await opened(connected, tmp_path)
    second = await opened(connected, tmp_path, REASONS[:1])
    lost = await decided(
        connected, first, tmp_path, ("greet", Decision.REJECT, None), ("solve", Decision.ACCEPT, "yes")
    )
    with pytest.raises(ConflictError, match="settled already"):
        await connected.disputes.apply(lost)
    rejected = await decided(connected, second, tmp_path, ("greet", Decision.REJECT, None))
    assert await connected.disputes.apply(rejected) is None
    assert (await connected.audit.verify()).consistent


async def test_an_answer_that_opens_a_question_is_not_applied_halfway(connected: Desk, tmp_path: Path) -> None:
    asked = form((0, (yes_no("greet", 4_000), yes_no("solve", 6_000), LATER)), pass_mark=50)
    await submitted(connected, asked)
    dispute = await opened(connected, tmp_path, REASONS[1:])
    accepted = await decided(connected, dispute, tmp_path, ("solve", Decision.ACCEPT, "yes"))
    with pytest.raises(UsageError, match="“Later”: This question is not answered"):
        await connected.disputes.apply(accepted)
    assert await connected.scoring.progress(*PLACE) is ReviewState.DISPUTED


async def test_what_cannot_be_contested(connected: Desk, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        await opened(connected, tmp_path)
    await submitted(connected)
    for reasons, words in (
        ([("poem", "why")], "no question poem"),
        ([("greet", " ")], "needs its reason"),
        ([("greet", "a"), ("greet", "b")], "named once"),
        ([], "named once"),
    ):
        with pytest.raises(UsageError, match=words):
            await opened(connected, tmp_path, reasons)
    await submitted(connected)
    with pytest.raises(UsageError, match="several scorecards"):
        await opened(connected, tmp_path)
    assert await connected.scoring.progress(*PLACE) is ReviewState.DONE
    assert list(tmp_path.glob("dispute*")) == []


async def test_a_file_that_was_changed_by_hand_is_refused(connected: Desk, tmp_path: Path) -> None:
    await submitted(connected)
    dispute = await opened(connected, tmp_path)
    told = json.loads(write_dispute(dispute))
    told["content"]["contested"][0]["text"] = "bribed"
    with pytest.raises(IntegrityError):
        read_dispute(json.dumps(told).encode())


async def test_a_dispute_changed_behind_the_trail_is_found(connected: Desk, tmp_path: Path) -> None:
    await submitted(connected)
    dispute = await opened(connected, tmp_path)
    bribed = dispute.model_copy(update={"opened_by": "somebody else"})
    await connected.database.write(lambda transaction: disputes.save(transaction, bribed))
    verdict = await connected.audit.verify()
    assert not verdict.consistent
    assert "dispute" in (verdict.damage or "")
