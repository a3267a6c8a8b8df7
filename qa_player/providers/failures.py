"""What httpx and httpcore raise, told in our words; nothing of their texts is kept. Loaded with the first request."""

from __future__ import annotations

import ssl

import anyio
import httpcore
import httpx

from qa_player.errors import NetworkError, QaPlayerError
from qa_player.providers.places import PlaceRefusedError, UnknownHostError, place_refused
from qa_player.providers.retry import Setback
from qa_player.providers.statuses import error_of

RAISED: tuple[type[Exception], ...] = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    OSError,
    UnicodeError,
    PlaceRefusedError,
    UnknownHostError,
)
"""Everything a request may raise that is no bug of ours."""

_EXPIRED_OR_EARLY = (9, 10)
_TRY_AGAIN = "Check the network and try again; nothing was lost."


def limits(*, connect_s: float, read_s: float) -> httpx.Timeout:
    """How long each step of a request may take without progress, in seconds."""
    return httpx.Timeout(connect=connect_s, read=read_s, write=connect_s, pool=connect_s)


def setback(raised: BaseException) -> Setback | QaPlayerError:
    """What ``raised`` means: a setback when the same request may succeed later, else the error that ends it."""
    chain = _chain(raised)
    if any(isinstance(error, PlaceRefusedError) for error in chain):
        return place_refused()
    unsafe = next((error for error in chain if isinstance(error, ssl.SSLError)), None)
    if unsafe is not None and not isinstance(unsafe, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _unsafe(unsafe)
    if unsafe is not None and isinstance(raised, httpcore.ConnectError):
        return Setback(_unsafe(unsafe))  # hung up on while shaking hands: refused, or an accident
    if isinstance(raised, httpcore.ProxyError):
        return error_of(407) if str(raised).startswith("407") else _proxy_refused()
    return Setback(NetworkError(_sentence(raised, chain), _TRY_AGAIN))


def _sentence(raised: BaseException, chain: list[BaseException]) -> str:
    if any(isinstance(error, UnknownHostError) for error in chain):
        return "The provider's name leads nowhere: there is no network, or the address is wrong."
    if isinstance(raised, httpcore.ConnectTimeout | httpcore.PoolTimeout):
        return "The provider could not be reached in time."
    if isinstance(raised, httpcore.ConnectError):
        return "The provider could not be reached."
    if isinstance(raised, httpcore.TimeoutException):
        return "The provider did not answer in time."
    return "The connection to the provider broke off."


def _unsafe(error: ssl.SSLError) -> NetworkError:
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _EXPIRED_OR_EARLY:
            return NetworkError(
                "The server's certificate has expired or is not valid yet; nothing was sent.",
                "Check this computer's date and time; if they are right, tell the provider.",
            )
        return NetworkError(
            "The server's certificate is not trusted; nothing was sent.",
            "Check the address; a company's own certificate must be trusted by the system.",
        )
    return NetworkError(
        "No safe connection could be made; nothing was sent.",
        "Check the address, and whether the network asks for sign-in.",
    )


def _proxy_refused() -> NetworkError:
    return NetworkError("The proxy did not let the request through.", "Check the proxy setting, or set it to off.")


def _chain(raised: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    link: BaseException | None = raised
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    return chain
