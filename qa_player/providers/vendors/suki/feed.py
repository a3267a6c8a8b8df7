"""The feed of visits that a customer may keep: Suki has no list, so a small document of one's own names the sessions.

``{"visits": [{"session_id": …, "title": …, "clinician": …, "patient": …, "started_at": …, "ended_at": …}]}``; only
``session_id`` is needed. The address is the person's, gets no key, and is described in docs/providers/suki.md.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qa_player.errors import GoneError, KeyRefusedError, NotFoundError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingState
from qa_player.model.session import Session, SessionState
from qa_player.providers.base import SessionPage, SessionQuery
from qa_player.providers.reading import identifier, instant, mapping, short_text
from qa_player.providers.statuses import not_as_promised
from qa_player.providers.vendors.suki.session import Visit, read_state, visit_session

if TYPE_CHECKING:
    from qa_player.providers.http import Http

MOST_VISITS = 10_000


class Feed:
    """Reads the feed. ``visits`` remembers what it told of each session."""

    def __init__(self, connection: Connection, http: Http) -> None:
        split = urllib.parse.urlsplit(connection.options.get("feed_url", ""))
        self._connection = connection
        self._params = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
        self._door = http.door(connection.options.get("feed_url", ""), headers={}, allowed_hosts=frozenset())
        self.visits: dict[str, Visit] = {}

    async def page(self, query: SessionQuery) -> SessionPage:
        """All visits that fit, newest first. Raises NotFoundError, UnexpectedAnswerError, NetworkError …"""
        answer = await self._document()
        items = answer if isinstance(answer, list) else mapping(answer).get("visits")
        if not isinstance(items, list):
            raise not_as_promised("it holds no list of visits")
        sessions: list[Session] = []
        unreadable = max(0, len(items) - MOST_VISITS)
        for item in map(mapping, items[:MOST_VISITS]):
            session_id = identifier(item.get("session_id"))
            if session_id is None:
                unreadable += 1
                continue
            self.visits[session_id] = visit = read_visit(item)
            if _fits(visit, query):
                state = read_state(item.get("status", "completed"), spoken=True)
                recording = RecordingState.AVAILABLE if state is SessionState.READY else RecordingState.PROCESSING
                sessions.append(
                    visit_session(self._connection, session_id, visit, state=state, recording_state=recording)
                )
        sessions.sort(key=lambda one: one.started_at.timestamp() if one.started_at else 0.0, reverse=True)
        return SessionPage(tuple(sessions), None, len(sessions), unreadable)

    async def _document(self) -> Any:
        """A refusal here is the feed's, not Suki's."""
        refused: UsageError
        try:
            return await self._door.get_json("", self._params)
        except KeyRefusedError:
            refused = UsageError(
                "The feed of visits asks for a key; it is read without one.",
                "Let it be read from this network, or put what it asks for into its address.",
            )
        except (NotFoundError, GoneError):
            refused = UsageError("There is no feed of visits at its address.", "Check the option feed_url.")
        raise refused


def read_visit(item: Mapping[str, Any]) -> Visit:
    """What a feed tells of a visit besides its session's id."""
    return Visit(
        title=short_text(item.get("title")),
        clinician=short_text(item.get("clinician")),
        patient=short_text(item.get("patient")),
        started_at=instant(item.get("started_at")),
        ended_at=instant(item.get("ended_at")),
    )


def _fits(visit: Visit, query: SessionQuery) -> bool:
    at: datetime | None = visit.started_at
    if query.agent is not None and query.agent != visit.clinician:
        return False
    if at is None:
        return query.since is None and query.until is None
    return (query.since is None or at >= query.since) and (query.until is None or at <= query.until)
