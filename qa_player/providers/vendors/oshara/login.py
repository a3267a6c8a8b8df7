"""Oshara's login: e-mail address and password once, a refresh token kept, an access token in memory only.

What its documents say: POST /api/auth/login/ ``{email, password}`` gives ``{access, refresh}``, good for 10 and 30
days; POST /api/auth/refresh/ ``{refresh}`` gives a new ``access``, and where tokens rotate a new ``refresh``. Both are
shown without the envelope that everything else comes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qa_player.errors import GoneError, KeyRefusedError, NotFoundError, QaPlayerError, UnexpectedAnswerError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers.base import KeptKey, hosts_allowed
from qa_player.providers.keys import Grant, fits_a_header, token_life_s
from qa_player.providers.reading import mapping
from qa_player.providers.statuses import not_as_promised
from qa_player.providers.vendors.oshara.envelope import content_of

if TYPE_CHECKING:
    from qa_player.providers.door import HttpDoor
    from qa_player.providers.http import Http

LOGIN = "/api/auth/login/"
REFRESH = "/api/auth/refresh/"


async def kept_key(connection: Connection, typed: Secret, http: Http) -> Secret:
    """What is kept of the key that was typed: an API key as it is, of a password only the refresh token it gives.

    Raises KeyRefusedError, UsageError, NetworkError and its kinds.
    """
    email = connection.options.get("email")
    if not email:
        return typed
    door = http.door(connection.base_url, headers={}, allowed_hosts=hosts_allowed(connection))
    refused = KeyRefusedError(
        "Oshara does not take this e-mail address and password.",
        "Check both; an account that signs in with Google has no password here: use an API key.",
    )
    given = await _asked(door, LOGIN, {"email": Secret(email), "password": typed}, refused)
    return _token(given, "refresh", "its login gives no refresh token")


class Login:
    """Access tokens out of the kept refresh token; ``place`` is where that is kept, also for other processes."""

    def __init__(self, door: HttpDoor, refresh: Secret) -> None:
        self._door = door
        self._refresh = refresh
        self._place: KeptKey | None = None

    def keep_in(self, place: KeptKey) -> None:
        """Read the refresh token from there, and keep there what it rotates to."""
        self._place = place

    async def grant(self) -> Grant:
        """A new access token. Raises KeyRefusedError once the login has ended, NetworkError and its kinds."""
        refresh = await self._kept()
        try:
            given = await self._renewed(refresh)
        except KeyRefusedError:
            # another process may have rotated it between our look and our question
            again = await self._kept()
            if again == refresh:
                raise
            given = await self._renewed(again)
        access = _token(given, "access", "its renewal gives no access token")
        if given.get("refresh"):
            self._refresh = _token(given, "refresh", "its renewal gives no usable refresh token")
            if self._place is not None:
                # before the new access token is used: what was given up elsewhere is of no more use here
                await self._place.replace(self._refresh)
        headers = {"Authorization": Secret(f"Bearer {access.reveal()}")}
        return Grant(headers, token_life_s(access, now=self._door.server_time))

    async def _kept(self) -> Secret:
        if self._place is not None:
            self._refresh = await self._place.current()
        return self._refresh

    async def _renewed(self, refresh: Secret) -> Mapping[str, Any]:
        ended = KeyRefusedError(
            "The login at Oshara has ended.",
            "Remove the connection and add it again with the password; annotations stay.",
        )
        return await _asked(self._door, REFRESH, {"refresh": refresh}, ended)


async def _asked(door: HttpDoor, path: str, fields: Mapping[str, Secret], refused: QaPlayerError) -> Mapping[str, Any]:
    """A refusal is about the login: nothing of it is said of a session."""
    told: QaPlayerError
    try:
        return mapping(content_of((await door.post_document(path, fields)).data))
    except (KeyRefusedError, UsageError):
        told = refused
    except (NotFoundError, GoneError):
        told = UnexpectedAnswerError("There is no Oshara login at this address.", "Check the connection's address.")
    raise told


def _token(given: Mapping[str, Any], name: str, missing: str) -> Secret:
    token = Secret(given[name] if isinstance(given.get(name), str) else "")
    if not fits_a_header(token):
        raise not_as_promised(missing)
    return token
