"""Suki's two-step login: the partner's token is exchanged for one that is good for an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.errors import GoneError, NotFoundError, UnexpectedAnswerError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers.keys import Grant, fits_a_header, token_life_s
from qa_player.providers.reading import mapping
from qa_player.providers.statuses import not_as_promised

if TYPE_CHECKING:
    from qa_player.providers.door import HttpDoor

PATH = "/auth/login"
TOKEN = "sdp_suki_token"  # noqa: S105 -- the name of a header
PROVIDER = "sdp_provider_id"


async def log_in(door: HttpDoor, connection: Connection, partner_token: Secret) -> Grant:
    """A token and its life. Raises KeyRefusedError, UsageError, NetworkError and its kinds.

    Partners with a single token for all clinicians name the clinician with every call.
    """
    options = connection.options
    if not options.get("partner_id"):
        raise UsageError("Suki asks for the partner's id.", "Give it as the option partner_id.")
    fields = {"partner_id": Secret(options["partner_id"]), "partner_token": partner_token}
    provider = Secret(options.get("provider_id", ""))
    if provider:
        fields["provider_id"] = provider
    given = mapping(await _asked(door, fields)).get("suki_token")
    token = Secret(given if isinstance(given, str) else "")
    if not fits_a_header(token):
        raise not_as_promised("its login gives no token")
    headers = {TOKEN: token}
    if provider:
        if not fits_a_header(provider):
            raise UsageError("The option provider_id holds characters that no id has.", "Copy it again.")
        headers[PROVIDER] = provider
    return Grant(headers, token_life_s(token, now=door.server_time))


async def _asked(door: HttpDoor, fields: dict[str, Secret]) -> object:
    """A refusal of the login is about the login: nothing of it is said of a session."""
    refused: Exception
    try:
        return (await door.post_document(PATH, fields)).data
    except UsageError:
        refused = UsageError(
            "Suki does not take the login.", "Check the options partner_id and provider_id, and the partner token."
        )
    except (NotFoundError, GoneError):
        refused = UnexpectedAnswerError("There is no Suki login at this address.", "Check the connection's address.")
    raise refused
