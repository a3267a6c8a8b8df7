"""A relay in another process or on a server, listened to from here: nothing lost, nobody let in, nothing hidden."""

from __future__ import annotations

import asyncio
import contextlib
import random
import string
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from parts.certificates import made
from parts.desk import Desk
from parts.elsewhere import Wire, another_home, attended
from parts.loop import wait_until
from parts.switchboard import Switchboard
from parts.weight import MOST_GROWTH, resident
from qa_player.demo.carrier import CallSound
from qa_player.errors import KeyRefusedError, NetworkError, UsageError
from qa_player.live.line import Limits
from qa_player.live.wire import Follow, spelled
from qa_player.model.live import CaptureState, RelayLine
from qa_player.model.playback import Phase
from qa_player.model.secret import Secret
from qa_player.model.session import SessionState

RATE = 8_000
CALL = "call-1"


def tones(seconds: float) -> CallSound:
    clock = np.arange(int(seconds * RATE)) / RATE
    sides = [(np.sin(2 * np.pi * (300 + 200 * side) * clock) * 9_000).astype(np.int16) for side in (0, 1)]
    return CallSound(sides[0], sides[1], RATE)


@contextlib.asynccontextmanager
async def going_on(board: Switchboard, call_id: str = CALL, seconds: float = 30.0) -> AsyncIterator[threading.Event]:
    """A call in real time at the relay; the event hangs it up."""
    stop = threading.Event()
    invitation = await board.expect(call_id)
    sending = asyncio.create_task(board.call(invitation, call_id, tones(seconds), speed=1, stop=stop))
    try:
        await wait_until(lambda: board.desk.live.end_ms(call_id) > 0)
        yield stop
    finally:
        stop.set()
        await sending
        await wait_until(lambda: not board.desk.live.audience.calls())


async def same_sound(one: Desk, other: Desk, session_id: str = CALL) -> bool:
    """Whether both homes have the same samples of a call, and any."""
    end_ms = (await one.live.captures.named(session_id)).duration_ms or 0
    first, second = [(await desk.live.sound(session_id, 0, end_ms))[1] for desk in (one, other)]
    return bool(first.any()) and np.array_equal(first, second)


async def test_a_call_on_a_server_is_heard_late_kept_and_audited_on_both_sides(
    board: Switchboard, tmp_path: Path
) -> None:
    key = await board.desk.live.audience.add("front desk")
    async with another_home(tmp_path / "there") as there:
        await attended(there, board.place.public_url, key)
        async with going_on(board) as stop:
            # a late joiner: two seconds are over before anybody listens
            await wait_until(lambda: board.desk.live.end_ms(CALL) > 2_000)
            await wait_until(lambda: [one.session_id for one in there.live.calls] == [CALL])
            detail = await there.library.detail("live", CALL, fresh=True)
            assert detail.session.state is SessionState.IN_PROGRESS
            assert there.live.end_ms(CALL) == 0, "nothing of it is sent before somebody wants to hear it"
            assert not await board.desk.events("live.listened_by")
            session = await there.playback.open("live", CALL)
            assert (there.playback.state.phase, there.playback.state.live) == (Phase.READY, True)
            await wait_until(lambda: there.live.end_ms(CALL) > 2_500)
            await wait_until(lambda: there.playback.position_ms > 2_500)
            assert there.live.end_ms(CALL) - there.playback.position_ms < 400
            there.playback.seek(300)
            await wait_until(lambda: 400 < there.playback.position_ms < 1_500)
            await there.review.load(session)
            await there.review.annotate(start_ms=600, end_ms=900, tag="greeting", text="")
            stop.set()
        await wait_until(lambda: not there.live.calls)
        mine, theirs = await there.live.captures.named(CALL), await board.desk.live.captures.named(CALL)
        assert (mine.state, mine.relay, mine.relay_session) == (CaptureState.ENDED, "office", CALL)
        assert (mine.sha256, mine.entries) == (theirs.sha256, theirs.entries)
        assert mine.entries > 100
        assert mine.lost == theirs.lost == 0
        assert await same_sound(board.desk, there)
        session = await there.playback.open("live", CALL)
        await wait_until(lambda: there.playback.state.verified)
        assert session.detail.session.state is SessionState.READY
        await there.review.load(session)
        assert [(one.tag, one.start_ms) for one in there.review.annotations] == [("greeting", 600)]
        assert [event.session_id for event in await there.events("live.listened")] == [CALL]
        await there.playback.close()
        there.coverage.end()
    said = [(event.subject, event.session_id) for event in await board.desk.events("live.listened_by")]
    assert said == [("front desk", CALL)]
    assert [event.subject for event in await board.desk.events("live.listener_came")] == ["front desk", "front desk"]


