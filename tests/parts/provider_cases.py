"""One provider of each vendor beside its stand-in, with the sessions that the contract suite asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from parts.loop import Loop
from qa_player.demo import lyzr as lyzr_demo
from qa_player.demo import recordings as recordings_demo
from qa_player.demo import suki as suki_demo
from qa_player.demo.calls import Call, call_of
from qa_player.demo.faults import Faults
from qa_player.demo.lyzr import LyzrApi
from qa_player.demo.recordings import RecordingHost
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer
from qa_player.demo.signing import Signer
from qa_player.demo.suki import SukiApi
from qa_player.demo.visits import Visit
from qa_player.demo.wire import Origin
from qa_player.files import resource
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers import registry
from qa_player.providers.base import GivesDetail, GivesRecording, ListsSessions, Provider
from qa_player.providers.http import Http
from qa_player.providers.retry import Patience

HASTE = Patience(attempts=3, first_wait_s=0.001, longest_wait_s=0.002, deadline_s=10.0)
SPEECH = "cancel-the-add-on.mp4"
SOMETHING = [{"role": "user", "text": "Hi", "start_ms": 0, "end_ms": 900}]


class Everything(Provider, ListsSessions, GivesDetail, GivesRecording):
    """A provider with all abilities that the suite asks for."""


@dataclass
class Case:
    """One provider beside its stand-in. ``listed`` are the ids its key sees, newest first."""

    provider: Everything
    make: Callable[[str], Everything]
    """The same connection with another key."""
    listed: list[str]
    heard: str
    """A session whose recording is ``media``."""
    media: bytes
    silent: str
    in_progress: str
    messy: str
    hidden: str
    """A session that is not ours."""
    absent: str
    api_faults: Faults
    media_faults: Faults
    media_requests: Callable[[], int]
    """Requests for a recording's bytes or for a way to them, each a line in the provider's log of who heard what."""
    keyed_media_requests: Callable[[], int]
    api_requests: Callable[[], int]
    part: str = "recording"
    """The one part of ``heard``."""
    keyed_listing: bool = True
    detail_costs: int = 1
    """Requests of a first detail, a login among them."""
    keyed_media: bool = False
    """Whether recordings lie at the vendor's own hosts, which ask for the key."""
    lists_bare: bool = False
    """Whether an empty JSON list is an answer: a list of sessions with none in it."""
    several: str | None = None
    """A session whose recording is ``pieces``, in that order; null where a vendor has no such thing."""
    pieces: tuple[bytes, ...] = ()
    recent: tuple[str, ...] | None = None
    """What is listed of the last two and a half hours, newest first; null for ``heard`` and ``silent``."""


@contextmanager
def running(*origins: Origin) -> Iterator[None]:
    for origin in origins:
        origin.start()
    try:
        yield
    finally:
        for origin in origins:
            origin.stop()
        assert [bug for origin in origins for bug in origin.bugs] == []


_OSHARA_KEYS = {"x-api-key", "authorization"}


async def _kept(base_url: str, options: Mapping[str, str], typed: str, http: Http) -> str:
    """What a connection keeps of the key that was typed."""
    keeps = registry.kinds()["oshara"].keeps
    assert keeps is not None
    connection = Connection(
        name="demo", provider="oshara", base_url=base_url, options=dict(options), created_at=datetime.now(UTC)
    )
    return (await keeps(connection, Secret(typed), http)).reveal()


def oshara_login(loop: Loop, *, lifetime_s: float) -> Iterator[Case]:
    """Oshara by e-mail address and password."""
    yield from oshara(loop, lifetime_s=lifetime_s, login=True)


def _maker(vendor: str, base_url: str, http: Http, **options: str) -> Callable[[str], Everything]:
    connection = Connection(
        name="demo", provider=vendor, base_url=base_url, options=options, created_at=datetime.now(UTC)
    )
    return lambda key: registry.kinds()[vendor].make(connection, Secret(key), http)  # type: ignore[return-value]


def _sample(session_id: str, hours_ago: int, **told: Any) -> Sample:
    shared = {"session_id": session_id, "subject": session_id, "character_slug": "support-bot", "duration_ms": 40_000}
    return Sample(shared | told, datetime.now(UTC) - timedelta(hours=hours_ago))


OSHARA_MESSY = [
    {"role": "supervisor", "text": "unknown role", "turn_index": 0, "ts": 1.5, "confidence": 0.4},
    {"role": "assistant", "text": "NaN", "turn_index": 1, "ts_literal": "NaN"},
    {"role": "user", "text": "late", "turn_index": 1, "ts": 9_000.0},
    {"role": "user", "text_literal": '"lone \\ud800"', "turn_index": 7, "ts_literal": "1e400"},
    {"role": "user", "text": "none"},
]


