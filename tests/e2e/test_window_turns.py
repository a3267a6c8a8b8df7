"""Turns that end before the next begins, and turns that speak at once: what is shown at each moment."""

from __future__ import annotations

from parts import accessible
from parts.heard import SUBJECT
from parts.window import Room
from qa_player.demo.server import DemoServer
from qa_player.store import sessions

SPANS = ((500, 1_500), (1_000, 2_000), (3_000, 3_500))
ACTIVE = {
    200: (),
    500: (0,),
    999: (0,),
    1_000: (1, 0),
    1_499: (1, 0),
    1_500: (1,),
    2_000: (),
    2_999: (),
    3_000: (2,),
    3_499: (2,),
    3_500: (),
    7_999: (),
}


async def with_ends(room: Room, demo: DemoServer) -> None:
    """The tape as a provider would tell it that gives ends: three turns, of which two overlap; kept, then offline."""
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.verified)
    assert room.app.playback.session is not None
    detail = room.app.playback.session.detail
    turns = tuple(
        turn.model_copy(update={"raw_start_ms": start, "raw_end_ms": end})
        for turn, (start, end) in zip(detail.turns, SPANS, strict=False)
    )
    told = detail.model_copy(update={"turns": turns})
    await room.app._database.write(lambda transaction: sessions.save_detail(transaction, told))
    await room.app.playback.close()
    demo.api_faults.captive_portal = True
    await room.open(SUBJECT)
    await room.until(lambda: room.app.playback.state.verified)


async def test_gaps_show_nobody_and_overlaps_show_all_who_speak(room: Room, demo: DemoServer) -> None:
    await with_ends(room, demo)
    view = room.panels.transcript.view
    for at_ms, active in ACTIVE.items():
        room.app.playback.seek(at_ms)
        await room.until(lambda at_ms=at_ms: room.app.playback.position_ms == at_ms)
        assert view.turns.active == active, at_ms
        (label,) = accessible.named(room.shell, "Active turn")
        assert label.description.split(" ")[0] == (str(active[0]) if active else ""), at_ms


async def test_they_follow_one_another_while_it_plays(room: Room, demo: DemoServer) -> None:
    await with_ends(room, demo)
    seen: list[tuple[int, ...]] = []
    room.app.playback.active_turns_changed.connect(seen.append)
    room.app.playback.play()
    await room.until(lambda: room.app.playback.position_ms > 3_600)
    assert seen == [(0,), (1, 0), (1,), (), (2,), ()]
