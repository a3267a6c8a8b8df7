"""Joins the parts: builds the object graph of services over store, keychain, providers and media. No Qt.

The only place that knows all parts. What first needs a slow library loads it: stored data is printed without network.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
from collections.abc import AsyncIterator
from functools import cached_property
from typing import TYPE_CHECKING

from qa_player.errors import UsageError
from qa_player.files import Home
from qa_player.model.actor import Actor
from qa_player.model.secret import Secret
from qa_player.model.start import Demo, Start
from qa_player.sealed import derive_key
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
from qa_player.services.kept import Kept
from qa_player.services.knowing import Knowing
from qa_player.services.library import Library
from qa_player.services.live import Live
from qa_player.services.live.built_in import CapturedConnection
from qa_player.services.live.relays import Reach
from qa_player.services.notes import Notes
from qa_player.services.ongoing import Ongoing
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
from qa_player.settings import Settings, read_settings, refuse_team_store

if TYPE_CHECKING:
    from qa_player.credentials import Keychain
    from qa_player.media.cache import RecordingCache
    from qa_player.media.engine import Output
    from qa_player.model.transcript import Turn
    from qa_player.providers.http import Http
    from qa_player.store.database import Database


def keeps_keys_in_memory() -> bool:
    """Whether the environment asks for a keychain that dies with this process; raises UsageError."""
    wanted = os.environ.get("QA_PLAYER_KEYCHAIN", "")
    if wanted not in ("", "memory"):
        raise UsageError("QA_PLAYER_KEYCHAIN names a keychain that does not exist.", "Leave it out, or say `memory`.")
    return wanted == "memory"


class App:
    """The graph. Parts that need slow libraries come to be when first asked for."""

    def __init__(
        self, *, home: Home, settings: Settings, database: Database, keychain: Keychain, home_id: str, key: bytes
    ) -> None:
        self.home = home
        self.settings = settings
        self._database = database
        self._key = key
        self._http: Http | None = None
        self._cache: RecordingCache | None = None
        self.output: Output | None = None
        self.ringing: tuple[str, ...] = ()
        """In the demo the calls that its carriers can send here."""
        self.trail = Trail(Actor(login=getpass.getuser(), display_name=settings.display_name))
        self.audit = Audit(database, self.trail)
        self.connections = self._make_connections(keychain, home_id)
        own, reach = derive_key(key, "live"), Reach(keychain, home_id, settings.proxy)
        self.live = Live(
            database=database, connections=self.connections, trail=self.trail, folder=home.live, key=own, reach=reach
        )
        self.library = Library(database=database, connections=self.connections, trail=self.trail)
        self.knowing = Knowing(database=database, connections=self.connections, library=self.library)
        self._make_judging(database)
        self._make_exchange(database)
        self._make_hearing(database)

    def _make_judging(self, database: Database) -> None:
        self.review = Review(database=database, trail=self.trail)
        self.arranging = Arranging(database=database, trail=self.trail)
        self.verification = Verification(database=database, trail=self.trail)
        self.coverage = Coverage(database=database, trail=self.trail)
        self.forms = Forms(database=database, trail=self.trail)
        self.tag_sets = TagSets(database=database, trail=self.trail)
        self.queue = Queue(database=database, trail=self.trail)
        self.calibration = Calibration(
            database=database,
            connections=self.connections,
            library=self.library,
            trail=self.trail,
            key=derive_key(self._key, "calibration"),
        )
        self.disputes = Disputes(
            database=database, connections=self.connections, library=self.library, trail=self.trail
        )
        self.results = Results(database=database, trail=self.trail)
        self.scoring = Scoring(database=database, trail=self.trail, listened=self.coverage)
        self.notes = Notes(database=database, connections=self.connections, trail=self.trail)
        self.unfinished = UnfinishedWork(database=database, trail=self.trail)

    def _make_exchange(self, database: Database) -> None:
        self.bringing = Bringing(
            database=database, connections=self.connections, library=self.library, trail=self.trail
        )
        self.searching = Searching(database=database, audit=self.audit)
        self.imports = Imports(database=database, library=self.library, trail=self.trail)
        self.exchange = Exchange(
            database=database,
            connections=self.connections,
            library=self.library,
            audit=self.audit,
            trail=self.trail,
        )
        self.transcripts = Transcripts(database=database, library=self.library, trail=self.trail)
        self.handing_on = HandingOn(
            database=database, connections=self.connections, library=self.library, trail=self.trail
        )

    def _make_hearing(self, database: Database) -> None:
        self.recordings = Recordings(
            connections=self.connections, library=self.library, audit=self.audit, make_cache=self._make_cache
        )
        self.clipping = Clipping(library=self.library, recordings=self.recordings, audit=self.audit)
        self.kept = Kept(audit=self.audit, make_cache=self._make_cache)
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

    @cached_property
    def ongoing(self) -> Ongoing:
        """Asks again for conversations that go on, while somebody watches."""
        return Ongoing(library=self.library)

    @cached_property
    def playback(self) -> Playback:
        """The player; its sound goes to ``output``, or to a silent clock while there is none."""
        playback = Playback(
            library=self.library,
            recordings=self.recordings,
            output=self.output,
            latency_ms=self.settings.output_latency_ms,
            going_on=self.live.listening,
        )
        playback.turns_placed.connect(self.review.moved)
        playback.turns_placed.connect(self.scoring.moved)
        playback.opened.connect(self.coverage.begin)
        playback.heard.connect(self.coverage.hear)
        playback.closed.connect(self.coverage.end)
        return playback

    async def data_version(self) -> int:
        """Changes when another process wrote into the database."""
        return await self._database.data_version()

    async def aclose(self) -> None:
        """Stop what plays, close what is open, in the order in which they need each other; one that fails to close
        keeps none of the others open."""
        async with contextlib.AsyncExitStack() as last_first:
            last_first.push_async_callback(self._database.aclose)
            if self._http is not None:
                last_first.push_async_callback(self._http.aclose)
            last_first.push_async_callback(self.connections.aclose)
            if self._cache is not None:
                last_first.push_async_callback(self._cache.aclose)
            last_first.push_async_callback(self.live.aclose)
            last_first.push_async_callback(self.review.settled)
            last_first.push_async_callback(self.scoring.settled)
            last_first.push_async_callback(self.coverage.settled)
            if "playback" in self.__dict__:
                last_first.push_async_callback(self.playback.close)

    def _make_connections(self, keychain: Keychain, home_id: str) -> Connections:
        captured = CapturedConnection(lambda: self.live)
        return Connections(
            database=self._database,
            keychain=keychain,
            make_http=self._make_http,
            read_transcript=read_transcript,
            home_id=home_id,
            trail=self.trail,
            descriptions=self.home.providers,
            built_in={captured.name: captured},
        )

    def _make_http(self) -> Http:
        from qa_player.providers.http import Http

        if self._http is None:
            self._http = Http(proxy=self.settings.proxy)
        return self._http

    def _make_cache(self) -> RecordingCache:
        from qa_player.media.cache import RecordingCache
        from qa_player.media.decode.probe import probe
        from qa_player.store.cache_index import StoredCacheIndex

        if self._cache is None:
            self._cache = RecordingCache(
                self.home.recordings,
                StoredCacheIndex(self._database),
                derive_key(self._key, "recordings"),
                limit_bytes=self.settings.cache_limit_mb * 1_000_000,
                probe=probe,
            )
        return self._cache


async def build(start: Start, *, output: Output | None = None) -> App:
    """Open the home and join the services; raises StorageError, KeychainError, DatabaseError, UsageError."""
    from qa_player.credentials import home_key
    from qa_player.store.database import Database

    if start.demo is None:
        refuse_team_store()
    await asyncio.to_thread(start.home.make)
    settings = await asyncio.to_thread(read_settings, start.home)
    keychain = _keychain(start)
    home_id, key = await home_key(start.home, keychain)
    database = await Database.open(start.home.database, derive_key(key, "database"))
    app = App(home=start.home, settings=settings, database=database, keychain=keychain, home_id=home_id, key=key)
    app.output = output
    if start.demo is not None:
        await _connect_demo(app, start.demo)
        app.ringing = start.ringing
    return app


@contextlib.asynccontextmanager
async def opened(start: Start) -> AsyncIterator[App]:
    """An app for the length of one command."""
    app = await build(start)
    try:
        yield app
    finally:
        await app.aclose()


def read_transcript(data: bytes, name: str) -> tuple[tuple[Turn, ...], tuple[str, ...]]:
    """Joins providers that hold files to the formats that read them."""
    from qa_player.formats import readers

    transcript = readers.read_transcript(data, name)
    return transcript.turns, transcript.problems


def _keychain(start: Start) -> Keychain:
    from qa_player.credentials import MemoryKeychain, SystemKeychain

    if start.demo is not None or keeps_keys_in_memory():
        return MemoryKeychain()
    return SystemKeychain(sealed_folder=start.home.sealed_secrets)


async def _connect_demo(app: App, demo: Demo) -> None:
    known = {connection.name for connection in await app.connections.all()}
    for offered in demo.connections:
        if offered.name not in known:
            await app.connections.add(
                name=offered.name,
                provider=offered.provider,
                base_url=offered.base_url,
                options=offered.options,
                key=Secret(offered.key),
            )