def oshara(loop: Loop, *, lifetime_s: float, login: bool = False) -> Iterator[Case]:
    samples = (
        _sample("sess_heard1", 1, media=SPEECH, turns=SOMETHING),
        _sample("sess_silent", 2, recording_status="NONE"),
        _sample("sess_going1", 3, finalized=False, recording_status=None),
        _sample("sess_messy1", 4, raw_transcript=OSHARA_MESSY, raw_summary={"new_field": {"a": 1}}),
        _sample("sess_broken", 5, raw_summary={"session_id": None}),
        *(_sample(f"sess_more{number:02}", 6 + number) for number in range(8)),
        _sample("sess_others", 30, owner="somebody else"),
    )
    with DemoServer(address_lifetime_s=lifetime_s, samples=samples) as demo:
        (offered,) = demo.logins if login else demo.connections[:1]
        http = Http(proxy="off", patience=HASTE)
        make = _maker("oshara", offered.base_url, http, **offered.options)
        provider = make(loop.run(_kept(offered.base_url, offered.options, offered.key, http)))
        if login:
            loop.run(provider.check())  # an access token is at hand, as after the first call of a day
        before = len(demo.log)
        media = samples[0].recording
        assert media is not None
        yield Case(
            provider=provider,
            make=make,
            listed=[one.session_id for one in samples if one.ours and one.session_id != "sess_broken"],
            heard="sess_heard1",
            media=media.read_bytes(),
            silent="sess_silent",
            in_progress="sess_going1",
            messy="sess_messy1",
            hidden="sess_others",
            absent="sess_nobody00",
            api_faults=demo.api_faults,
            media_faults=demo.recording_faults,
            media_requests=lambda: sum(logged.origin == "recordings" for logged in demo.log),
            keyed_media_requests=lambda: sum(
                logged.origin == "recordings" and bool(_OSHARA_KEYS & logged.header_names) for logged in demo.log
            ),
            api_requests=lambda: sum(logged.origin == "api" for logged in demo.log) - before,
        )
        loop.run(provider.aclose())
        loop.run(http.aclose())


def _uuid(number: int) -> str:
    return f"{number:08x}-1111-4222-8333-abcdefabcdef"


def _lyzr_call(number: int, hours_ago: int, *, ours: bool = True, media: Path | None = None, **changes: Any) -> Call:
    call = call_of(_sample(_uuid(number), hours_ago, turns=SOMETHING))
    told = {**call.told, "sessionId": _uuid(number)}
    if media is not None:
        told["sessionReport"] = told["sessionReport"] | {"audio_recording_path": "a.ogg"}
    return Call(told | changes, media, ours=ours)


def _lyzr_messy(at: float) -> list[dict[str, Any]]:
    said = {"type": "message", "role": "user"}
    return [
        said | {"role": "supervisor", "content": ["unknown role"], "created_at": at + 1.5, "mood": "cross"},
        said | {"role": "assistant", "content": ["NaN"], "created_at_literal": "NaN"},
        said | {"content": ["late", {"type": "image"}], "created_at": at + 9_000.0},
        said | {"content_literal": '["lone \\ud800"]', "created_at_literal": "1e400"},
        said | {"content": ["none"]},
    ]


def lyzr(loop: Loop, *, lifetime_s: float) -> Iterator[Case]:
    media = resource("demo", "recordings", "new-order.ogg")
    began = datetime.now(UTC) - timedelta(hours=4)
    calls = (
        _lyzr_call(1, 1, media=media),
        _lyzr_call(2, 2),
        _lyzr_call(3, 3, endedAt=None),
        _lyzr_call(
            4,
            4,
            startedAt=began.isoformat(),
            durationMs=600_000,
            chatHistory=_lyzr_messy(began.timestamp()),
            newField={},
        ),
        _lyzr_call(5, 5, sessionId=None),
        *(_lyzr_call(6 + number, 6 + number) for number in range(8)),
        _lyzr_call(99, 30, ours=False),
    )
    api = LyzrApi(calls, "lz_sample", per_minute=1_000)
    origin = Origin("lyzr", api.answer, lyzr_demo.failure)
    http = Http(proxy="off", patience=HASTE)
    with running(origin):
        make = _maker("lyzr", f"{origin.address}/v1", http)
        provider = make(api.key)
        yield Case(
            provider=provider,
            make=make,
            listed=[call.session_id for call in calls if call.ours and call.told["sessionId"]],
            heard=_uuid(1),
            media=media.read_bytes(),
            silent=_uuid(2),
            in_progress=_uuid(3),
            messy=_uuid(4),
            hidden=_uuid(99),
            absent=_uuid(77),
            api_faults=origin.faults,
            media_faults=origin.faults,
            media_requests=lambda: sum(logged.path.endswith("/audio") for logged in origin.log),
            keyed_media_requests=lambda: 0,
            api_requests=lambda: len(origin.log),
        )
        loop.run(provider.aclose())
        loop.run(http.aclose())


