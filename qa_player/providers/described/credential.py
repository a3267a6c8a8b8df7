"""The key as a description says it is used: in headers that stay, or exchanged for a token that is renewed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qa_player.errors import GoneError, KeyRefusedError, NotFoundError, UnexpectedAnswerError, UsageError
from qa_player.model.secret import Secret
from qa_player.providers.described.asking import (
    BasicCredential,
    BearerCredential,
    ExchangeCredential,
    HeaderCredential,
    filled,
)
from qa_player.providers.described.document import Description
from qa_player.providers.described.paths import first
from qa_player.providers.described.units import milliseconds
from qa_player.providers.keys import FixedKeys, Grant, Keys, LoginKeys, fits_a_header, token_life_s
from qa_player.providers.statuses import not_as_promised

if TYPE_CHECKING:
    from qa_player.providers.door import HttpDoor
    from qa_player.providers.http import Http


def keys_of(description: Description, *, key: Secret, options: Mapping[str, str], base_url: str, http: Http) -> Keys:
    """What goes along with every request. Raises KeyRefusedError, UsageError for what fits no header."""
    said = description.credential
    if not fits_a_header(key):
        raise KeyRefusedError("The key holds characters that no key has.", "Copy the key again.")
    if isinstance(said, BearerCredential):
        return FixedKeys({"Authorization": Secret(f"Bearer {key.reveal()}")})
    if isinstance(said, BasicCredential):
        pair = f"{_filled(said.user, key, options)}:{_filled(said.password, key, options)}"
        return FixedKeys({"Authorization": Secret(f"Basic {base64.b64encode(pair.encode()).decode()}")})
    if isinstance(said, HeaderCredential):
        return FixedKeys({name: _header(template, key, options) for name, template in said.headers.items()})
    door = http.door(said.base_url or base_url, headers={}, allowed_hosts=frozenset())
    exchange = _Exchange(door, said, key, options)
    return LoginKeys(exchange.grant, clock=http.clock)


def _filled(template: str, key: Secret, options: Mapping[str, str]) -> str:
    return str(filled(template, {**options, "key": key.reveal()}))


def _header(template: str, key: Secret, options: Mapping[str, str]) -> Secret:
    text = _filled(template, key, options)
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise UsageError("An option holds characters that no header has.", "Copy the options of the connection again.")
    return Secret(text)


class _Exchange:
    """Gets a token for the key, or for the refresh token that took its place."""

    def __init__(self, door: HttpDoor, said: ExchangeCredential, key: Secret, options: Mapping[str, str]) -> None:
        self._door = door
        self._said = said
        self._key = key
        self._options = options

    async def grant(self) -> Grant:
        """Headers and their life. Raises KeyRefusedError, NetworkError and its kinds, UnexpectedAnswerError."""
        said = self._said
        fields = {name: Secret(_filled(template, self._key, self._options)) for name, template in said.fields.items()}
        answer = await self._asked(fields)
        given = first(answer, said.token)
        token = Secret(given if isinstance(given, str) else "")
        if not fits_a_header(token):
            raise not_as_promised("its login gives no token")
        rotated = first(answer, said.rotated)
        if isinstance(rotated, str) and rotated:
            self._key = Secret(rotated)
        more = {name: _header(template, self._key, self._options) for name, template in said.headers.items()}
        header = {said.header: Secret(f"{said.prefix}{token.reveal()}")}
        return Grant({**more, **header}, self._life_s(answer, token))

    def _life_s(self, answer: Any, token: Secret) -> float:
        told = self._said.lifetime
        if told is None:
            return token_life_s(token, now=self._door.server_time)
        ms = milliseconds(first(answer, told.path), told.unit)
        if ms is None:
            return token_life_s(token, now=self._door.server_time)
        return ms / 1_000 - ((self._door.server_time or self._door.http.clock.time()) if told.unit.is_instant else 0)

    async def _asked(self, fields: Mapping[str, Secret]) -> Any:
        """A refusal of the login is about the login: nothing of it is said of a session."""
        refused: Exception
        try:
            as_form = self._said.encoding == "form"
            return (await self._door.post_document(self._said.path, fields, as_form=as_form)).data
        except UsageError:
            refused = KeyRefusedError("The provider does not take the login.", "Check the key and the options.")
        except (NotFoundError, GoneError):
            refused = UnexpectedAnswerError("There is no login at this address.", "Check the connection's address.")
        raise refused
