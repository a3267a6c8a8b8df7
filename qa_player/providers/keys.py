"""Keys as headers: one that stays, or one that a login gives for a while and that is renewed without anybody asking."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from qa_player.model.secret import Secret
from qa_player.providers.reading import mapping, number
from qa_player.providers.retry import Clock

RENEW_BEFORE_S = 60.0
USUAL_LIFE_S = 3_600.0
SHORTEST_LIFE_S = 30.0
"""A token that says it is dead on arrival is used all the same: clocks differ, and a refusal will tell."""
LONGEST_LIFE_S = 30 * 86_400.0


class Keys(Protocol):
    """What goes along to the base address's origin. ``refused`` says whether other headers are worth one more try.

    ``domains`` are the vendor's other hosts that ask for the same keys: a domain and what is below it.
    """

    @property
    def domains(self) -> frozenset[str]: ...
    async def current(self) -> Mapping[str, Secret]: ...
    def refused(self, used: Mapping[str, Secret]) -> bool: ...


class FixedKeys:
    """The same headers for every request."""

    def __init__(self, headers: Mapping[str, Secret], *, domains: frozenset[str] = frozenset()) -> None:
        self._headers = dict(headers)
        self.domains = domains

    async def current(self) -> Mapping[str, Secret]:
        """The headers."""
        return self._headers

    def refused(self, used: Mapping[str, Secret]) -> bool:
        """There are no others."""
        del used
        return False


@dataclass(frozen=True)
class Grant:
    """What a login gave: headers, and for how many seconds they are good."""

    headers: Mapping[str, Secret]
    life_s: float


class LoginKeys:
    """Headers that ``login`` gives: asked for when first needed, again shortly before they die, and once refused.

    One login is in flight at a time, whoever waits for it; time is monotonic, so moving a clock ends nothing.
    """

    domains: frozenset[str] = frozenset()

    def __init__(self, login: Callable[[], Awaitable[Grant]], *, clock: Clock) -> None:
        self._login = login
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._headers: Mapping[str, Secret] | None = None
        self._good_until = 0.0

    async def current(self) -> Mapping[str, Secret]:
        """Headers that are good for now. Raises what the login raises."""
        async with self._one_at_a_time:
            if self._headers is None or self._clock.monotonic() >= self._good_until:
                await self._renew()
            assert self._headers is not None  # noqa: S101 -- the login gave them or raised
            return self._headers

    async def renew(self) -> None:
        """Log in now, whatever is held."""
        async with self._one_at_a_time:
            await self._renew()

    def refused(self, used: Mapping[str, Secret]) -> bool:
        """Forget ``used``, unless somebody has renewed them meanwhile."""
        if self._headers is used:
            self._headers = None
        return True

    def forget(self) -> None:
        """Hold nothing any more."""
        self._headers = None

    async def _renew(self) -> None:
        self._headers = None
        grant = await self._login()
        life_s = min(max(grant.life_s, SHORTEST_LIFE_S), LONGEST_LIFE_S)
        self._good_until = self._clock.monotonic() + life_s - min(RENEW_BEFORE_S, life_s / 5)
        self._headers = grant.headers


def fits_a_header(secret: Secret) -> bool:
    """Whether ``secret`` is something a key's header can hold: printable ASCII without blanks."""
    text = secret.reveal()
    return bool(text) and all(32 < ord(character) < 127 for character in text)


def token_life_s(token: Secret, *, now: float | None) -> float:
    """For how many seconds a JWT says it is good, at ``now`` by its maker's clock (null: since it was issued).

    It is read, not verified: that is the server's business. What is no JWT or does not say is good for an hour.
    """
    claims = _claims(token)
    dies, made = number(claims.get("exp")), number(claims.get("iat"))
    begins = made if now is None else now
    return USUAL_LIFE_S if dies is None or begins is None else dies - begins


def _claims(token: Secret) -> Mapping[str, object]:
    parts = token.reveal().split(".")
    if len(parts) != 3 or len(parts[1]) > 16_000:
        return {}
    try:
        return mapping(json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))))
    except (binascii.Error, ValueError, RecursionError):
        return {}
