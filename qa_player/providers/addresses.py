"""Addresses: what may be asked at all, and which machines an address out of a provider's data may lead to.

An `Address` keeps path and query exactly as they came, since a signature covers their spelling, and never prints them.
"""

from __future__ import annotations

import enum
import ipaddress
import urllib.parse
from dataclasses import dataclass, field

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST = 16_000

_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1", "fc00::/7")
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressError(ValueError):
    """An address that is not used; the text says why and holds nothing of it."""


class Reach(enum.Enum):
    """Which machines a request may end at."""

    OWN = "own"
    """Any: the host was named by the person."""
    PRIVATE = "private"
    """Public ones and this network's: the connection's own base address is private."""
    PUBLIC = "public"
    """Public ones only: the address came out of a provider's data."""


@dataclass(frozen=True)
class Address:
    """``scheme://host:port`` and the request target as it goes over the wire."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)

    @property
    def origin(self) -> tuple[str, str, int]:
        """What keys are bound to."""
        return self.scheme, self.host, self.port

    @property
    def root(self) -> str:
        """The origin as text; all that httpx ever gets to know."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def whole(self) -> str:
        """All of it: to join with, never to show."""
        return f"{self.root}{self.target}"

    def __repr__(self) -> str:
        return "Address(…)"


def parse_address(text: str) -> Address:
    """The address that ``text`` spells; raises AddressError unless it is https, or http on loopback, and plain."""
    if len(text) > LONGEST or any(character <= " " or character in "\\\x7f" for character in text):
        raise AddressError("it holds characters that no address has, or too many")
    try:
        split = urllib.parse.urlsplit(text)
        port = split.port
        host = (split.hostname or "").encode("idna").decode("ascii") if ":" not in (split.hostname or "") else None
    except (ValueError, UnicodeError):
        raise AddressError("it is not an address") from None
    host = split.hostname if host is None else host
    if "@" in split.netloc:
        raise AddressError("it holds a user name")
    if split.scheme not in ("https", "http") or not host or "%" in host or port == 0:
        raise AddressError("it is not an https address")
    if split.scheme == "http" and not is_loopback(host):
        raise AddressError("it is not encrypted")
    query = f"?{split.query}" if split.query else ""
    target = urllib.parse.quote(f"{split.path or '/'}{query}", safe="".join(map(chr, range(0x21, 0x7F))))
    return Address(split.scheme, host.lower(), port or (443 if split.scheme == "https" else 80), target)


def follow(address: Address, location: str) -> Address:
    """Where a redirect from ``address`` leads; raises AddressError."""
    try:
        whole = location if urllib.parse.urlsplit(location).scheme else urllib.parse.urljoin(address.whole, location)
    except ValueError:
        raise AddressError("it is not an address") from None
    return parse_address(whole)


def below(base: Address, path: str, query: str) -> Address:
    """``path`` under the base address's own path, with ``query`` as it stands."""
    root = base.target.partition("?")[0].rstrip("/")
    return Address(base.scheme, base.host, base.port, f"{root}{path}{'?' if query else ''}{query}")


def belongs_to(address: Address, base: Address, domains: frozenset[str]) -> bool:
    """Whether ``address`` is in one of a vendor's ``domains``, and as safe on the way as ``base`` is.

    >>> api = parse_address("https://api.acme.example/v1")
    >>> media = [parse_address(f"https://{host}/a") for host in ("media.acme.example", "evilacme.example")]
    >>> [belongs_to(one, api, frozenset({"acme.example"})) for one in media]
    [True, False]
    """
    inside = any(address.host == domain or address.host.endswith(f".{domain}") for domain in domains)
    return inside and address.scheme == base.scheme


def path_part(text: str) -> str | None:
    """``text`` as one part of a path, whatever it holds; null for what servers fold away.

    >>> path_part("sess_a1/../b"), path_part("..")
    ('sess_a1%2F..%2Fb', None)
    """
    if text in ("", ".", ".."):
        return None
    return urllib.parse.quote(text.encode("utf-8", "replace"), safe="")


def is_loopback(host: str) -> bool:
    """Whether ``host`` names this machine without asking anybody."""
    ip = literal(host)
    return host.lower() == "localhost" if ip is None else ip.is_loopback


def literal(host: str) -> Ip | None:
    """The machine that ``host`` spells out, null for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_private(ip: Ip) -> bool:
    """Whether ``ip`` is on this machine or in a network of one's own."""
    seen = _embedded(ip)
    return any(seen in network for network in _PRIVATE)


def may_reach(ip: Ip, reach: Reach) -> bool:
    """Whether a request under ``reach`` may end at ``ip``; link-local ones hold cloud machines' keys."""
    seen = _embedded(ip)
    if seen.is_unspecified or seen.is_multicast:
        return False
    if reach is Reach.OWN or (seen.is_global and not seen.is_reserved):
        return True
    return reach is Reach.PRIVATE and is_private(seen)


def _embedded(ip: Ip) -> Ip:
    """The IPv4 machine inside a mapped or translated IPv6 address."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if ip.sixtofour is not None:
            return ip.sixtofour
    return ip
