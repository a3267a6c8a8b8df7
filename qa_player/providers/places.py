"""Places: which machines a host name leads to, and whether a request may end there."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from qa_player.errors import UnexpectedAnswerError
from qa_player.providers.addresses import Address, Reach, is_loopback, is_private, literal, may_reach


class UnknownHostError(Exception):
    """The name of the host leads nowhere."""


class PlaceRefusedError(Exception):
    """The host leads only to machines that this request may not reach."""


def reach_of(address: Address, base: Address, allowed_hosts: frozenset[str], *, base_is_private: bool) -> Reach:
    """How far a request to ``address`` may go for the connection at ``base``; or UnexpectedAnswerError."""
    if address.host == base.host or address.host in allowed_hosts:
        return Reach.OWN
    reach = Reach.PRIVATE if base_is_private else Reach.PUBLIC
    ip = literal(address.host)
    here = ip is None and is_loopback(address.host)
    if (ip is not None and not may_reach(ip, reach)) or (here and reach is Reach.PUBLIC):
        raise place_refused()
    return reach


async def is_private_place(address: Address) -> bool:
    """Whether all that the host of ``address`` leads to is on this machine or in a network of one's own."""
    if is_loopback(address.host):
        return True
    try:
        ips = [ipaddress.ip_address(ip) for ip in await resolve(address.host, address.port)]
    except UnknownHostError:
        return False
    return bool(ips) and all(map(is_private, ips))


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of ``host`` in the system's order of preference, families in turn. Raises UnknownHostError."""
    ip = literal(host)
    if ip is not None:
        return [str(ip)]
    loop = asyncio.get_running_loop()
    try:
        # not loop.getaddrinfo, which logs the host in debug mode
        found = await loop.run_in_executor(None, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        raise UnknownHostError from None
    families: dict[int, list[str]] = {}
    for family, _, _, _, place in found:
        if family in (socket.AF_INET, socket.AF_INET6):
            families.setdefault(family, []).append(str(place[0]).partition("%")[0])
    turns: list[str] = []
    for position in range(max(map(len, families.values()), default=0)):
        turns += [ips[position] for ips in families.values() if position < len(ips)]
    return list(dict.fromkeys(turns))


def place_refused() -> UnexpectedAnswerError:
    """A provider's data names a machine that is none of its business."""
    return UnexpectedAnswerError(
        "The provider's data names a machine in this network or this computer itself; it was not asked.",
        "If that is meant, name the host in the connection's option allowed_hosts.",
    )
