"""Listing and reading sessions: paged in, kept, found again offline, and one provider's trouble hides no other's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from parts.conversations import NOON, conversation
from parts.desk import Desk
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer
from qa_player.errors import KeyRefusedError, NetworkError, NotFoundError, UnexpectedAnswerError
from qa_player.model.listing import SessionChip, SessionFilter
from qa_player.model.recording import MediaFacts
from qa_player.model.secret import Secret
from qa_player.model.session import SessionState
from qa_player.model.transcript import Flag
from qa_player.providers.base import SessionQuery


async def titles(desk: Desk, **wanted: object) -> list[str]:
    """What the sessions panel would show."""
    rows = await desk.library.rows(await desk.library.numbers(SessionFilter(**wanted)))
    return [row.session.title for row in rows]


async def listed(desk: Desk, *, text: str = "", limit: int = 1_000, **query: object) -> list[str]:
    found = await desk.library.listing("acme", SessionQuery(**query), text=text, limit=limit)
    return [session.title for session in found]


async def test_every_page_is_kept_and_progress_is_told(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    await desk.connect(serve(*(conversation(number) for number in range(1, 124))))
    told = []
    desk.library.progressed.connect(lambda name, seen, total: told.append((name, seen, total)))
    refreshed = await desk.library.refresh("acme")
    assert (refreshed.count, refreshed.unreadable, refreshed.errors) == (123, 0, ())
    assert told == [("acme", 50, 123), ("acme", 100, 123), ("acme", 123, 123)]
    assert await titles(desk) == [f"Call {number}" for number in range(123, 0, -1)]
    again = await desk.library.refresh(None)
    assert again.count == 123
    assert len(await titles(desk)) == 123


async def test_one_connection_that_fails_hides_no_other(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    servers = {name: serve(conversation(at), conversation(at + 10)) for at, name in enumerate(("abc", "bcd", "cde"))}
    for name, server in servers.items():
        await desk.connect(server, name)
    servers["abc"].api.key_works = False
    servers["bcd"].api_faults.replace_body = b'{"success": true, "data": 7}'
    refreshed = await desk.library.refresh(None)
    assert [(name, type(error)) for name, error in refreshed.errors] == [
        ("abc", KeyRefusedError),
        ("bcd", UnexpectedAnswerError),
    ]
    assert refreshed.count == 2
    assert await titles(desk) == ["Call 12", "Call 2"]


async def test_all_means_all_that_can_list(desk: Desk) -> None:
    with DemoServer() as server:
        offered = next(offered for offered in server.connections if offered.provider == "suki")
        options = {name: value for name, value in offered.options.items() if name != "feed_url"}
        await desk.connections.add(
            name="visits", provider="suki", base_url=offered.base_url, options=options, key=Secret(offered.key)
        )
        assert (await desk.library.refresh(None)).errors == ()
        alone = await desk.library.refresh("visits")
    assert (alone.errors, alone.unlistable) == ((), {"visits"})


async def test_an_item_nobody_can_read_is_counted_and_hides_no_other(
    desk: Desk, serve: Callable[..., DemoServer]
) -> None:
    await desk.connect(serve(conversation(1), conversation(2, raw_summary={"session_id": None}), conversation(3)))
    refreshed = await desk.library.refresh("acme")
    assert (refreshed.count, refreshed.unreadable) == (2, 1)
    assert await titles(desk) == ["Call 3", "Call 1"]


async def test_a_provider_that_ignores_pages_is_not_asked_for_ever(
    desk: Desk, serve: Callable[..., DemoServer]
) -> None:
    server = serve(*(conversation(number) for number in range(60)))
    await desk.connect(server)
    first = await desk.library.listing("acme", SessionQuery(), limit=50)
    assert len(first) == 50
    page = server.api._listing({"page": "1", "page_size": "50"}).body
    server.api_faults.replace_body = page.replace(b'"total_sessions": 60', b'"total_sessions": 1000000')
    refreshed = await desk.library.refresh("acme")
    assert refreshed.count == 50
    assert sum(request.path.endswith("/usage/") for request in server.log) < 20


async def test_a_listing_is_newest_first_and_filtered(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    await desk.connect(serve(*(conversation(number) for number in range(1, 90))))
    assert (await listed(desk))[:3] == ["Call 89", "Call 88", "Call 87"]
    assert await listed(desk, limit=2) == ["Call 89", "Call 88"]
    assert await listed(desk, text="cALL 8", limit=4) == ["Call 89", "Call 88", "Call 87", "Call 86"]
    assert await listed(desk, text="sess_000007") == ["Call 7"]
    assert await listed(desk, text="nobody said this") == []
    since, until = NOON + timedelta(minutes=10), NOON + timedelta(minutes=12)
    assert await listed(desk, since=since, until=until) == ["Call 12", "Call 11", "Call 10"]
    assert await listed(desk, agent="billing-bot", until=until) == [f"Call {number}" for number in (12, 10, 8, 6, 4, 2)]
    assert await listed(desk, agent="nobody") == []


async def test_what_the_panel_lists_follows_search_and_chips(connected: Desk) -> None:
    await connected.library.refresh(None)
    assert await titles(connected, text="call 2") == ["Call 2"]
    assert await titles(connected, chips=frozenset({SessionChip.WITH_RECORDING})) == ["Call 1"]
    await connected.review.load(await connected.library.open("acme", "sess_000002"))
    await connected.review.annotate(start_ms=0, tag="greeting")
    assert await titles(connected, chips=frozenset({SessionChip.ANNOTATED})) == ["Call 2"]
    counts = await connected.library.counts(SessionFilter())
    assert (counts[SessionChip.ANNOTATED], counts[SessionChip.TO_REVIEW]) == (1, 1)


async def test_a_stored_session_serves_when_the_network_is_gone(connected: Desk, server: DemoServer) -> None:
    online = await connected.library.detail("acme", "sess_000001")
    server.stop()
    for fresh in (False, True):
        assert await connected.library.detail("acme", "sess_000001", fresh=fresh) == online
    with pytest.raises(NetworkError):
        await connected.library.detail("acme", "sess_000002")
    assert [name for name, _ in (await connected.library.refresh(None)).errors] == ["acme"]


async def test_a_stored_session_hides_no_refusal(connected: Desk, server: DemoServer) -> None:
    await connected.library.detail("acme", "sess_000001")
    server.api.key_works = False
    with pytest.raises(KeyRefusedError):
        await connected.library.detail("acme", "sess_000001", fresh=True)


async def test_what_has_ended_is_asked_for_once_and_what_goes_on_each_time(
    desk: Desk, serve: Callable[..., DemoServer]
) -> None:
    server = serve(conversation(1), conversation(2, finalized=False))
    await desk.connect(server)
    for session_id in ("sess_000001", "sess_000002"):
        for _ in range(3):
            await desk.library.detail("acme", session_id)
    asked = [request.path.rsplit("/", 2)[1] for request in server.log if "/sessions/" in request.path]
    assert (asked.count("sess_000001"), asked.count("sess_000002")) == (1, 3)


async def test_opening_is_recorded_before_anything_is_shown(connected: Desk) -> None:
    opened = await connected.library.open("acme", "sess_000001")
    (event,) = await connected.events("session.opened")
    assert (event.connection, event.session_id) == ("acme", "sess_000001")
    assert event.detail == {"transcript_digest": opened.detail.transcript_digest}
    with pytest.raises(NotFoundError):
        await connected.library.open("acme", "sess_000009")
    assert len(await connected.events("session.opened")) == 1


async def test_turns_are_placed_under_the_length_of_the_session_until_the_recording_is_known(
    desk: Desk, serve: Callable[..., DemoServer], spoken: Sample
) -> None:
    told = spoken.told | {"turns": [*spoken.told["turns"], {**spoken.told["turns"][0], "start_ms": 1_550}]}
    await desk.connect(serve(Sample(told, spoken.created_at)))
    session = await desk.library.open("acme", "sess_000001")
    assert [(turn.start_ms, turn.end_ms) for turn in session.turns][-2:] == [(1_200, 1_550), (1_550, 1_600)]
    assert session.recording_ms is None
    measured = session.measured(1_500)
    assert Flag.AFTER_END in measured.turns[-1].flags
    assert measured.turns[-2].end_ms == 1_500


async def test_the_length_that_was_fetched_is_in_force_the_next_time(connected: Desk) -> None:
    fetched = await connected.recordings.fetch("acme", "sess_000001", out=None, reason="", progress=lambda *_: None)
    facts: MediaFacts = fetched[0][1]
    assert (await connected.library.open("acme", "sess_000001")).recording_ms == facts.duration_ms == 1_600


async def test_sessions_of_two_connections_with_the_same_id_are_kept_apart(
    desk: Desk, serve: Callable[..., DemoServer]
) -> None:
    await desk.connect(serve(conversation(1, subject="one")), "one")
    await desk.connect(serve(conversation(1, subject="two")), "two")
    await desk.library.refresh(None)
    assert await titles(desk, connection="one") == ["one"]
    assert (await desk.library.detail("two", "sess_000001")).session.title == "two"


async def test_a_session_that_goes_on_says_so(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    await desk.connect(serve(conversation(1, finalized=False, turns=[])))
    session = (await desk.library.open("acme", "sess_000001")).detail.session
    assert (session.state, session.ended_at) == (SessionState.IN_PROGRESS, None)


async def test_an_unknown_connection_is_named(desk: Desk) -> None:
    for act in (desk.library.listing("nobody", SessionQuery(), limit=1), desk.library.detail("nobody", "x")):
        with pytest.raises(NotFoundError, match="no connection called “nobody”"):
            await act
    refreshed = await desk.library.refresh("nobody")
    assert isinstance(refreshed.errors[0][1], NotFoundError)
