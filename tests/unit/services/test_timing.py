"""The clock of a session is measured, set, kept with its origin, told to the trail, and moves no annotation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from parts.clocks import sample_named
from parts.desk import Desk
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer
from qa_player.errors import NoRecordingError, UsageError
from qa_player.model.timing import Measurement, Timing, TimingOrigin, TimingQuality, Unclear
from qa_player.services.library import OpenSession
from qa_player.services.timing import set_by_person

SUBJECT = "Address change"
"""Its first words come 1.79 s into the recording, so that no turn of it is told to be before its session began."""


def led(lead_ms: int) -> Sample:
    """A shipped conversation whose transcript begins ``lead_ms`` after its recording does."""
    sample = sample_named(SUBJECT)
    return replace(sample, told=sample.told | {"lead_ms": lead_ms, "owner": "acme"})


async def opened(desk: Desk, sample: Sample) -> OpenSession:
    return await desk.library.open("acme", sample.session_id)


async def test_a_lead_is_measured_and_nothing_is_changed_by_it(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    sample = led(1_370)
    await desk.connect(serve(sample))
    shares: list[float] = []
    found = await desk.timings.measure(await opened(desk, sample), progress=shares.append)
    assert isinstance(found, Measurement)
    assert abs(found.offset_ms - 1_370) <= 60
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert await desk.timings.kept("acme", sample.session_id) is None
    assert [event.session_id for event in await desk.events("recording.opened")] == [sample.session_id]


async def test_what_is_kept_is_in_force_everywhere_and_told_to_the_trail(
    desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path
) -> None:
    sample = led(1_370)
    await desk.connect(serve(sample))
    session = await desk.library.open("acme", sample.session_id)
    await desk.review.load(session)
    noted = await desk.review.annotate(start_ms=5_000, end_ms=6_000, tag="x")
    found = await desk.timings.measure(session)
    assert isinstance(found, Measurement)
    await desk.timings.keep("acme", sample.session_id, found.timing(), measurement=found)
    in_force = await desk.timings.in_force("acme", sample.session_id)
    assert (in_force.origin, in_force.quality) == (TimingOrigin.MEASURED, TimingQuality.EXACT)
    opened = await desk.library.open("acme", sample.session_id)
    truth = [spoken.start_ms for spoken in sample.truth]
    assert all(
        turn.start_ms is not None and abs(turn.start_ms - true) <= 60
        for turn, true in zip(opened.turns, truth, strict=True)
    )
    assert [turn.raw_start_ms for turn in opened.turns] == [turn.raw_start_ms for turn in session.turns]
    await desk.exchange.export("acme", sample.session_id, format="json", path=tmp_path / "x.json")
    written = json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert written["export"]["timing"]["offset_ms"] == found.offset_ms
    assert written["export"]["timing"]["origin"] == "measured"
    assert [turn["start_ms"] for turn in written["turns"]] == [turn.start_ms for turn in opened.turns]
    assert [(one["start_ms"], one["end_ms"]) for one in written["annotations"]] == [(noted.start_ms, noted.end_ms)]
    (event,) = await desk.events("timing.set")
    assert event.detail == {
        "origin": "measured",
        "quality": "exact",
        "offset_ms": found.offset_ms,
        "drift_ppt": round(found.drift_ppm * 1_000_000),
        "exists": True,
        "matched": found.matched,
        "turns": found.turns,
    }
    assert (await desk.audit.verify()).consistent


async def test_the_providers_own_clock_comes_back(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    sample = led(0)
    await desk.connect(serve(sample))
    own = await desk.timings.in_force("acme", sample.session_id)
    assert own.origin is TimingOrigin.PROVIDER
    await desk.timings.keep("acme", sample.session_id, set_by_person(-250, 12.5))
    assert (await desk.timings.in_force("acme", sample.session_id)).offset_ms == -250
    assert await desk.timings.forget("acme", sample.session_id) == own
    assert await desk.timings.forget("acme", sample.session_id) == own
    assert await desk.timings.in_force("acme", sample.session_id) == own
    assert [event.detail["origin"] for event in await desk.events("timing.set")] == ["person", "provider"]


async def test_a_call_whose_clock_cannot_be_told_is_not_guessed_at(connected: Desk, spoken: Sample) -> None:
    assert await connected.timings.measure(await opened(connected, spoken)) is Unclear.FEW_TURNS


async def test_without_a_recording_there_is_nothing_to_measure(connected: Desk) -> None:
    with pytest.raises(NoRecordingError):
        await connected.timings.measure(await connected.library.open("acme", "sess_000002"))


async def test_measuring_can_be_given_up(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    sample = led(1_370)
    server = serve(sample)
    await desk.connect(server)
    session = await opened(desk, sample)
    begun = asyncio.Event()
    working = asyncio.create_task(desk.timings.measure(session, progress=lambda _: begun.set()))
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


@pytest.mark.parametrize(
    ("offset_ms", "drift_ppm"), [(0, float("nan")), (0, float("inf")), (10**12, 0.0), (0, 200_000.0)]
)
def test_no_impossible_clock_is_kept(offset_ms: int, drift_ppm: float) -> None:
    with pytest.raises(UsageError):
        set_by_person(offset_ms, drift_ppm)


def test_a_clock_set_by_ear_says_so() -> None:
    assert set_by_person(1_370, 200) == Timing(
        quality=TimingQuality.APPROXIMATE, origin=TimingOrigin.PERSON, offset_ms=1_370, drift_ppm=200.0
    )
