"""Plivo: recordings by the time they were added, gathered into the calls they belong to.

What its documents say: GET /Account/{auth_id}/Recording/ gives at most 20 a page; without ``add_time`` only the last
seven days, with a range of more than 30 days status 400. Details of a call are kept for 90 days, recordings for
longer. Media are public unless the account asks for Basic authentication. There are no transcripts.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from qa_player.errors import UsageError
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers.base import ProviderKind, SessionPage, SessionQuery
from qa_player.providers.reading import mapping
from qa_player.providers.telephony import signatures
from qa_player.providers.telephony.account import OPTIONS, Account, Dialect, auth_id_of, objects_of, token_of
from qa_player.providers.telephony.records import Call, by_call, read_recording, session_of

if TYPE_CHECKING:
    from qa_player.providers.door import Document
    from qa_player.providers.http import Http

MOST_PER_PAGE = 20
WINDOW = timedelta(days=29)
"""A day less than the vendor takes, whatever it counts as a day."""
SILENT_WINDOWS = 6
"""A list without a start ends where the account recorded nothing for so many windows in a row."""
SEARCHED_WINDOWS = 13
"""So far back is a call looked for whose detail record is gone: a year."""

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """A place in the list: windows count back from ``anchor`` (seconds since the epoch); ``silent`` in a row so far.

    ``listed`` are the calls of the page before: a call's recordings may lie on both sides of a page's end.
    """

    anchor: int
    size: int
    window: int = 0
    offset: int = 0
    silent: int = 0
    listed: tuple[str, ...] = ()

    @property
    def until(self) -> datetime:
        """The end of the window, which is not part of it."""
        return datetime.fromtimestamp(self.anchor, UTC) - self.window * WINDOW


class Plivo(Account):
    """One connection to Plivo."""

    def __init__(self, connection: Connection, key: Secret, http: Http) -> None:
        pair = base64.b64encode(f"{auth_id_of(connection)}:{token_of(key).reveal()}".encode()).decode()
        headers = {"Authorization": Secret(f"Basic {pair}")}
        domains = frozenset({"plivo.com"})
        dialect = Dialect(headers, domains, True, MOST_PER_PAGE, signatures.PLIVO, token_of(key))
        super().__init__(connection, http, dialect)

    async def call_document(self, call_id: str) -> Document:
        """The detail record, as it stands."""
        return await self.door.get_document(f"/Account/{self.account}/Call/{call_id}/")

    async def recordings_of(self, session_id: str, call: Call | None) -> list[Document]:
        """From the window around the call; where nothing says when it was, from the latest window that has any."""
        known = [one.added_at for one in self.remembered(session_id) if one.added_at is not None]
        began = min(known, default=None) if call is None or call.started_at is None else call.started_at
        if began is not None:
            return await self.all_pages({"call_uuid": session_id, **_added(began - _A_DAY, began - _A_DAY + WINDOW)})
        pages: list[Document] = []
        until = self.now() + _A_DAY
        for _ in range(SEARCHED_WINDOWS):
            pages = await self.all_pages({"call_uuid": session_id, **_added(until - WINDOW, until)})
            if objects_of(pages[0]):
                break
            until -= WINDOW
        return pages

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        """A page of recordings as the calls they belong to; there is no count across windows. None has an agent."""
        if query.agent is not None:
            return SessionPage((), None, None)
        place = self._place_of(query, cursor, limit)
        since = place.until - WINDOW
        if query.since is not None and query.since >= place.until:
            return SessionPage((), None, None)
        document = await self.recordings_page(
            _added(since if query.since is None else max(since, query.since), place.until), place.offset, place.size
        )
        received = objects_of(document)
        read = [read_recording(mapping(item)) for item in received]
        recorded = [one for one in read if one is not None]
        self.remember(recorded)
        now = self.now()
        calls = {call_id: found for call_id, found in by_call(recorded).items() if call_id not in place.listed}
        sessions = [session_of(self.connection, None, found, now=now) for found in calls.values()]
        following = _following(place, len(received), listed=tuple(one.call_id for one in recorded))
        over = following.silent >= SILENT_WINDOWS if query.since is None else following.until <= query.since
        return SessionPage(
            tuple(session for session in sessions if query.includes(session.started_at)),
            None if over else json.dumps(asdict(following)),
            None,
            len(read) - len(recorded),
        )

    def _place_of(self, query: SessionQuery, cursor: str | None, limit: int) -> Place:
        if cursor is None:
            # a recording is added after its call, and clocks differ
            newest = self.now() + _A_DAY if query.until is None else query.until + _A_DAY
            return Place(int(newest.timestamp()), min(max(limit, 1), MOST_PER_PAGE))
        try:
            fields = json.loads(cursor)
            place = Place(**{**fields, "listed": tuple(fields["listed"])})
            if all(isinstance(number, int) for number in (place.offset, place.size, place.silent)) and place.until:
                return place
        except (ValueError, TypeError, KeyError, OverflowError):
            pass
        raise UsageError("The place in the list is not one this provider gave.", "List the sessions from the start.")


def _following(place: Place, received: int, *, listed: tuple[str, ...]) -> Place:
    if received == place.size:
        return replace(place, offset=place.offset + received, silent=0, listed=listed)
    silent = place.silent + 1 if received == 0 and place.offset == 0 else 0
    return replace(place, window=place.window + 1, offset=0, silent=silent, listed=listed or place.listed)


def _added(since: datetime, until: datetime) -> dict[str, str]:
    form = "%Y-%m-%d %H:%M:%S"
    return {
        "add_time__gte": since.astimezone(UTC).strftime(form),
        "add_time__lt": until.astimezone(UTC).strftime(form),
    }


PROVIDER = ProviderKind(
    name="plivo",
    title="Plivo",
    base_url="https://api.plivo.com/v1",
    make=Plivo,
    key_label="Auth token",
    options=OPTIONS,
)