SUKI_MESSY = [
    {
        "transcript": "unknown role",
        "speaker_role": "supervisor",
        "start_offset": {"seconds": 1, "nanos": 500_000_000},
        "end_offset": {"seconds": 2},
        "mood": "cross",
    },
    {"transcript": "NaN", "start_offset_literal": '{"seconds": NaN}'},
    {"transcript": "late", "start_offset": {"hours": 2, "minutes": 30}, "end_offset": {"hours": 2, "minutes": 31}},
    {"transcript_literal": '"lone \\ud800"', "start_offset_literal": '{"seconds": 1e400}'},
    {"transcript": "none"},
]


def _visit(session_id: str, hours_ago: int, **told: Any) -> Visit:
    recordings = [{"media": "knee-pain.wav", "length_ms": 70_000, "wall_ms": 0}] if "recordings" in told else []
    shared = {"session_id": session_id, "title": f"Visit of {session_id}", "turns": SOMETHING, "length_ms": 70_000}
    return Visit(shared | told | {"recordings": recordings}, datetime.now(UTC) - timedelta(hours=hours_ago))


def _in_pieces(session_id: str, hours_ago: int) -> Visit:
    """A visit that was recorded twice over."""
    visit = _visit(session_id, hours_ago)
    media = ("blood-pressure-review-1.wav", "blood-pressure-review-2.wav")
    return Visit(
        visit.told | {"recordings": [{"media": name, "length_ms": 1, "wall_ms": 0} for name in media]}, visit.began
    )


def suki(loop: Loop, *, lifetime_s: float) -> Iterator[Case]:
    visits = (
        _visit("heard", 1, recordings=1),
        _visit("silent", 2, status="SKIPPED", recording="none"),
        _visit("going", 3, status="running"),
        _visit("messy", 4, raw_transcript=SUKI_MESSY),
        _visit("broken", 5, raw_visit={"title": "no id"}),
        *(_visit(f"more{number}", 6 + number) for number in range(8)),
        _in_pieces("pieces", 20),
        _visit("others", 30, ours=False),
    )
    signer = Signer()
    host = RecordingHost({path.name: path for visit in visits for path in visit.media}, signer)
    media = Origin("recordings", host.answer, recordings_demo.failure)
    host.faults = media.faults

    def address_of(name: str, life_s: float | None) -> str:
        return signer.address(media.address, name, lifetime_s if life_s is None else life_s)

    api = SukiApi(visits, partner_id="clinic", key="partner.token", address_of=address_of, streaming_s=lifetime_s)
    origin = Origin("suki", api.answer, suki_demo.failure)
    feed = Origin("feed", api.feed, suki_demo.failure)
    http = Http(proxy="off", patience=HASTE)
    with running(origin, feed, media):
        make = _maker(
            "suki",
            f"{origin.address}/api/v1",
            http,
            partner_id="clinic",
            provider_id="dr-7",
            feed_url=f"{feed.address}{suki_demo.FEED}",
        )
        provider = make(api.key)
        yield Case(
            provider=provider,
            make=make,
            listed=[visit.session_id for visit in visits if visit.ours and visit.session_id != "broken"],
            heard="heard",
            media=visits[0].media[0].read_bytes(),
            silent="silent",
            in_progress="going",
            messy="messy",
            hidden="others",
            absent="nobody",
            api_faults=origin.faults,
            media_faults=media.faults,
            media_requests=lambda: len(media.log),
            keyed_media_requests=lambda: sum(bool(_SUKI_KEYS & one.header_names) for one in media.log + feed.log),
            api_requests=lambda: len(origin.log),
            part=suki_demo.recording_id(visits[0], 0),
            several="pieces",
            pieces=tuple(path.read_bytes() for visit in visits if visit.session_id == "pieces" for path in visit.media),
            keyed_listing=False,
            detail_costs=4,
        )
        loop.run(provider.aclose())
        loop.run(http.aclose())


_SUKI_KEYS = {"sdp_suki_token", "sdp_provider_id", "authorization"}

CASES: dict[str, Callable[..., Iterator[Case]]] = {
    "lyzr": lyzr,
    "oshara": oshara,
    "oshara login": oshara_login,
    "suki": suki,
}
PRESIGNED = ("oshara", "oshara login", "suki")
"""Those whose recordings lie behind addresses that die."""


def payload(vendor: str, name: str) -> Any:
    """A payload made from a vendor's documents."""
    return json.loads((Path(__file__).parents[1] / "contract" / "payloads" / vendor / name).read_text("utf-8"))
