"""The demo's stand-in providers on loopback, and the fixture of every test that needs a provider."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from qa_player.demo import lyzr, oshara, recordings, suki
from qa_player.demo.calls import Call, calls_of, load_calls
from qa_player.demo.faults import Faults
from qa_player.demo.lyzr import LyzrApi
from qa_player.demo.oshara import OsharaApi
from qa_player.demo.phone_calls import PhoneCall, sample_calls
from qa_player.demo.phone_server import PhoneServer
from qa_player.demo.plivo import PlivoApi
from qa_player.demo.recordings import RecordingHost
from qa_player.demo.samples import Sample, SpokenTurn, load_samples
from qa_player.demo.signing import Signer
from qa_player.demo.streaming import LIVE_CALLS
from qa_player.demo.suki import SukiApi
from qa_player.demo.visits import Visit, load_visits
from qa_player.demo.vobiz import VobizApi
from qa_player.demo.wire import Logged, Origin


@dataclass(frozen=True)
class DemoConnection:
    """A connection to be added: the one place where a key is meant to be read."""

    name: str
    provider: str
    base_url: str
    options: Mapping[str, str]
    key: str = field(repr=False)


class DemoServer:
    """Five origins: the APIs of Oshara, Lyzr and Suki, a feed of visits, and the recordings behind addresses that live
    ``address_lifetime_s``. With ``samples`` of one's own only Oshara has something to offer, unless the others are
    given theirs. ``api_faults`` (Oshara's), ``lyzr_faults``, ``suki_faults`` and ``recording_faults`` make them
    misbehave; `log` says what was asked of them. ``vobiz`` and ``plivo`` are stand-ins with origins of their own.
    """

    def __init__(
        self,
        *,
        address_lifetime_s: float = 90.0,
        samples: tuple[Sample, ...] | None = None,
        calls: Sequence[Call] | None = None,
        visits: tuple[Visit, ...] | None = None,
        phone_calls: tuple[PhoneCall, ...] | None = None,
    ) -> None:
        self.address_lifetime_s = address_lifetime_s
        self.samples = load_samples() if samples is None else samples
        whole = samples is None
        self.visits = visits if visits is not None else load_visits() if whole else ()
        self.calls = list(calls) if calls is not None else [*load_calls(), *calls_of(self.samples)] if whole else []
        self._signer = Signer()
        files = {sample.recording.name: sample.recording for sample in self.samples if sample.recording is not None}
        files |= {path.name: path for visit in self.visits for path in visit.media}
        host = RecordingHost(files, self._signer)
        self.api = OsharaApi(self.samples, f"sk_{secrets.token_urlsafe(32)}", self._address)
        self.lyzr = LyzrApi(self.calls, f"lz_{secrets.token_urlsafe(32)}")
        self.suki = SukiApi(
            self.visits,
            partner_id="demo-clinic",
            key=f"demo.{secrets.token_urlsafe(32)}.partner",
            address_of=self._visit_address,
            streaming_s=address_lifetime_s,
        )
        self._key = self.api.key
        self._api_origin = Origin("api", self.api.answer, oshara.failure)
        self._lyzr_origin = Origin("lyzr", self.lyzr.answer, lyzr.failure)
        self._suki_origin = Origin("suki", self.suki.answer, suki.failure)
        self._feed_origin = Origin("feed", self.suki.feed, suki.failure)
        self._recording_origin = Origin("recordings", host.answer, recordings.failure)
        host.faults = self._recording_origin.faults
        self.phone_calls = phone_calls if phone_calls is not None else sample_calls() if whole else ()
        phone_calls = self.phone_calls
        self.vobiz = PhoneServer("vobiz", VobizApi(phone_calls, "MA_DEMO0042", secrets.token_urlsafe(32)))
        self.plivo = PhoneServer("plivo", PlivoApi(phone_calls, "MADEMO00000000000042", secrets.token_urlsafe(32)))
        self._origins = (
            self._api_origin,
            self._lyzr_origin,
            self._suki_origin,
            self._feed_origin,
            self._recording_origin,
            self.vobiz,
            self.plivo,
        )

    @property
    def connections(self) -> tuple[DemoConnection, ...]:
        """The sample connections that have something behind them, with their keys; Oshara's is always the first."""
        offered = [DemoConnection("Oshara demo", "oshara", self._api_origin.address, {}, self._key)]
        if self.calls:
            offered.append(DemoConnection("Lyzr demo", "lyzr", f"{self._lyzr_origin.address}/v1", {}, self.lyzr.key))
        if self.visits:
            options = {"partner_id": self.suki.partner_id, "feed_url": f"{self._feed_origin.address}{suki.FEED}"}
            address = f"{self._suki_origin.address}/api/v1"
            offered.append(DemoConnection("Suki demo", "suki", address, options, self.suki.key))
        if self.phone_calls:
            offered.append(_phone_connection("Vobiz demo", "vobiz", self.vobiz))
            offered.append(_phone_connection("Plivo demo", "plivo", self.plivo))
        return tuple(offered)

    @property
    def ringing(self) -> tuple[str, ...]:
        """Calls that go on at the carriers for as long as the demo does."""
        return LIVE_CALLS if self.phone_calls else ()

    @property
    def logins(self) -> tuple[DemoConnection, ...]:
        """Other ways to what `connections` show: Oshara by e-mail address and password in place of a key."""
        login = self.api.login
        options = {"email": login.email}
        return (DemoConnection("Oshara login", "oshara", self._api_origin.address, options, login.password),)

    @property
    def api_faults(self) -> Faults:
        return self._api_origin.faults

    @property
    def lyzr_faults(self) -> Faults:
        return self._lyzr_origin.faults

    @property
    def suki_faults(self) -> Faults:
        return self._suki_origin.faults

    @property
    def recording_faults(self) -> Faults:
        return self._recording_origin.faults

    @property
    def log(self) -> tuple[Logged, ...]:
        """Every request so far, of all origins, in the order in which they were answered."""
        return tuple(sorted((one for origin in self._origins for one in origin.log), key=lambda logged: logged.at))

    def sample(self, subject: str) -> Sample:
        """The sample of that subject; raises KeyError."""
        for sample in self.samples:
            if sample.subject == subject:
                return sample
        raise KeyError(subject)

    def truth(self, session_id: str) -> tuple[SpokenTurn, ...]:
        """When each turn is truly heard in a session's recording, in milliseconds from audio zero.

        Where several sessions share one recording, all have the truth of the one it was made for.
        Raises KeyError for a session that is not there.
        """
        asked = next((sample for sample in self.samples if sample.session_id == session_id), None)
        if asked is None:
            raise KeyError(session_id)
        sharing = (sample for sample in self.samples if sample.recording and sample.recording == asked.recording)
        return asked.truth or next((sample.truth for sample in sharing if sample.truth), ())

    @property
    def bugs(self) -> tuple[Exception, ...]:
        """What went wrong in the stand-in itself; a test that trusts it finds none."""
        return tuple(bug for origin in self._origins for bug in origin.bugs)

    def start(self) -> Self:
        """Open all ports."""
        for origin in self._origins:
            origin.start()
        return self

    def stop(self) -> None:
        """Close all ports and every line."""
        for origin in self._origins:
            origin.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _address(self, sample: Sample) -> str | None:
        if sample.recording is None:
            return None
        return self._signer.address(self._recording_origin.address, sample.recording.name, self.address_lifetime_s)

    def _visit_address(self, name: str, lifetime_s: float | None) -> str:
        lifetime_s = self.address_lifetime_s if lifetime_s is None else lifetime_s
        return self._signer.address(self._recording_origin.address, name, lifetime_s)


def _phone_connection(name: str, provider: str, server: PhoneServer) -> DemoConnection:
    telephone = server.telephone
    return DemoConnection(name, provider, server.base_url, {"auth_id": telephone.auth_id}, telephone.token)
