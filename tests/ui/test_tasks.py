"""Tasks: only the last wish of a name counts, what is saved is never cancelled, and errors go where they belong."""

from __future__ import annotations

import asyncio

from qa_player.errors import NetworkError, QaPlayerError
from qa_player.ui.tasks import Tasks


class Told:
    def __init__(self) -> None:
        self.trouble: list[tuple[QaPlayerError, str]] = []
        self.bugs: list[tuple[BaseException, str]] = []
        self.tasks = Tasks(
            trouble=lambda error, name: self.trouble.append((error, name)),
            bug=lambda bug, name: self.bugs.append((bug, name)),
        )


async def test_a_second_start_of_one_name_cancels_the_first() -> None:
    told, ended = Told(), []

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        ended.append(number)

    told.tasks.start("list", work(1))
    told.tasks.start("list", work(2))
    told.tasks.start("other", work(3))
    while told.tasks.running("list") or told.tasks.running("other"):
        await asyncio.sleep(0)
    assert sorted(ended) == [2, 3]
    assert told.trouble == told.bugs == []


async def test_what_is_queued_runs_in_order_and_outlives_the_closing_when_it_saves() -> None:
    told, ended = Told(), []

    async def save(number: int) -> None:
        await asyncio.sleep(0.001)
        ended.append(number)

    for number in range(3):
        told.tasks.then("save", save(number))
    told.tasks.start("poll", asyncio.sleep(60))
    await told.tasks.close()
    assert ended == [0, 1, 2]
    told.tasks.start("late", save(9))
    told.tasks.then("save", save(9))
    await asyncio.sleep(0.01)
    assert ended == [0, 1, 2]


async def test_known_trouble_and_bugs_go_to_different_places() -> None:
    told, here = Told(), []
    known, bug = NetworkError("No network.", "Connect."), ValueError("a bug")

    async def fail(error: Exception) -> None:
        raise error

    told.tasks.start("a", fail(known))
    told.tasks.start("b", fail(bug))
    told.tasks.start("c", fail(known), trouble=here.append)
    while any(map(told.tasks.running, "abc")):
        await asyncio.sleep(0)
    assert told.trouble == [(known, "a")]
    assert told.bugs == [(bug, "b")]
    assert here == [known]
    await told.tasks.close()
