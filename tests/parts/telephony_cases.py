"""The telephony vendors as cases of the contract suite: one account's calls, told in either dialect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from parts.loop import Loop
from parts.provider_cases import HASTE, Case, Everything
from qa_player.demo.phone_calls import PhoneCall, Piece
from qa_player.demo.phone_server import PhoneServer
from qa_player.demo.plivo import PlivoApi
from qa_player.demo.vobiz import VobizApi
from qa_player.files import resource
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers import registry
from qa_player.providers.http import Http

MEDIA = resource("demo", "recordings", "appointment-booking.mp3")
SECOND = resource("demo", "recordings", "password-reset.wav")
ACCOUNT, TOKEN = "MA_CASE0042", "token-of-the-case"


def piece(recording_id: str, /, **told: object) -> Piece:
    """A recording that says wav and is mp3."""
    return Piece(recording_id, MEDIA, 127_434, told=told)


def call(call_id: str, *pieces: Piece, hours_ago: float, **told: object) -> PhoneCall:
    """A call that began so long ago."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=hours_ago)
    return PhoneCall(call_id, began, 140, pieces, **told)  # type: ignore[arg-type]


def described(server: PhoneServer, provider: str) -> Connection:
    """A connection to a stand-in."""
    return Connection(
        name="phone",
        provider=provider,
        base_url=server.base_url,
        options={"auth_id": ACCOUNT},
        created_at=datetime.now(UTC),
    )


def vobiz(loop: Loop, *, lifetime_s: float) -> Iterator[Case]:
    """Every call is listed, recorded or not; media ask for the key."""
    del lifetime_s
    broken = call("call-broken", hours_ago=5, told={"uuid": None})
    listed = _calls()
    server = PhoneServer("vobiz", VobizApi([*listed, broken, _others()], ACCOUNT, TOKEN))
    listed_ids = [one.call_id for one in listed]
    yield from _case(loop, server, "vobiz", listed_ids, recent=("call-heard", "call-silent"), key="x-auth-token")


def plivo(loop: Loop, *, lifetime_s: float) -> Iterator[Case]:
    """Only recorded calls are listed; media are open."""
    del lifetime_s
    broken = call("call-broken", piece("rec-broken", recording_id=None), hours_ago=5)
    calls = _calls()
    server = PhoneServer("plivo", PlivoApi([*calls, broken, _others()], ACCOUNT, TOKEN))
    listed_ids = [one.call_id for one in calls if one.pieces]
    yield from _case(loop, server, "plivo", listed_ids, recent=("call-heard",), key="authorization")


def _calls() -> list[PhoneCall]:
    """Newest first, over more than one window of 30 days."""
    return [
        call("call-heard", piece("rec-heard"), hours_ago=1),
        call("call-silent", hours_ago=2),
        call("call-going", hours_ago=3, over=False),
        call("call-twice", piece("rec-a"), Piece("rec-b", SECOND, 71_000, after_s=130), hours_ago=4),
        *(
            call(f"call-more{number}", piece(f"rec-more{number}"), hours_ago=24 * 9 * (1 + number))
            for number in range(9)
        ),
    ]


def _others() -> PhoneCall:
    return call("call-others", piece("rec-others"), hours_ago=30, ours=False)


def _case(
    loop: Loop, server: PhoneServer, provider: str, listed: list[str], *, recent: tuple[str, ...], key: str
) -> Iterator[Case]:
    http = Http(proxy="off", patience=HASTE)

    def make(token: str) -> Everything:
        kind = registry.kinds()[provider]
        return kind.make(described(server, provider), Secret(token), http)  # type: ignore[return-value]

    def media_with_key() -> int:
        return sum(logged.origin.endswith("media") and key in logged.header_names for logged in server.log)

    with server:
        living = make(TOKEN)
        yield Case(
            provider=living,
            make=make,
            listed=listed,
            heard="call-heard",
            media=MEDIA.read_bytes(),
            silent="call-silent",
            in_progress="call-going",
            messy="call-heard",
            hidden="call-others",
            api_faults=server.api_faults,
            media_faults=server.media_faults,
            media_requests=lambda: sum(logged.origin.endswith("media") for logged in server.log),
            keyed_media_requests=media_with_key,
            api_requests=lambda: sum(logged.origin.endswith("api") for logged in server.log),
            part="rec-heard",
            several="call-twice",
            pieces=(MEDIA.read_bytes(), SECOND.read_bytes()),
            recent=recent,
            keyed_media=provider == "vobiz",
            detail_costs=2,
            absent="call-nobody",
        )
        loop.run(living.aclose())
        loop.run(http.aclose())
    assert server.bugs == ()


TELEPHONY = {"plivo": plivo, "vobiz": vobiz}
