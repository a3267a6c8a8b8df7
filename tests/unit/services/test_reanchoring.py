"""When a transcript changed: where an annotation's words are now, and that nothing moves before a person says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parts.desk import Desk
from qa_player.errors import UsageError
from qa_player.model.annotation import AnnotationKind
from qa_player.model.transcript import Turn
from qa_player.services.library import OpenSession
from qa_player.services.reanchoring import Displaced, Found, difference


def renumbered(turns: list[Turn]) -> tuple[Turn, ...]:
    return tuple(turn.model_copy(update={"index": index}) for index, turn in enumerate(turns))


def said(turn: Turn, text: str) -> Turn:
    return turn.model_copy(update={"text": text})


async def marked(desk: Desk) -> OpenSession:
    """A span on turn 0, turn 1 as a whole, a correction of turn 2, a moment on turn 3."""
    session = await desk.library.open("acme", "sess_000001")
    await desk.review.load(session)
    review = desk.review
    await review.annotate(start_ms=10, end_ms=200, tag="span")
    await review.annotate(start_ms=None, turn_index=1, tag="turn")
    await review.annotate(start_ms=None, turn_index=2, tag="correction", text="Let me see.", corrects=True)
    await review.annotate(start_ms=1_300, tag="moment")
    assert review.displaced() == ()
    return session


async def changed(desk: Desk, session: OpenSession, turns: tuple[Turn, ...]) -> dict[str, Displaced]:
    """The same session as its provider tells it now."""
    await desk.review.load(replace(session, turns=turns))
    return {one.annotation.tag: one for one in desk.review.displaced()}


async def test_a_turn_that_was_put_before_others_moves_nothing_until_one_says_so(connected: Desk) -> None:
    session = await marked(connected)
    before = connected.review.annotations
    new = said(session.turns[0], "This call may be recorded.")
    found = await changed(connected, session, renumbered([new, *session.turns]))
    assert {tag: (one.found, one.turn.index if one.turn else None) for tag, one in found.items()} == {
        "span": (Found.ELSEWHERE, 1),
        "turn": (Found.ELSEWHERE, 2),
        "correction": (Found.ELSEWHERE, 3),
        "moment": (Found.ELSEWHERE, 4),
    }
    assert connected.review.annotations == before
    for one in found.values():
        assert one.turn is not None
        await connected.review.reanchor(one.annotation.annotation_id, one.turn.index)
    assert connected.review.displaced() == ()
    after = {one.tag: one for one in connected.review.annotations}
    assert [after[tag].turn_index for tag in ("span", "turn", "correction", "moment")] == [1, 2, 3, 4]
    assert (after["span"].start_ms, after["span"].end_ms, after["moment"].start_ms) == (10, 200, 1_300)
    assert len(await connected.events("annotation.reanchored")) == 4
    for _ in found:
        await connected.review.undo()
    assert {(one.tag, one.turn_index) for one in connected.review.annotations} == {
        (one.tag, one.turn_index) for one in before
    }


async def test_reworded_split_and_joined_turns_are_offered_and_what_is_gone_is_an_orphan(connected: Desk) -> None:
    session = await marked(connected)
    first, second, third, fourth = session.turns
    turns = [
        said(first, "Good morning, what can I"),
        said(first, "do for you?"),
        said(second, "I was charged two times."),
        said(third, "Let me look at that. Thank you."),
    ]
    found = await changed(connected, session, renumbered(turns))
    assert {tag: (one.found, one.turn.index if one.turn else None) for tag, one in found.items()} == {
        "span": (Found.REWORDED, 0),
        "turn": (Found.REWORDED, 2),
        "correction": (Found.REWORDED, 3),
        "moment": (Found.NOWHERE, None),
    }
    orphan = found["moment"].annotation
    assert (orphan.quote, orphan.start_ms) == (fourth.text, 1_300), "it keeps its words and its time"
    after = await connected.review.reanchor(found["turn"].annotation.annotation_id, 2)
    assert (after.quote, after.kind) == ("I was charged two times.", AnnotationKind.TURN)
    assert [one.annotation.tag for one in connected.review.displaced()] == ["span", "correction", "moment"]
    with pytest.raises(UsageError):
        await connected.review.reanchor(orphan.annotation_id, 99)


async def test_of_equal_words_the_nearest_are_taken(connected: Desk) -> None:
    session = await marked(connected)
    turns = list(session.turns)
    turns[1] = said(turns[1], "Hm.")
    words = session.turns[1]
    far = words.model_copy(update={"start_ms": 1_500, "end_ms": 1_600})
    near = words.model_copy(update={"start_ms": 500, "end_ms": 600})
    found = await changed(connected, session, renumbered([*turns, far, near]))
    assert found["turn"].turn is not None
    assert found["turn"].turn.start_ms == 500
    moved = await connected.review.reanchor(found["turn"].annotation.annotation_id, found["turn"].turn.index)
    assert (moved.start_ms, moved.end_ms) == (500, 600), "what is said of a turn has its turn's times"


async def test_an_annotation_on_no_turn_is_never_an_orphan(connected: Desk) -> None:
    session = await marked(connected)
    gap = session.turns[0].model_copy(update={"end_ms": 100})
    await connected.review.load(replace(session, turns=(gap, *session.turns[1:])))
    await connected.review.annotate(start_ms=150, tag="silence")
    found = await changed(connected, session, ())
    assert set(found) == {"span", "turn", "correction", "moment"}
    assert {one.found for one in found.values()} == {Found.NOWHERE}


def test_the_difference_is_told_word_by_word() -> None:
    assert difference("take 5 mg daily", "take 50 mg daily now") == (
        ("same", "take"),
        ("gone", "5"),
        ("new", "50"),
        ("same", "mg daily"),
        ("new", "now"),
    )
    assert difference("", "") == ()
