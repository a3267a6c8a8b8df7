"""The queue: drawn as anyone can draw again, worked in the order in which things are lost."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.desk import Desk
from parts.stored import NOON, session
from qa_player.errors import NotFoundError, UsageError
from qa_player.model.listing import SessionChip, SessionFilter, SessionOrder
from qa_player.model.review_state import ReviewProgress, ReviewState
from qa_player.model.sample import Population, Rule, Strata, draw, population_digest, population_of
from qa_player.store import review_states, sessions

POPULATION = [session(number, agent=f"agent {number % 3}") for number in range(30)]


async def keep(desk: Desk) -> None:
    await desk.database.write(lambda db: sessions.save_page(db, POPULATION))


async def test_a_sample_is_drawn_again_by_hand(desk: Desk) -> None:
    """The rule as the documents tell it, followed with hashlib alone."""
    await keep(desk)
    sample = await desk.queue.sample(Population(connection="acme"), seed="2026-48", count=5)
    lines = [f"acme\t{one.session_id}" for one in POPULATION]
    tickets = sorted((hashlib.sha256(f"2026-48\n{line}".encode()).hexdigest(), line) for line in lines)
    assert [f"{one.connection}\t{one.session_id}" for one in sample.drawn] == [line for _, line in tickets[:5]]
    digest = hashlib.sha256("".join(f"{line}\n" for line in sorted(lines)).encode()).hexdigest()
    assert (sample.size, sample.population_digest) == (30, digest)
    assert {(one.item.session_id, one.item.sample_id) for one in await desk.queue.all()} == {
        (one.session_id, sample.sample_id) for one in sample.drawn
    }
    assert await desk.queue.samples() == (sample,)
    (event,) = await desk.events("queue.sampled")
    assert event.detail["population_digest"] == digest


async def test_each_stratum_gives_alike_and_a_smaller_one_all_it_has(desk: Desk) -> None:
    await keep(desk)
    sample = await desk.queue.sample(Population(), seed="x", count=4, strata=Strata.AGENT)
    assert [one.stratum for one in sample.drawn] == ["agent 0"] * 4 + ["agent 1"] * 4 + ["agent 2"] * 4
    all_of_one = await desk.queue.sample(Population(agent="agent 1"), seed="x", count=99)
    assert len(all_of_one.drawn) == all_of_one.size == 10
    assert len(await desk.queue.all()) == 18, "what is in the queue is not put there twice"


async def test_a_population_is_narrowed_by_its_dates(desk: Desk) -> None:
    await keep(desk)
    wanted = Population(since=NOON + timedelta(hours=10), until=NOON + timedelta(hours=12))
    sample = await desk.queue.sample(wanted, seed="x", count=9)
    assert {one.session_id for one in sample.drawn} == {"sess_10", "sess_11", "sess_12"}
    with pytest.raises(UsageError, match="no session to draw"):
        await desk.queue.sample(Population(connection="nobody"), seed="x", count=1)
    with pytest.raises(UsageError, match="at least one"):
        await desk.queue.sample(wanted, seed="x", count=0)


async def test_a_rule_takes_the_first_and_what_does_not_tell_comes_last(desk: Desk) -> None:
    lengths = {1: 60_000, 2: None, 3: 90_000, 4: 90_000}
    known = [session(number, duration_ms=length) for number, length in lengths.items()]
    await desk.database.write(lambda db: sessions.save_page(db, known))
    sample = await desk.queue.sample(Population(), seed="unused", count=3, rule=Rule.LONGEST)
    assert [one.session_id for one in sample.drawn] == ["sess_3", "sess_4", "sess_1"]
    assert (sample.seed, sample.rule, sample.size) == ("", Rule.LONGEST, 4)
    every = await desk.queue.sample(Population(), seed="", count=9, rule=Rule.LONGEST)
    assert every.drawn[-1].session_id == "sess_2"
    newest = await desk.queue.sample(Population(), seed="", count=1, rule=Rule.NEWEST)
    assert [one.session_id for one in newest.drawn] == ["sess_4"]
    first, *_ = await desk.events("queue.sampled")
    assert first.detail["rule"] == "longest"


async def test_a_population_is_what_the_list_shows(desk: Desk) -> None:
    await keep(desk)
    await review(desk, "sess_3", ReviewState.DONE)
    listed = SessionFilter(text="agent 0", chips=frozenset({SessionChip.TO_REVIEW, SessionChip.WITH_RECORDING}))
    shown = await desk.library.rows(await desk.library.numbers(listed))
    sample = await desk.queue.sample(population_of(listed), seed="x", count=99)
    assert {one.session_id for one in sample.drawn} == {row.session.session_id for row in shown}
    assert "sess_3" not in {one.session_id for one in sample.drawn}
    assert 0 < sample.size < 10


async def test_what_would_be_drawn_is_told_and_nothing_is(desk: Desk) -> None:
    await keep(desk)
    looked = await desk.queue.outlook(Population(), count=4, strata=Strata.AGENT)
    assert (looked.size, looked.strata, looked.drawn) == (30, 3, 12)
    few = await desk.queue.outlook(Population(agent="agent 1"), count=99)
    assert (few.size, few.strata, few.drawn) == (10, 1, 10)
    assert await desk.queue.samples() == ()
    assert await desk.queue.all() == ()


async def test_the_list_can_show_a_sample_alone(desk: Desk) -> None:
    await keep(desk)
    sample = await desk.queue.sample(Population(), seed="x", count=5)
    await desk.queue.sample(Population(), seed="y", count=5)
    drawn = {one.session_id for one in sample.drawn}
    shown = SessionFilter(sample_id=sample.sample_id)
    rows = await desk.library.rows(await desk.library.numbers(shown))
    assert {row.session.session_id for row in rows} == drawn
    assert (await desk.library.counts(shown))[SessionChip.QUEUED] == 5
    gone = drawn.pop()
    await desk.queue.remove("acme", gone)
    assert len(await desk.library.numbers(shown)) == 5, "it was drawn, whether it is in the queue or not"
    again = await desk.queue.sample(population_of(shown), seed="z", count=2)
    assert (again.size, {one.session_id for one in again.drawn} <= drawn | {gone}) == (5, True)
    assert await desk.library.numbers(SessionFilter(sample_id="nobody's")) == []
    assert await desk.library.numbers(SessionFilter(connection="other", sample_id=sample.sample_id)) == []


async def test_a_day_is_set_and_the_change_is_in_the_trail(desk: Desk) -> None:
    await keep(desk)
    await desk.queue.set_due("acme", "sess_1", NOON)
    await desk.queue.set_due("acme", "sess_1", NOON)
    await desk.queue.set_due("acme", "sess_1", None)
    (one,) = await desk.queue.all()
    assert one.item.due_at is None
    assert len(await desk.events("queue.added")) == 1
    assert [dict(event.detail) for event in await desk.events("queue.due_set")] == [{"due_at": None}]
    with pytest.raises(NotFoundError):
        await desk.queue.set_due("acme", "never heard of", NOON)


async def test_what_is_lost_first_comes_first_and_what_is_done_is_not_next(desk: Desk) -> None:
    late = [session(1), session(2, retention_deadline=NOON + timedelta(days=2)), session(3)]
    soon = session(4, retention_deadline=NOON + timedelta(days=1))
    await desk.database.write(lambda db: sessions.save_page(db, [*late, soon]))
    for number, due_days in ((1, None), (2, None), (3, 5), (4, None)):
        due_at = None if due_days is None else NOON + timedelta(days=due_days)
        assert await desk.queue.add("acme", f"sess_{number}", due_at=due_at)
    assert not await desk.queue.add("acme", "sess_1")
    assert [one.item.session_id for one in await desk.queue.all()] == ["sess_4", "sess_2", "sess_3", "sess_1"]
    done = ReviewProgress(
        connection="acme", session_id="sess_4", state=ReviewState.DONE, changed_at=NOON, changed_by="rita"
    )
    await desk.database.write(lambda db: review_states.save(db, done))
    following = await desk.queue.next()
    assert following is not None
    assert following.item.session_id == "sess_2"
    for number in (1, 2, 3):
        await desk.queue.remove("acme", f"sess_{number}")
    assert await desk.queue.next() is None
    with pytest.raises(NotFoundError):
        await desk.queue.remove("acme", "sess_1")
    with pytest.raises(NotFoundError):
        await desk.queue.add("acme", "never heard of")


async def test_how_far_the_queue_is_worked_is_told_of_the_open_session(desk: Desk) -> None:
    known = [session(number, duration_ms=None if number == 3 else 60_000 * number) for number in range(1, 5)]
    await desk.database.write(lambda db: sessions.save_page(db, known))
    for number in (1, 2, 3):
        await desk.queue.add("acme", f"sess_{number}")
    assert await desk.ahead.progress("acme", "sess_4") is None
    first = await desk.ahead.progress("acme", "sess_1")
    assert first is not None
    assert (first.at, first.total, first.left_ms, first.untold) == (1, 3, 120_000, 1)
    await review(desk, "sess_1", ReviewState.DONE)
    await review(desk, "sess_2", ReviewState.DISPUTED)
    last = await desk.ahead.progress("acme", "sess_3")
    assert last is not None
    assert (last.at, last.total, last.left_ms, last.untold) == (3, 3, 0, 0)
    again = await desk.ahead.progress("acme", "sess_1")
    assert again is not None
    assert (again.at, again.untold) == (2, 1)


async def test_what_follows_is_the_first_that_is_left_and_never_the_same(desk: Desk) -> None:
    await keep(desk)
    for number in (1, 2, 3):
        await desk.queue.add("acme", f"sess_{number}")
    for here, expected in (("sess_1", "sess_2"), ("sess_2", "sess_1"), ("sess_9", "sess_1")):
        coming = await desk.ahead.following("acme", here)
        assert coming is not None
        assert coming.item.session_id == expected
    await review(desk, "sess_1", ReviewState.DONE)
    await review(desk, "sess_2", ReviewState.DONE)
    assert await desk.ahead.following("acme", "sess_3") is None


async def test_the_list_can_be_sorted_as_the_queue_is_worked(desk: Desk) -> None:
    kept = [session(1), session(2), session(3, retention_deadline=NOON), session(4)]
    await desk.database.write(lambda db: sessions.save_page(db, kept))
    for number in (2, 3):
        await desk.queue.add("acme", f"sess_{number}")
    numbers = await desk.library.numbers(SessionFilter(order=SessionOrder.QUEUE))
    rows = await desk.library.rows(numbers)
    assert [row.session.session_id for row in rows] == ["sess_3", "sess_2", "sess_4", "sess_1"]


async def review(desk: Desk, session_id: str, state: ReviewState) -> None:
    progress = ReviewProgress(connection="acme", session_id=session_id, state=state, changed_at=NOON, changed_by="rita")
    await desk.database.write(lambda db: review_states.save(db, progress))


@given(st.sets(st.integers(0, 29), min_size=1), st.integers(1, 10), st.text(max_size=5))
def test_who_draws_in_whatever_order_draws_the_same(numbers: set[int], count: int, seed: str) -> None:
    there = [POPULATION[number] for number in sorted(numbers)]
    assert draw(there, seed=seed, count=count) == draw(there[::-1], seed=seed, count=count)
    assert population_digest(there) == population_digest(there[::-1])
    one_more = draw([*there, session(99)], seed=seed, count=count)
    assert len(set(draw(there, seed=seed, count=count)) - set(one_more)) <= 1


def test_every_session_has_the_same_chance() -> None:
    """3,000 draws of 10 from 30: each is drawn 1,000 times, give or take six standard deviations (26 each)."""
    counts = dict.fromkeys((one.session_id for one in POPULATION), 0)
    for number in range(3_000):
        for one in draw(POPULATION, seed=str(number), count=10):
            counts[one.session_id] += 1
    assert all(abs(count - 1_000) < 6 * 26 for count in counts.values())
