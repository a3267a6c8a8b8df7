"""Vobiz: calls by their detail records, joined to the recordings that name them.

What its documents say: GET /account/{auth_id}/cdr lists finished calls by date, GET /Account/{auth_id}/Recording/ lists
recordings without a date filter; ``call_uuid`` of the one is ``uuid`` of the other. Two headers are the key, also at
the hosts that keep the recordings. There are no transcripts.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from qa_player.errors import UsageError
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.model.session import Session
from qa_player.providers.base import Ability, ProviderKind, SessionPage, SessionQuery
from qa_player.providers.reading import count, mapping
from qa_player.providers.statuses import not_as_promised
from qa_player.providers.telephony import signatures
from qa_player.providers.telephony.account import ABILITIES, OPTIONS, Account, Dialect, auth_id_of, token_of
from qa_player.providers.telephony.alongside import Alongside
from qa_player.providers.telephony.records import Call, read_call, session_of

if TYPE_CHECKING:
    from qa_player.providers.door import Document
    from qa_player.providers.http import Http

MOST_PER_PAGE = 100
MOST_LISTINGS = 4
REST = "rest"
"""The place behind the last page of calls: recordings whose calls are no longer told of."""

_FIRST_DAY = "2015-01-01"
_A_DAY = timedelta(days=1)


class Vobiz(Account):
    """One connection to Vobiz."""

    def __init__(self, connection: Connection, key: Secret, http: Http) -> None:
        headers = {"X-Auth-ID": Secret(auth_id_of(connection)), "X-Auth-Token": token_of(key)}
        domains = frozenset({"vobiz.ai"})
        dialect = Dialect(headers, domains, False, MOST_PER_PAGE, signatures.VOBIZ, token_of(key))
        super().__init__(connection, http, dialect)
        self._listings: dict[int, Alongside] = {}
        self._listings_begun = 0

    @property
    def abilities(self) -> frozenset[Ability]:
        """As the family's, and the number of calls."""
        return ABILITIES | {Ability.TOTAL_COUNT}

    async def aclose(self) -> None:
        """Forget addresses and listings."""
        self._listings.clear()
        await super().aclose()

    async def call_document(self, call_id: str) -> Document:
        """The detail record, in an envelope of ``data``."""
        return await self.door.get_document(f"/account/{self.account}/cdr/{call_id}")

    async def recordings_of(self, session_id: str, call: Call | None) -> list[Document]:
        """By the call alone: there is no window of time."""
        del call
        return await self.all_pages({"call_uuid": session_id})

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        """A page of calls, and after the last one what recordings are left. None has an agent."""
        if query.agent is not None:
            return SessionPage((), None, None)
        listing, page, size = self._place_of(cursor, limit)
        alongside = self._listings.setdefault(listing, Alongside(self))
        while len(self._listings) > MOST_LISTINGS:
            del self._listings[next(iter(self._listings))]
        if page == REST:
            return await self._rest(query, listing, size)
        document = await self.door.get_document(
            f"/account/{self.account}/cdr", {"page": page, "per_page": str(size), **_days(query, self.now())}
        )
        data = mapping(document.data)
        items = data.get("data")
        if not isinstance(items, list):
            raise not_as_promised("it holds no list of calls")
        read = [read_call(mapping(item), call_id=None) for item in items]
        calls = [call for call in read if call is not None]
        if calls:
            await alongside.read_back_to(min((call.started_at for call in calls if call.started_at), default=None))
        sessions = [session_of(self.connection, call, alongside.take(call.call_id), now=self.now()) for call in calls]
        pagination = mapping(data.get("pagination"))
        told = pagination.get("has_next")
        more = bool(items) and (told if isinstance(told, bool) else len(items) == size)
        return SessionPage(
            _within(query, sessions),
            f"{listing}.{int(page) + 1 if more else REST}.{size}",
            None if query.since or query.until else count(pagination.get("total")),
            len(read) - len(calls) + alongside.take_unreadable(),
        )

    async def _rest(self, query: SessionQuery, listing: int, size: int) -> SessionPage:
        alongside = self._listings[listing]
        if not alongside.at_end and not alongside.reaches(query.since):
            await alongside.read_page()
        now = self.now()
        sessions = [session_of(self.connection, None, recorded, now=now) for recorded in alongside.take_rest()]
        over = alongside.at_end or alongside.reaches(query.since)
        if over:
            del self._listings[listing]
        cursor = None if over else f"{listing}.{REST}.{size}"
        return SessionPage(_within(query, sessions), cursor, None, alongside.take_unreadable())

    def _place_of(self, cursor: str | None, limit: int) -> tuple[int, str, int]:
        """Which listing, the page of calls (or what is left), and its size."""
        if cursor is None:
            self._listings_begun += 1
            return self._listings_begun, "1", min(max(limit, 1), MOST_PER_PAGE)
        if not re.fullmatch(rf"[0-9]{{1,9}}\.([0-9]{{1,9}}|{REST})\.[0-9]{{1,3}}", cursor, re.ASCII):
            raise UsageError(
                "The place in the list is not one this provider gave.", "List the sessions from the start."
            )
        listing, page, size = cursor.split(".")
        return int(listing), page, int(size)


def _days(query: SessionQuery, now: datetime) -> dict[str, str]:
    """Both days or none, one more at either end: in which zone the vendor counts days is not said."""
    if query.since is None and query.until is None:
        return {}
    first = _FIRST_DAY if query.since is None else (query.since - _A_DAY).date().isoformat()
    last = (now if query.until is None else query.until) + _A_DAY
    return {"start_date": first, "end_date": last.date().isoformat()}


def _within(query: SessionQuery, sessions: list[Session]) -> tuple[Session, ...]:
    return tuple(session for session in sessions if query.includes(session.started_at))


PROVIDER = ProviderKind(
    name="vobiz",
    title="Vobiz",
    base_url="https://api.vobiz.ai/api/v1",
    make=Vobiz,
    key_label="Auth token",
    options=OPTIONS,
)
