"""HTTP as providers use it: keys bound to their origin, redirects followed by us, errors that name no address.

`Http` is made once; a provider gets an `HttpDoor` for its base address. httpx knows origins only: paths and queries go
past it as a request target, so neither its log lines nor its exceptions can hold them. Errors are made outside the
``except`` blocks that meet httpx's, so that no httpx exception is anybody's context.
"""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from qa_player.errors import KeyRefusedError, NetworkError, QaPlayerError, UnexpectedAnswerError, UsageError
from qa_player.model.secret import Secret
from qa_player.providers.addresses import Address, AddressError, Reach, below, follow, parse_address
from qa_player.providers.answers import LARGEST_BODY, parse_json, unpacked
from qa_player.providers.places import is_private_place, reach_of
from qa_player.providers.retry import Clock, Patience, Setback, SystemClock, http_date, patiently, retry_after_s
from qa_player.providers.statuses import AGAIN, REDIRECTS, error_of, not_as_promised, rate_limited

if TYPE_CHECKING:
    import ssl

    import httpx

    from qa_player.providers.lines import Line

MOST_REDIRECTS = 5
MOST_LINES = 32
CONNECT_S = 15.0
READ_S = 10.0
CLOCKS_AGREE_S = 5.0
PARSED_ON_THE_LOOP = 64 * 1024
"""Larger bodies are unpacked and parsed in a thread: the window's loop is the same one."""

Headers = Mapping[str, str]
Origin = tuple[str, str, int]


@dataclass(frozen=True)
class Document:
    """A JSON answer: ``data`` as parsed, ``body`` as received without its content encoding."""

    data: Any
    body: bytes = field(repr=False)


