"""Where an answer that redirects leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_player.errors import QaPlayerError, UnexpectedAnswerError
from qa_player.providers.addresses import Address, AddressError, follow

if TYPE_CHECKING:
    import httpx


def ahead(address: Address, response: httpx.Response) -> Address | QaPlayerError:
    """The next address, or the error that says why it is not one."""
    try:
        return follow(address, response.extensions["qa_player_location"])
    except AddressError as refused:
        return UnexpectedAnswerError(
            f"The provider redirects to an address that is not used: {refused}.",
            "Check the connection's address, and whether the network asks for sign-in.",
        )
