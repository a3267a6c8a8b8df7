"""The services as ``app`` joins them, on a database of the test's own; only impatient with what does not answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from parts.recordings import QUICK
from parts.stored import KEY
from qa_player.app import read_transcript
from qa_player.credentials import MemoryKeychain
from qa_player.demo.server import DemoServer
from qa_player.files import Home
from qa_player.media.cache import RecordingCache
from qa_player.media.decode.probe import probe
from qa_player.model.actor import Actor
from qa_player.model.audit import AuditEvent
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers.http import Http
from qa_player.providers.retry import Patience
from qa_player.services.ahead import Ahead
from qa_player.services.allowing import Allowing
from qa_player.services.arranging import Arranging
from qa_player.services.audit import Audit
from qa_player.services.bringing import Bringing
from qa_player.services.calibration import Calibration
from qa_player.services.clipping import Clipping
from qa_player.services.connections import Connections
from qa_player.services.coverage import Coverage
from qa_player.services.delays import DelayMeasuring
from qa_player.services.disputes import Disputes
from qa_player.services.exchange import Exchange
from qa_player.services.forms import Forms
from qa_player.services.handing_on import HandingOn
from qa_player.services.imports import Imports
from qa_player.services.library import Library
from qa_player.services.live import Live
from qa_player.services.live.built_in import CapturedConnection
from qa_player.services.live.relays import Reach
from qa_player.services.notes import Notes
from qa_player.services.playback import Playback
from qa_player.services.queue import Queue
from qa_player.services.recordings import Recordings
from qa_player.services.results import Results
from qa_player.services.review import Review
from qa_player.services.scoring import Scoring
from qa_player.services.searching import Searching
from qa_player.services.tag_sets import TagSets
from qa_player.services.timing import Timings
from qa_player.services.trail import Trail
from qa_player.services.transcripts import Transcripts
from qa_player.services.unfinished import UnfinishedWork
from qa_player.services.verification.service import Verification
from qa_player.store.cache_index import StoredCacheIndex
from qa_player.store.database import Database

HOME_ID = "0" * 32


class Clock:
    """Every look at it is a millisecond later."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


class Desk:
    """All services of one home, and what lies under them."""

    def __init__(self, home: Home, database: Database, keychain: MemoryKeychain, *, actor: str = "rita") -> None:
        self.home = home
        self.database = database
        self.keychain = keychain
        self.http = Http(proxy="off", patience=Patience(attempts=1, deadline_s=5))
        self.cache = RecordingCache(
            home.recordings, StoredCacheIndex(database), KEY, limit_bytes=2**30, probe=probe, patience=QUICK
        )
        self.trail = Trail(Actor(login=actor), now=Clock())
        self.audit = Audit(database, self.trail)
        captured = CapturedConnection(lambda: self.live)
        self.connections = Connections(
            database=database,
            keychain=keychain,
            make_http=lambda: self.http,
            read_transcript=read_transcript,
            home_id=HOME_ID,
            trail=self.trail,
            built_in={captured.name: captured},
        )
        self.live = Live(
            database=database,
            connections=self.connections,
            trail=self.trail,
            folder=home.live,
            key=KEY,
            reach=Reach(keychain, HOME_ID, "off"),
        )
        self.library = Library(database=database, connections=self.connections, trail=self.trail)
        self.review = Review(database=database, trail=self.trail)
        self.arranging = Arranging(database=database, trail=self.trail)
        self.verification = Verification(database=database, trail=self.trail)
        self.bringing = Bringing(
            database=database, connections=self.connections, library=self.library, trail=self.trail
        )
        self.notes = Notes(database=database, connections=self.connections, trail=self.trail)
        self.coverage = Coverage(database=database, trail=self.trail)
        self.forms = Forms(database=database, trail=self.trail)
        self.tag_sets = TagSets(database=database, trail=self.trail)
        self.queue = Queue(database=database, trail=self.trail)
        self.calibration = Calibration(
            database=database, connections=self.connections, library=self.library, trail=self.trail, key=KEY
        )
        self.disputes = Disputes(
            database=database, connections=self.connections, library=self.library, trail=self.trail
        )
        self.results = Results(database=database, trail=self.trail)
        self.searching = Searching(database=database, audit=self.audit)
        self.scoring = Scoring(database=database, trail=self.trail, listened=self.coverage)
        self.imports = Imports(database=database, library=self.library, trail=self.trail)
        self.exchange = Exchange(
            database=database,
            connections=self.connections,
            library=self.library,
            audit=self.audit,
            trail=self.trail,
        )
        self.unfinished = UnfinishedWork(database=database, trail=self.trail)
        self.transcripts = Transcripts(database=database, library=self.library, trail=self.trail)
        self.handing_on = HandingOn(
            database=database, connections=self.connections, library=self.library, trail=self.trail
        )
        self.recordings = Recordings(
            connections=self.connections, library=self.library, audit=self.audit, make_cache=lambda: self.cache
        )
        self.clipping = Clipping(library=self.library, recordings=self.recordings, audit=self.audit)
        self.allowing = Allowing(database=database, trail=self.trail)
        self.ahead = Ahead(
            queue=self.queue,
            library=self.library,
            recordings=self.recordings,
            connections=self.connections,
            audit=self.audit,
        )
        self.delays = DelayMeasuring(database=database, recordings=self.recordings)
        self.timings = Timings(database=database, library=self.library, recordings=self.recordings, trail=self.trail)
        self.playback = Playback(
            library=self.library,
            recordings=self.recordings,
            output=None,
            latency_ms=0,
            going_on=self.live.listening,
        )

    async def connect(self, server: DemoServer, name: str = "acme") -> Connection:
        """Add the connection to a stand-in provider."""
        offered = server.connections[0]
        return await self.connections.add(
            name=name, provider=offered.provider, base_url=offered.base_url, options={}, key=Secret(offered.key)
        )

    async def events(self, action: str) -> list[AuditEvent]:
        """What the trail says was done of that kind."""
        return [event for event in await self.audit.show() if event.action == action]

    async def aclose(self) -> None:
        await self.playback.close()
        self.coverage.end()
        await self.coverage.settled()
        await self.live.aclose()
        await self.review.settled()
        await self.scoring.settled()
        await self.cache.aclose()
        await self.connections.aclose()
        await self.http.aclose()
        await self.database.aclose()
