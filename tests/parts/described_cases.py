"""The described providers as cases of the contract suite: one list of conversations, told by each vendor in its way."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from parts.loop import Loop
from parts.provider_cases import HASTE, Case, Everything, running
from parts.voice_apis import KEY, ElevenLabsApi, PlainApi, RetellApi, Talk, VapiApi, VoiceApi
from qa_player.demo import recordings
from qa_player.demo.recordings import RecordingHost
from qa_player.demo.signing import Signer
from qa_player.demo.wire import Logged, Origin
from qa_player.files import resource
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers import registry
from qa_player.providers.http import Http

SAID = ({"role": "user", "text": "Hi", "at": 0.0},)
MESSY = (
    {"role": "supervisor", "text": "unknown role", "at": 1.5, "mood": "cross"},
    {"role": "agent", "text": "NaN", "at_literal": "NaN"},
    {"role": "user", "text": "late", "at": 9_000},
    {"role": "user", "text_literal": '"lone \\ud800"', "at_literal": "1e400"},
    {"role": "user", "text": "none"},
)


def talks() -> list[Talk]:
    """What the suite asks for, newest first."""
    now = datetime.now(UTC).replace(microsecond=0)

    def ago(hours: float) -> datetime:
        return now - timedelta(hours=hours)

    return [
        Talk("heard", ago(1), recorded=True, turns=SAID),
        Talk("silent", ago(2), turns=SAID),
        Talk("going", ago(3), state="going"),
        Talk("messy", ago(4), turns=MESSY, more={"new_field": {"a": 1}}),
        Talk(None, ago(5)),
        Talk("same1", ago(6)),
        Talk("same2", ago(6)),
        *(Talk(f"more{number}", ago(7 + number)) for number in range(8)),
        Talk("others", ago(30), ours=False),
    ]


def case(
    loop: Loop, *, lifetime_s: float, vendor: str, api: type[VoiceApi], media: str = "cancel-the-add-on.mp4"
) -> Iterator[Case]:
    """One vendor beside its stand-in."""
    file, signer, said = resource("demo", "recordings", media), Signer(), talks()
    host = RecordingHost({file.name: file}, signer)
    storage = Origin("recordings", host.answer, recordings.failure)
    host.faults = storage.faults
    standing_in = api(said, file, lambda: signer.address(storage.address, file.name, lifetime_s))
    origin = Origin("api", standing_in.answer, api.failure)
    http = Http(proxy="off", patience=HASTE)
    with running(origin, storage), tempfile.TemporaryDirectory() as folder:
        make = partial(_made, vendor, _base(vendor, origin.address, Path(folder)), http)
        provider = make(KEY)
        with_key = api is ElevenLabsApi
        yield Case(
            provider=provider,
            make=make,
            listed=[talk.session_id for talk in said if talk.ours and talk.session_id],
            heard="heard",
            media=file.read_bytes(),
            silent="silent",
            in_progress="going",
            messy="messy",
            hidden="others",
            absent="nobody",
            api_faults=origin.faults,
            media_faults=origin.faults if with_key else storage.faults,
            media_requests=lambda: len(storage.log) + sum(one.path.endswith(_WAYS_TO_SOUND) for one in origin.log),
            keyed_media_requests=lambda: sum(api.header in one.header_names for one in (*storage.log, *_audio(origin))),
            api_requests=lambda: len(origin.log),
            keyed_media=with_key,
            lists_bare=api is VapiApi,
        )
        loop.run(provider.aclose())
        loop.run(http.aclose())


_WAYS_TO_SOUND = ("/audio", "-recording")
"""ElevenLabs gives the sound itself, Vapi a redirect to it."""


def _audio(origin: Origin) -> list[Logged]:
    return [one for one in origin.log if one.path.endswith("/audio")]


def _base(vendor: str, address: str, folder: Path) -> str:
    """The stand-in's address, or for a description of one's own its file."""
    if vendor != "described":
        return f"{address}/v1" if vendor == "acme" else address
    text = resource("providers", "skeleton", "description.toml").read_text("utf-8")
    file = folder / "acme.toml"
    file.write_text(text.replace("NAME", "acme").replace("https://api.example.com", address))
    return str(file)


def _made(vendor: str, base_url: str, http: Http, key: str) -> Everything:
    connection = Connection(name="demo", provider=vendor, base_url=base_url, created_at=datetime.now(UTC))
    return registry.kinds()[vendor].make(connection, Secret(key), http)  # type: ignore[return-value]


DESCRIBED: dict[str, Callable[..., Iterator[Case]]] = {
    "described": partial(case, vendor="described", api=PlainApi),
    "elevenlabs": partial(case, vendor="elevenlabs", api=ElevenLabsApi, media="appointment-booking.mp3"),
    "retell": partial(case, vendor="retell", api=RetellApi),
    "vapi": partial(case, vendor="vapi", api=VapiApi),
}
THIRD_PARTY: dict[str, Callable[..., Iterator[Case]]] = {"acme": partial(case, vendor="acme", api=PlainApi)}
"""Held to the suite where its package is installed (tests/contract/test_third_party.py does so)."""