async def test_another_process_of_the_same_home_needs_no_key(
    board: Switchboard, make_desk: Callable[..., Awaitable[Desk]]
) -> None:
    window = await make_desk()
    await window.live.relays.attend()
    async with going_on(board) as stop:
        await wait_until(lambda: [one.session_id for one in window.live.calls] == [CALL])
        await window.playback.open("live", CALL)
        assert window.playback.state.live
        await wait_until(lambda: window.playback.position_ms > 800)
        stop.set()
    await wait_until(lambda: not window.live.calls)
    assert (await window.live.captures.named(CALL)).state is CaptureState.ENDED
    assert await same_sound(board.desk, window)
    assert len(list(window.home.live.iterdir())) == 2, "the lock and the relay's own journal"
    assert [one.subject for one in await window.events("live.listened_by")] == ["this home"]
    assert len(await window.events("live.ended")) == 1
    await window.playback.close()
    window.coverage.end()


async def test_what_came_while_the_line_was_lost_is_asked_for(board: Switchboard, tmp_path: Path) -> None:
    key = await board.desk.live.audience.add("front desk")
    wire = Wire(int(board.place.listening.rpartition(":")[2]))
    address = f"http://127.0.0.1:{await wire.start()}"
    async with another_home(tmp_path / "there") as there:
        await attended(there, address, key)
        async with going_on(board) as stop:
            await wait_until(lambda: there.live.calls)
            assert await there.live.relays.follow(CALL) is not None
            await wait_until(lambda: there.live.end_ms(CALL) > 500)
            wire.refusing = True
            wire.cut()
            await wait_until(lambda: there.live.relays.line_of("office") is RelayLine.LOST)
            had_ms, dialled = there.live.end_ms(CALL), wire.dialled
            assert [one.session_id for one in there.live.calls] == [CALL], "it goes on, as far as is known"
            await wait_until(lambda: wire.dialled > dialled)
            wire.refusing = False
            await wait_until(lambda: there.live.end_ms(CALL) > had_ms + 1_000)
            wire.cut()
            stop.set()
        await wait_until(lambda: not there.live.calls)
        mine, theirs = await there.live.captures.named(CALL), await board.desk.live.captures.named(CALL)
        assert (mine.state, mine.sha256) == (CaptureState.ENDED, theirs.sha256)
        assert await same_sound(board.desk, there)
    await wire.aclose()


async def test_a_window_that_is_closed_in_between_has_the_rest_afterwards(board: Switchboard, tmp_path: Path) -> None:
    key = await board.desk.live.audience.add("front desk")
    async with another_home(tmp_path / "there") as there:
        await attended(there, board.place.public_url, key)
        async with going_on(board) as stop:
            await wait_until(lambda: there.live.calls)
            await there.live.relays.follow(CALL)
            await wait_until(lambda: there.live.end_ms(CALL) > 300)
            await there.live.relays.aclose()
            assert (await there.live.captures.named(CALL)).state is CaptureState.RECEIVING
            stop.set()
        await there.live.captures.recover()
        await there.live.relays.attend()
        await wait_until(lambda: there.live.relays.line_of("office") is RelayLine.OPEN)
        sealed = (await board.desk.live.captures.named(CALL)).sha256
        for _ in range(200):
            if (mine := await there.live.captures.named(CALL)).state is CaptureState.ENDED:
                break
            await asyncio.sleep(0.02)
        assert mine.sha256 == sealed


async def test_a_call_that_nobody_listened_to_is_had_when_it_is_opened(board: Switchboard, tmp_path: Path) -> None:
    key = await board.desk.live.audience.add("front desk")
    async with another_home(tmp_path / "there") as there:
        await attended(there, board.place.public_url, key)
        async with going_on(board, seconds=0.5):
            await wait_until(lambda: there.live.calls)
        await wait_until(lambda: not there.live.calls)
        assert (await there.live.captures.named(CALL)).state is CaptureState.ELSEWHERE
        assert not there.live.captures.path(CALL).exists()
        await there.playback.open("live", CALL)
        await wait_until(lambda: there.playback.state.verified)
        assert (await there.live.captures.named(CALL)).state is CaptureState.ENDED
        assert await same_sound(board.desk, there)
        assert [one.session_id for one in await board.desk.events("live.listened_by")] == [CALL]
        await there.playback.close()
        there.coverage.end()


