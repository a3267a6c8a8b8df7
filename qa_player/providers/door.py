"""HTTP as providers use it: keys bound to their origin, redirects followed by us, errors that name no address.

Errors are made outside the ``except`` blocks that meet httpx's, so that no httpx exception is anybody's context.
"""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from qa_player.errors import NetworkError, QaPlayerError
from qa_player.model.secret import Secret
from qa_player.providers.addresses import Address, AddressError, Reach, belongs_to, below, follow
from qa_player.providers.answers import LARGEST_BODY, parse_json, unpacked
from qa_player.providers.contents import Content, form, json_object
from qa_player.providers.keys import Keys
from qa_player.providers.outside import Outside
from qa_player.providers.places import is_private_place, reach_of
from qa_player.providers.redirects import ahead
from qa_player.providers.retry import Setback, http_date, patiently, rate_limit_pause_s, retry_after_s
from qa_player.providers.statuses import AGAIN, REDIRECTS, error_of, not_as_promised, rate_limited

if TYPE_CHECKING:
    import httpx

MOST_REDIRECTS = 5
CONNECT_S = 15.0
READ_S = 10.0
CLOCKS_AGREE_S = 5.0
PARSED_ON_THE_LOOP = 64 * 1024
"""Larger bodies are unpacked and parsed in a thread: the window's loop is the same one."""

_JSON = {"Accept": "application/json", "Accept-Encoding": "gzip"}

Headers = Mapping[str, str]
Secrets = Mapping[str, Secret]
Asking = Callable[[], "Awaitable[httpx.Response | Setback]"]
KeyedAsking = Callable[[Secrets], "Awaitable[httpx.Response | Setback]"]
Refusal = Callable[[int], QaPlayerError | None]
"""What a status means at one provider; null where it means what it usually does."""


@dataclass(frozen=True)
class Document:
    """A JSON answer: ``data`` as parsed, ``body`` as received without its content encoding."""

    data: Any
    body: bytes = field(repr=False)


