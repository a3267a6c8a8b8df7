"""What a provider must keep, tried one by one: a description on answers lying beside it, any provider on its API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_player.errors import KeyRefusedError, NotFoundError, QaPlayerError, UsageError
from qa_player.files import storage_errors
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingState
from qa_player.model.session import Session, SessionDetail
from qa_player.providers.answers import parse_json
from qa_player.providers.base import (
    GivesDetail,
    GivesRecording,
    ListsSessions,
    Provider,
    SessionQuery,
)
from qa_player.providers.described import transcripts
from qa_player.providers.described.document import Description
from qa_player.providers.described.paths import first, items
from qa_player.providers.described.sessions import session_of

LARGEST_SAMPLE = 16 * 1024 * 1024
PAGES_TRIED = 3
WRONG_KEY = "not-the-key"


@dataclass(frozen=True)
class Promise:
    """One thing that was tried, whether it holds, and what was seen. ``kept`` null: there was nothing to try it on."""

    name: str
    kept: bool | None
    seen: str


def samples_of(file: Path) -> Path:
    """The folder of answers that lies beside a description."""
    return file.with_name(f"{file.stem}.samples")


def on_samples(description: Description, folder: Path, connection: Connection) -> Iterator[Promise]:
    """What holds for the answers in ``folder``: listing*.json, detail*.json and transcript*.json. Raises UsageError."""
    listings, details, apart = (_read(folder, f"{name}*.json") for name in ("listing", "detail", "transcript"))
    if not listings and not details:
        yield Promise("samples", None, f"there are none in {folder.name}")
    for name, answer in listings.items():
        yield from _listing(description, connection, name, answer)
    for name, answer in details.items():
        yield from _detail(description, connection, name, answer, next(iter(apart.values()), None))


def _listing(description: Description, connection: Connection, name: str, answer: Any) -> Iterator[Promise]:
    listing = description.listing
    if listing is None:
        yield Promise(f"{name}: sessions", False, "the description has no listing")
        return
    received = items(answer, listing.items)
    if received is None:
        yield Promise(f"{name}: sessions", False, "listing.items leads to no list")
        return
    read = [session_of(description, connection, item, listed=True) for item in received]
    found = [session for session in read if session is not None]
    bad = len(read) - len(found)
    yield Promise(f"{name}: sessions", bool(found) and not bad, f"{len(found)} read, {bad} without a usable id")
    dated = sum(session.started_at is not None for session in found)
    yield Promise(f"{name}: when they began", dated == len(found), f"{dated} of {len(found)} say it")
    ids = {session.session_id for session in found}
    yield Promise(f"{name}: no doubles", len(ids) == len(found), f"{len(ids)} ids")


def _detail(description: Description, connection: Connection, name: str, answer: Any, beside: Any) -> Iterator[Promise]:
    item = first(answer, description.detail.root)
    session = session_of(description, connection, item, listed=False)
    if session is None:
        yield Promise(f"{name}: session", False, "detail.root and session.id lead to no session")
        return
    yield Promise(f"{name}: session", True, f"{session.state}, {_length(session)}")
    said = description.transcript
    if said is not None:
        received = transcripts.turns_received(said, item if said.address is None else beside)
        turns, timing = transcripts.read(said, received, item, session.duration_ms)
        timed = sum(turn.raw_start_ms is not None for turn in turns)
        yield Promise(f"{name}: turns", bool(turns), f"{len(turns)}")
        yield Promise(f"{name}: times of turns", timed == len(turns), f"{timed} of {len(turns)}, {timing.quality}")
        worded = sum(bool(turn.text) and bool(turn.raw_role) for turn in turns)
        yield Promise(f"{name}: roles and texts", worded == len(turns), f"{worded} of {len(turns)} have both")
    if description.recording is not None:
        there = session.recording_state is not RecordingState.NONE
        yield Promise(f"{name}: recording", True if there else None, session.recording_state)


async def on_the_api(
    provider: Provider, stranger: Callable[[], Provider], session_id: str | None
) -> AsyncIterator[Promise]:
    """What holds for the API itself; ``stranger`` makes the provider with a wrong key."""
    yield await _tried("the key is taken", provider.check())
    wrong = stranger()
    yield await _refused("a wrong key is refused", wrong.check(), KeyRefusedError)
    await wrong.aclose()
    found: list[Session] = []
    if isinstance(provider, ListsSessions):
        async for promise in _pages(provider, found):
            yield promise
    wanted = session_id or next((one.session_id for one in found), None)
    if wanted is None or not isinstance(provider, GivesDetail):
        yield Promise("a session", None, "none is listed; name one with --session")
        return
    yield await _refused("an unknown session is not found", provider.detail("no-such-session-0"), NotFoundError)
    try:
        detail = await provider.detail(wanted)
    except QaPlayerError as error:
        yield Promise("a session's detail", False, f"{error.kind}: {error.message}")
        return
    timed = sum(turn.raw_start_ms is not None for turn in detail.turns)
    yield Promise(
        "a session's detail", True, f"{len(detail.turns)} turns, {timed} with a time, {detail.timing.quality}"
    )
    again = await provider.detail(wanted)
    same = again.transcript_digest == detail.transcript_digest
    yield Promise("the same transcript twice", same, detail.transcript_digest[:12])
    yield await _recording(provider, detail)


async def _pages(provider: ListsSessions, found: list[Session]) -> AsyncIterator[Promise]:
    cursor: str | None = None
    unreadable = 0
    for number in range(PAGES_TRIED):
        try:
            page = await provider.list_sessions(SessionQuery(), cursor, 5)
        except QaPlayerError as error:
            yield Promise(f"page {number + 1} of the list", False, f"{error.kind}: {error.message}")
            return
        found.extend(page.sessions)
        unreadable += page.unreadable
        cursor = page.cursor
        if cursor is None:
            break
    yield Promise("the list", unreadable == 0, f"{len(found)} sessions, {unreadable} unreadable, in {number + 1} pages")
    doubles = len(found) - len({session.session_id for session in found})
    yield Promise("no doubles from page to page", doubles == 0, f"{doubles} doubles")


async def _recording(provider: Provider, detail: SessionDetail) -> Promise:
    heard = next((part for part in detail.parts if part.state is RecordingState.AVAILABLE), None)
    if heard is None or not isinstance(provider, GivesRecording):
        return Promise("the recording", None, "this session has none to be heard")
    try:
        door = await provider.recording(detail.session.session_id, heard.part_id)
        answer = await door.read(0, 65_536, None)
        got = 0
        try:
            async for piece in answer.chunks:
                got += len(piece)
                if got >= 65_536:
                    break
        finally:
            await answer.aclose()
    except QaPlayerError as error:
        return Promise("the recording", False, f"{error.kind}: {error.message}")
    return Promise("the recording", answer.status in (200, 206) and got > 0, f"status {answer.status}, {got} bytes")


async def _tried(name: str, call: Any) -> Promise:
    try:
        await call
    except QaPlayerError as error:
        return Promise(name, False, f"{error.kind}: {error.message}")
    return Promise(name, True, "yes")


async def _refused(name: str, call: Any, kind: type[QaPlayerError]) -> Promise:
    try:
        await call
    except QaPlayerError as error:
        return Promise(name, isinstance(error, kind), error.kind)
    return Promise(name, False, "it is answered")


def _length(session: Session) -> str:
    return "no length told" if session.duration_ms is None else f"{session.duration_ms} ms"


def _read(folder: Path, pattern: str) -> dict[str, Any]:
    found = {}
    with storage_errors():
        for file in sorted(folder.glob(pattern))[:50]:
            if file.stat().st_size > LARGEST_SAMPLE:
                raise UsageError(f"The sample {file.name} is larger than 16 MiB.", "Cut it down.")
            try:
                json.loads(file.read_bytes())
            except ValueError:
                raise UsageError(f"The sample {file.name} is not JSON.", "Save an answer of the API in it.") from None
            found[file.stem] = parse_json(file.read_bytes(), "application/json")
    return found
