"""Requests that change something at a provider: sent once, since sent twice they may happen twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qa_player.errors import NetworkError, QaPlayerError, UsageError
from qa_player.providers.answers import LARGEST_BODY, parse_json
from qa_player.providers.contents import json_object
from qa_player.providers.retry import Setback
from qa_player.providers.statuses import error_of

if TYPE_CHECKING:
    import httpx

    from qa_player.providers.door import HttpDoor, Secrets

ANSWERED_S = 20.0
DONE = frozenset({200, 201, 202, 204})


async def command(door: HttpDoor, method: str, path: str, fields: Mapping[str, Any] | None = None) -> Any:
    """What the provider answers to ``method`` at ``path``, null for an empty answer; keys go along, redirects do not.

    Raises as `HttpDoor.get_document` does. A NetworkError leaves open whether it was done.
    """
    address, content = door.address(path), None if fields is None else json_object(fields)

    async def ask(keys: Secrets) -> httpx.Response | Setback:
        return await door.send(address, {"Accept": "application/json"}, keys, content=content, method=method)

    outcome: httpx.Response | Setback | None = None
    try:
        async with asyncio.timeout(ANSWERED_S):
            outcome = await door.with_keys(ask)
            if isinstance(outcome, Setback):
                raise outcome.error
            return await _answer(outcome, door)
    except TimeoutError:
        pass
    finally:
        if outcome is not None and not isinstance(outcome, Setback):
            await outcome.aclose()
    raise NetworkError("The provider did not answer in time.", "Look whether it was done, then try again.")


async def _answer(response: httpx.Response, door: HttpDoor) -> Any:
    from qa_player.providers.bodies import whole

    if response.status_code == 400:
        raise UsageError("The provider refuses the request.", "Check that the call is still going on, and the options.")
    if response.status_code not in DONE:
        raise error_of(response.status_code, pause_s=door.pause_asked_s(response))
    body = await whole(response, largest=LARGEST_BODY)
    if isinstance(body, QaPlayerError):
        raise body
    if isinstance(body, Setback):
        raise body.error
    return parse_json(body, response.headers.get("content-type", "")) if body.strip() else None