class HttpDoor:
    """Requests for one connection: its base address, its keys, and the machines it may reach."""

    def __init__(
        self, http: Outside, base: Address, keys: Keys, allowed_hosts: frozenset[str], refusal: Refusal | None = None
    ) -> None:
        self.http = http
        self._refusal = refusal
        self._base = base
        self._keys = keys
        self._allowed_hosts = frozenset(host.strip().lower() for host in allowed_hosts)
        self._base_is_private: bool | None = None
        self._told_time = False
        self.clock_ahead_s = 0.0
        """How far this machine's clock is ahead of the provider's, by the last answer that told its time."""

    @property
    def server_time(self) -> float | None:
        """Seconds since the epoch by the provider's clock; null while it has not told its time."""
        return self.http.clock.time() - self.clock_ahead_s if self._told_time else None

    async def get_json(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """What the provider answers at ``path`` (percent-encoded, below the base address). Raises as `get_document`."""
        return (await self.get_document(path, params)).data

    async def get_document(self, path: str, params: Mapping[str, str] | None = None) -> Document:
        """The answer with its bytes. Tried again after trouble that may pass; every error of ours, none of httpx's.

        Raises KeyRefusedError, NotFoundError, GoneError, NotReadyError, UsageError, RateLimitedError, QuotaError,
        UnexpectedAnswerError, NetworkError.
        """
        address = self.address(path, params)
        return await self._document(address, lambda: self.exchange(address, _JSON, keyed=True))

    async def post_document(self, path: str, fields: Secrets, *, as_form: bool = False) -> Document:
        """The answer to a JSON object (or a form) of ``fields``, sent without keys and to the base origin only.

        Raises as `get_document`; a redirect is not followed.
        """
        address, content = self.address(path), form(fields) if as_form else json_object(fields)
        return await self._document(address, lambda: self.send(address, _JSON, {}, content=content))

    async def ask_document(self, path: str, question: Mapping[str, Any]) -> Document:
        """The answer to a question in JSON, sent with the keys: a list that is asked for by POST.

        Raises as `get_document`; a redirect is not followed.
        """
        address, content = self.address(path), json_object(question)

        async def ask(keys: Secrets) -> httpx.Response | Setback:
            return await self.send(address, _JSON, keys, content=content)

        return await self._document(address, lambda: self.with_keys(ask))

    async def next_document(self, location: str) -> Document:
        """The answer at an address that an answer of this provider named; it must be of the base address's origin.

        Raises as `get_document`.
        """
        try:
            address: Address | None = follow(self._base, location)
        except AddressError:
            address = None
        if address is None or address.origin != self._base.origin:
            raise not_as_promised("it continues at another host")
        return await self._document(address, lambda: self.exchange(address, _JSON, keyed=True))

    def address(self, path: str, params: Mapping[str, str] | None = None) -> Address:
        """The address of ``path`` (percent-encoded) below the base address."""
        return below(self._base, path, urllib.parse.urlencode(params or {}, quote_via=urllib.parse.quote))

    async def exchange(
        self, address: Address, headers: Headers, *, keyed: bool, follow: bool = True
    ) -> httpx.Response | Setback:
        """One request and its redirects, the body still unread; the caller closes it. Raises UnexpectedAnswerError.

        Keys go along only while every hop stays where they belong, and never again once one has left that.
        Keys that can be renewed are, once, when the answer is 401. ``follow`` false gives redirects as they are.
        """
        ask = self._follow if follow else self.send
        if not keyed or (not follow and address.origin != self._base.origin):
            return await ask(address, headers, {})
        return await self.with_keys(lambda keys: ask(address, headers, keys))

    async def with_keys(self, ask: KeyedAsking) -> httpx.Response | Setback:
        """What ``ask`` gets with the keys, and once more with new ones where those were refused and can be renewed."""
        keys = await self._keys.current()
        outcome = await ask(keys)
        if isinstance(outcome, Setback) or outcome.status_code != 401 or not self._keys.refused(keys):
            return outcome
        await outcome.aclose()
        return await ask(await self._keys.current())

    async def _follow(self, address: Address, headers: Headers, keys: Secrets) -> httpx.Response | Setback:
        for _ in range(MOST_REDIRECTS + 1):
            ours = address.origin == self._base.origin or belongs_to(address, self._base, self._keys.domains)
            keys = keys if ours else {}
            outcome = await self.send(address, headers, keys)
            if isinstance(outcome, Setback):
                return outcome
            if outcome.status_code not in REDIRECTS or outcome.extensions["qa_player_location"] is None:
                return outcome
            await outcome.aclose()
            further = ahead(address, outcome)
            if isinstance(further, QaPlayerError):
                raise further
            address = further
        raise not_as_promised("it redirects without end")

    async def _document(self, address: Address, ask: Asking) -> Document:
        async def attempt(seconds_left: float) -> Document | Setback:
            return await self._attempt(address, ask, seconds_left)

        return await patiently(attempt, patience=self.http.patience, clock=self.http.clock)

    async def _attempt(self, address: Address, ask: Asking, seconds_left: float) -> Document | Setback:
        outcome: httpx.Response | Setback | None = None
        try:
            async with asyncio.timeout(seconds_left):
                left = self.http.pause_left_s(address)
                if left > 0:
                    return Setback(rate_limited(left), left)
                outcome = await ask()
                if isinstance(outcome, Setback):
                    return outcome
                self.note_clock(outcome)
                if outcome.status_code != 200:
                    return self._refused(address, outcome)
                self.note_limit(address, outcome)
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
        own = None if self._refusal is None else self._refusal(response.status_code)
        error = own or error_of(response.status_code, pause_s=pause_s)
        if type(own) is not NetworkError and (own is not None or response.status_code not in AGAIN):
            raise error
        return Setback(error, pause_s)

    def pause_asked_s(self, response: httpx.Response) -> float | None:
        """How long a 429 or 503 asks to be left alone, null when it does not say."""
        if response.status_code not in (429, 503):
            return None
        now = http_date(response.headers.get("date")) or self.http.clock.time()
        asked = retry_after_s(response.headers.get("retry-after"), now=now)
        return rate_limit_pause_s(response.headers) if asked is None else asked

    def note_limit(self, address: Address, response: httpx.Response) -> None:
        """An answer that says it was the last one allowed for now: leave the origin alone until it allows more."""
        pause_s = rate_limit_pause_s(response.headers)
        if pause_s is not None:
            self.http.keep_pause(address, pause_s)

    def note_clock(self, response: httpx.Response) -> None:
        """Compare clocks by an answer of the provider's."""
        told = http_date(response.headers.get("date"))
        if told is None:
            return
        self._told_time = True
        ahead_s = self.http.clock.time() - told
        # the header has whole seconds and was on its way for a while: a small difference is none
        self.clock_ahead_s = ahead_s if abs(ahead_s) > CLOCKS_AGREE_S else 0.0

    async def send(
        self,
        address: Address,
        headers: Headers,
        keys: Secrets,
        *,
        content: Content | None = None,
        method: str | None = None,
    ) -> httpx.Response | Setback:
        """One request, its redirect not followed; GET, or POST where there is ``content``, unless it is said."""
        client = await self.http.client(address, await self._reach(address))
        method = method or ("GET" if content is None else "POST")
        outcome = await self._response(client, address, headers, keys=keys, content=content, method=method)
        if isinstance(outcome, QaPlayerError):
            raise outcome
        return outcome

    async def _response(
        self,
        client: httpx.AsyncClient,
        address: Address,
        headers: Headers,
        *,
        keys: Secrets,
        content: Content | None,
        method: str,
    ) -> httpx.Response | Setback | QaPlayerError:
        # returns its errors: a frame that knows a revealed key must not be part of a traceback
        from qa_player.providers import failures

        told = {**headers, **{name: key.reveal() for name, key in keys.items()}}
        mime = {} if content is None else {"Content-Type": content.mime}
        try:
            request = client.build_request(
                method,
                address.root,
                headers={**told, **mime},
                content=None if content is None else content.text.reveal(),
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