class Http:
    """All lines to the outside, for one event loop. ``proxy``: ``system``, ``off`` or an address.

    ``allowed_hosts`` may be private machines although only a provider's data names them, for every connection.
    """

    def __init__(
        self,
        proxy: str = "system",
        allowed_hosts: frozenset[str] = frozenset(),
        *,
        patience: Patience | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self.clock = clock or SystemClock()
        self._proxy = proxy
        self._allowed_hosts = allowed_hosts
        self._lines: dict[tuple[Origin, Reach], Line] = {}
        self._making = asyncio.Lock()
        self._tls: ssl.SSLContext | None = None
        self._not_before: dict[Origin, float] = {}
        self._closed = False

    def door(self, base_url: str, *, headers: Mapping[str, Secret], allowed_hosts: frozenset[str]) -> HttpDoor:
        """The door to ``base_url``: ``headers`` are sent to that origin and to no other. Raises UsageError."""
        refused = ""
        try:
            base = parse_address(base_url)
        except AddressError as error:
            refused = str(error)
        if refused:
            raise UsageError(
                f"The connection's address cannot be used: {refused}.",
                "Give an address that starts with https:// and holds no user name; plain http only on this machine.",
            )
        if any(not 32 < ord(character) < 127 for secret in headers.values() for character in secret.reveal()):
            raise KeyRefusedError("The key holds characters that no key has.", "Copy the key again.")
        return HttpDoor(self, base, headers, self._allowed_hosts | allowed_hosts)

    async def aclose(self) -> None:
        """Give up every line; safe to call twice. What is asked afterwards raises NetworkError."""
        self._closed = True
        lines, self._lines = self._lines, {}
        for line in lines.values():
            await line.client.aclose()

    def pause_left_s(self, address: Address) -> float:
        """For how long the origin of ``address`` still wants to be left alone; 0 when it does not."""
        return max(0.0, self._not_before.get(address.origin, 0.0) - self.clock.monotonic())

    def keep_pause(self, address: Address, pause_s: float) -> None:
        """Leave the origin of ``address`` alone for ``pause_s``."""
        self._not_before[address.origin] = self.clock.monotonic() + pause_s

    async def client(self, address: Address, reach: Reach) -> httpx.AsyncClient:
        """The client of an origin, made when first needed. Raises UsageError for a bad proxy setting, NetworkError."""
        async with self._making:
            key = (address.origin, reach)
            if key not in self._lines and not self._closed:
                line = await asyncio.to_thread(self._make_line, address, reach)
                await self._make_room()
                self._lines[key] = line
            if self._closed:
                raise NetworkError("The program is closing.", "Start it again.")
            self._lines[key] = self._lines.pop(key)  # the most recently used is last
            return self._lines[key].client

    def _make_line(self, address: Address, reach: Reach) -> Line:
        from qa_player.providers import lines

        if self._tls is None:
            self._tls = lines.trusted_by_the_system()
        lines.silence()
        return lines.make_line(address, reach=reach, proxy=self._proxy, tls=self._tls)

    async def _make_room(self) -> None:
        for key, line in list(self._lines.items())[: max(0, len(self._lines) - MOST_LINES + 1)]:
            if line.is_idle:
                del self._lines[key]
                await line.client.aclose()


class HttpDoor:
    """Requests for one connection: its base address, its keys, and the machines it may reach."""

    def __init__(self, http: Http, base: Address, headers: Mapping[str, Secret], allowed_hosts: frozenset[str]) -> None:
        self.http = http
        self._base = base
        self._headers = dict(headers)
        self._allowed_hosts = frozenset(host.strip().lower() for host in allowed_hosts)
        self._base_is_private: bool | None = None
        self.clock_ahead_s = 0.0
        """How far this machine's clock is ahead of the provider's, by the last answer that told its time."""

    async def get_json(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """What the provider answers at ``path`` (percent-encoded, below the base address). Raises as `get_document`."""
        return (await self.get_document(path, params)).data

    async def get_document(self, path: str, params: Mapping[str, str] | None = None) -> Document:
        """The answer with its bytes. Tried again after trouble that may pass; every error of ours, none of httpx's.

        Raises KeyRefusedError, NotFoundError, GoneError, NotReadyError, UsageError, RateLimitedError, QuotaError,
        UnexpectedAnswerError, NetworkError.
        """
        address = below(self._base, path, urllib.parse.urlencode(params or {}, quote_via=urllib.parse.quote))

        async def attempt(seconds_left: float) -> Document | Setback:
            return await self._attempt(address, seconds_left)

        return await patiently(attempt, patience=self.http.patience, clock=self.http.clock)

    async def exchange(self, address: Address, headers: Headers, *, keyed: bool) -> httpx.Response | Setback:
        """One request and its redirects, the body still unread; the caller closes it. Raises UnexpectedAnswerError.

        Keys go along only while every hop stays at the base address's origin, and never again once one has left it.
        """
        for _ in range(MOST_REDIRECTS + 1):
            keyed = keyed and address.origin == self._base.origin
            outcome = await self._send(address, headers, keyed=keyed)
            if isinstance(outcome, Setback):
                return outcome
            if outcome.status_code not in REDIRECTS or outcome.extensions["qa_player_location"] is None:
                return outcome
            await outcome.aclose()
            ahead = _ahead(address, outcome)
            if isinstance(ahead, QaPlayerError):
                raise ahead
            address = ahead
        raise not_as_promised("it redirects without end")

    async def _attempt(self, address: Address, seconds_left: float) -> Document | Setback:
        outcome: httpx.Response | Setback | None = None
        try:
            async with asyncio.timeout(seconds_left):
                left = self.http.pause_left_s(address)
                if left > 0:
                    return Setback(rate_limited(left), left)
                accept = {"Accept": "application/json", "Accept-Encoding": "gzip"}
                outcome = await self.exchange(address, accept, keyed=True)
                if isinstance(outcome, Setback):
                    return outcome
                self._note_clock(outcome)
                if outcome.status_code != 200:
                    return self._refused(address, outcome)
                return await _document(outcome)
        except TimeoutError:
            pass
        finally:
            if outcome is not None and not isinstance(outcome, Setback):
                await outcome.aclose()
        return Setback(NetworkError("The provider did not answer in time.", "Check the network and try again."))

    def _refused(self, address: Address, response: httpx.Response) -> Setback:
        pause_s = self.pause_asked_s(response)
        if pause_s is not None:
            self.http.keep_pause(address, pause_s)
        error = error_of(response.status_code, pause_s=pause_s)
        if response.status_code not in AGAIN:
            raise error
        return Setback(error, pause_s)

    def pause_asked_s(self, response: httpx.Response) -> float | None:
        """How long a 429 or 503 asks to be left alone, null when it does not say."""
        if response.status_code not in (429, 503):
            return None
        now = http_date(response.headers.get("date")) or self.http.clock.time()
        return retry_after_s(response.headers.get("retry-after"), now=now)

    def _note_clock(self, response: httpx.Response) -> None:
        told = http_date(response.headers.get("date"))
        if told is None:
            return
        ahead_s = self.http.clock.time() - told
        # the header has whole seconds and was on its way for a while: a small difference is none
        self.clock_ahead_s = ahead_s if abs(ahead_s) > CLOCKS_AGREE_S else 0.0

    async def _send(self, address: Address, headers: Headers, *, keyed: bool) -> httpx.Response | Setback:
        client = await self.http.client(address, await self._reach(address))
        outcome = await self._response(client, address, headers, keyed=keyed)
        if isinstance(outcome, QaPlayerError):
            raise outcome
        return outcome

    async def _response(
        self, client: httpx.AsyncClient, address: Address, headers: Headers, *, keyed: bool
    ) -> httpx.Response | Setback | QaPlayerError:
        # returns its errors: a frame that knows a revealed key must not be part of a traceback
        from qa_player.providers import failures

        keys = {name: key.reveal() for name, key in self._headers.items()} if keyed else {}
        try:
            request = client.build_request(
                "GET",
                address.root,
                headers={**headers, **keys},
                timeout=failures.limits(connect_s=CONNECT_S, read_s=READ_S),
                extensions={"qa_player_target": address.target.encode("ascii")},
            )
            return await client.send(request, stream=True)
        except failures.RAISED as raised:
            return failures.setback(raised)

    async def _reach(self, address: Address) -> Reach:
        if self._base_is_private is None and address.host != self._base.host:
            self._base_is_private = await is_private_place(self._base)
        return reach_of(address, self._base, self._allowed_hosts, base_is_private=bool(self._base_is_private))


def _ahead(address: Address, response: httpx.Response) -> Address | QaPlayerError:
    try:
        return follow(address, response.extensions["qa_player_location"])
    except AddressError as refused:
        return UnexpectedAnswerError(
            f"The provider redirects to an address that is not used: {refused}.",
            "Check the connection's address, and whether the network asks for sign-in.",
        )


async def _document(response: httpx.Response) -> Document | Setback:
    from qa_player.providers.bodies import whole

    outcome = await whole(response, largest=LARGEST_BODY)
    if isinstance(outcome, QaPlayerError):
        raise outcome
    if isinstance(outcome, Setback):
        return outcome
    read = partial(
        _read, outcome, response.headers.get("content-encoding", ""), response.headers.get("content-type", "")
    )
    return read() if len(outcome) <= PARSED_ON_THE_LOOP else await asyncio.to_thread(read)


def _read(packed: bytes, encodings: str, mime: str) -> Document:
    body = unpacked(packed, encodings)
    return Document(parse_json(body, mime), body)
