"""Five hundred edits at random, all of them taken back and made again: what is kept is the same, field by field."""

from __future__ import annotations

import random

import pytest

from parts.desk import Desk
from qa_player.model.annotation import Annotation, Severity

PLACE = ("acme", "sess_000001")
EDITS = 500

State = dict[str, dict[str, object]]


async def kept(desk: Desk) -> State:
    """Everything that is stored of every annotation, but how often and when it was saved."""
    found: tuple[Annotation, ...] = await desk.review.of_session(*PLACE)
    assert found == desk.review.annotations
    return {one.annotation_id: one.model_dump(exclude={"revision", "updated_at"}) for one in found}


async def edit(desk: Desk, chance: random.Random) -> None:
    """One change of any kind to any annotation."""
    there = desk.review.annotations
    start_ms = chance.randrange(1_200)
    what: dict[str, object] = {
        "start_ms": start_ms,
        "end_ms": chance.choice((None, start_ms + chance.randrange(1, 400))),
        "tag": chance.choice(("tone", "fee", "=1+1", "küche")),
        "severity": chance.choice((None, *Severity)),
        "text": chance.choice(("", "why?", "\n".join("ab" * 20))),
    }
    kind = chance.random()
    if not there or kind < 0.35:
        if chance.random() < 0.3:
            what |= {"start_ms": None, "end_ms": None, "turn_index": chance.randrange(4)}
        await desk.review.annotate(**what)
    elif kind < 0.8:
        await desk.review.edit(chance.choice(there).annotation_id, **what)
    else:
        await desk.review.delete(chance.choice(there).annotation_id)


@pytest.mark.timeout(120)
async def test_five_hundred_edits_can_be_taken_back_and_made_again(connected: Desk, seed: int) -> None:
    chance = random.Random(seed)
    await connected.review.load(await connected.library.open(*PLACE))
    for _ in range(5):
        await edit(connected, chance)
    await connected.review.load(await connected.library.open(*PLACE))
    states = [await kept(connected)]
    while len(states) <= EDITS:
        await edit(connected, chance)
        states.append(await kept(connected))
    assert len(connected.review.annotations) > 5
    for state in reversed(states[:-1]):
        await connected.review.undo()
        assert await kept(connected) == state
    assert not connected.review.can_undo
    for state in states[1:]:
        await connected.review.redo()
        assert await kept(connected) == state
    assert not connected.review.can_redo
    at = EDITS
    for _ in range(200):
        back = chance.random() < 0.5
        await (connected.review.undo() if back else connected.review.redo())
        at = max(at - 1, 0) if back else min(at + 1, EDITS)
    assert await kept(connected) == states[at]
    assert (await connected.audit.verify()).consistent