async def test_what_is_not_what_the_relay_sealed_is_told(board: Switchboard, tmp_path: Path) -> None:
    key = await board.desk.live.audience.add("front desk")
    told: list[str] = []
    async with another_home(tmp_path / "there") as there:
        there.live.relays.trouble.connect(lambda message, _next: told.append(message))
        await attended(there, board.place.public_url, key)
        async with going_on(board, seconds=0.5):
            await wait_until(lambda: there.live.calls)
            received = await there.live.relays.follow(CALL)
            assert received is not None
            await wait_until(lambda: there.live.end_ms(CALL) > 200)
            # a second of it is changed where it lies
            received.journal.turn()
            received.journal.flush()
            path = there.live.captures.path(CALL)
            spoilt = bytearray(path.read_bytes())
            spoilt[len(spoilt) // 2] ^= 1
            path.write_bytes(spoilt)
        await wait_until(lambda: told)
        assert told == [f"The call {CALL} is not what its relay sealed."]
        mine = await there.live.captures.named(CALL)
        assert "not what the relay sealed" in mine.end_reason
        event = (await there.events("live.differs"))[0]
        assert event.detail["sealed"] == (await board.desk.live.captures.named(CALL)).sha256


async def test_a_listener_that_takes_nothing_holds_up_nobody(board: Switchboard, tmp_path: Path) -> None:
    key = await board.desk.live.audience.add("front desk")
    wire = Wire(int(board.place.listening.rpartition(":")[2]))
    address = f"http://127.0.0.1:{await wire.start()}"
    async with another_home(tmp_path / "there") as there:
        await attended(there, address, key)
        long = "call-2"
        async with going_on(board):
            await wait_until(lambda: there.live.calls)
            await there.live.relays.follow(CALL)
            await wait_until(lambda: there.live.end_ms(CALL) > 100)
            wire.flows.clear()
            # a whole minute comes at once meanwhile, and is received to its last frame
            invitation = await board.expect(long)
            await asyncio.wait_for(board.call(invitation, long, tones(60), speed=0), 30)
            await wait_until(lambda: len(board.desk.live.audience.calls()) == 1, timeout=20)
            capture = await board.desk.live.captures.named(long)
            assert (capture.state, capture.lost, capture.duration_ms) == (CaptureState.ENDED, 0, 60_000)
            before_ms = board.desk.live.end_ms(CALL)
            await wait_until(lambda: board.desk.live.end_ms(CALL) > before_ms + 200)
            wire.flows.set()
            await wait_until(lambda: there.live.end_ms(CALL) > before_ms)
    await wire.aclose()


async def test_listeners_that_read_nothing_cost_no_memory(board: Switchboard) -> None:
    key = (await board.desk.live.audience.add("front desk")).reveal()
    await board.desk.live.stop_serving()
    board.place = await board.desk.live.serve(limits=Limits(send_s=1.0))
    invitation = await board.expect(CALL)
    await board.call(invitation, CALL, tones(60), speed=0)
    await wait_until(lambda: not board.desk.live.calls, timeout=20)
    address = f"{board.place.public_url.replace('http', 'ws')}/listen"
    before = resident()
    follow = [spelled(Follow(CALL, 0, channel)) for channel in range(20)]
    lines = []
    for _ in range(10):
        line = await connect(address, additional_headers={"Authorization": f"Bearer {key}"}, proxy=None, max_queue=1)
        line.transport.pause_reading()
        for ask in follow:
            await line.send(ask)
        lines.append(line)
    assert len(board.desk.live.audience.listening) == 10
    # two hundred times a minute of a call were asked for, which are hundreds of megabytes
    await wait_until(lambda: not board.desk.live.audience.listening, timeout=20)
    assert resident() - before < MOST_GROWTH
    for line in lines:
        line.transport.abort()


async def test_who_has_no_key_of_ours_hears_nothing(board: Switchboard, tmp_path: Path) -> None:
    audience = board.desk.live.audience
    key = await audience.add("front desk")
    assert len(key.reveal()) >= 22
    async with another_home(tmp_path / "there") as there:
        flipped = Secret(("A" if key.reveal()[0] != "A" else "B") + key.reveal()[1:])
        with pytest.raises(KeyRefusedError):
            await there.live.relays.add("office", board.place.public_url, flipped)
        assert await there.live.relays.all() == ()
        with pytest.raises(UsageError, match="not encrypted"):
            await there.live.relays.add("office", "ws://calls.example.org", key)
        with pytest.raises(UsageError):
            await there.live.relays.add("office", board.place.public_url, Secret(""))
        await attended(there, board.place.public_url, key)
        assert audience.listening == ("front desk",)
        # a key that is taken away is taken away at once, also from whoever is inside
        await audience.remove("front desk")
        await wait_until(lambda: there.live.relays.line_of("office") is RelayLine.REFUSED)
        assert audience.listening == ()
        await there.live.relays.remove("office")
        assert await there.keychain.get(f"relay/{'0' * 32}/office") is None


async def test_away_from_this_machine_only_a_trusted_certificate_gets_the_key(
    board: Switchboard, make_desk: Callable[..., Awaitable[Desk]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    pem, private = made(tmp_path, begins=now - timedelta(days=1), ends=now + timedelta(days=90))
    await board.desk.live.stop_serving()
    board.place = await board.desk.live.serve(certificate=pem, key=private)
    key = await board.desk.live.audience.add("front desk")
    async with another_home(tmp_path / "there") as there:
        with pytest.raises(NetworkError, match="not one that is trusted"):
            await there.live.relays.add("office", board.place.public_url, key)
        assert not await board.desk.events("live.listener_came")
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        await attended(there, board.place.public_url, key)
    # a window of the relay's own home knows its certificate, whoever signed it
    monkeypatch.delenv("SSL_CERT_FILE")
    window = await make_desk()
    await window.live.relays.attend()
    await wait_until(lambda: window.live.relays.line_of("") is RelayLine.OPEN)
    assert board.desk.live.audience.listening == ("this home",)


FORGED = {
    "no key": {},
    "an empty key": {"Authorization": "Bearer "},
    "another scheme": {"Authorization": "Basic KEY"},
    "a key of another": {"Authorization": "Bearer " + "x" * 43},
    "the digest instead": {"Authorization": "Bearer DIGEST"},
    "a browser": {"Authorization": "Bearer KEY", "Origin": "https://calls.example.org"},
    "another host": {"Authorization": "Bearer KEY", "Host": "evil.example.org"},
    "the key of a former run": {"Authorization": "Bearer FORMER"},
}


@pytest.mark.parametrize("kind", FORGED)
async def test_forged_listeners_are_refused(board: Switchboard, kind: str) -> None:
    audience = board.desk.live.audience
    key = (await audience.add("front desk")).reveal()
    digest = (await audience.keys())[0].key_sha256
    former = audience.own_key("0" * 32).reveal()
    address = f"{board.place.public_url}/listen"
    headers = {
        name: value.replace("KEY", key).replace("DIGEST", digest).replace("FORMER", former)
        for name, value in FORGED[kind].items()
    }
    for _ in range(5):
        assert await board.knock(address, headers) == 403
    assert not await board.desk.events("live.listener_came")
    # the control: nothing but that was wrong with it
    assert await board.knock(address, {"Authorization": f"Bearer {key}"}) == 101
    own = audience.own_key(audience.run).reveal()
    assert await board.knock(address, {"Authorization": f"Bearer {own}"}) == 101


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=[pytest.mark.nightly, pytest.mark.timeout(900)])])
async def test_no_key_that_was_guessed_is_taken(board: Switchboard, count: int) -> None:
    key = (await board.desk.live.audience.add("front desk")).reveal()
    address = f"{board.place.public_url}/listen"
    chance = random.Random(42)
    letters = string.ascii_letters + string.digits + "-_"
    taken = 0
    for _ in range(count):
        at = chance.randrange(len(key))
        other = chance.choice([letter for letter in letters if letter != key[at]])
        guessed = chance.choice((key[:at] + other + key[at + 1 :], key[:-1], key + other, key.swapcase()))
        taken += await board.knock(address, {"Authorization": f"Bearer {guessed}"}) != 403
    assert taken == 0
    assert await board.knock(address, {"Authorization": f"Bearer {key}"}) == 101


async def test_a_listener_that_floods_is_hung_up_on_while_the_call_goes_on(board: Switchboard) -> None:
    key = (await board.desk.live.audience.add("front desk")).reveal()
    address = f"{board.place.public_url.replace('http', 'ws')}/listen"
    headers = {"Authorization": f"Bearer {key}"}
    async with going_on(board):
        for flood in ('{"here": true}', '{"tell": "call-1"}', "x" * 5_000, "{}", '{"follow": "call-1", "from": -1}'):
            async with connect(address, additional_headers=headers, proxy=None) as line:
                with pytest.raises(ConnectionClosed):
                    await asyncio.wait_for(flooded(line, flood), 5)
        before_ms = board.desk.live.end_ms(CALL)
        await wait_until(lambda: board.desk.live.end_ms(CALL) > before_ms + 200)
        assert (await board.desk.live.captures.named(CALL)).state is CaptureState.RECEIVING


async def flooded(line: ClientConnection, flood: str) -> None:
    """Send on, then listen, until the other end has had enough."""
    for _ in range(2_000):
        await line.send(flood)
        await asyncio.sleep(0)
    while True:
        await line.recv()
