"""What a status means to a person: one error, one sentence and one next step for each."""

from __future__ import annotations

from qa_player.errors import (
    GoneError,
    KeyRefusedError,
    NetworkError,
    NotFoundError,
    NotReadyError,
    QaPlayerError,
    QuotaError,
    RateLimitedError,
    RequestRefusedError,
    UnexpectedAnswerError,
    UsageError,
)

REDIRECTS = frozenset({301, 302, 303, 307, 308})
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 529})
"""Statuses after which the same request may succeed."""

_TABLE: dict[int, tuple[type[QaPlayerError], str, str]] = {
    202: (NotReadyError, "The provider is still making this.", "Try again in a minute."),
    400: (
        RequestRefusedError,
        "The provider cannot make sense of the request.",
        "Check the session's id and the options.",
    ),
    401: (KeyRefusedError, "The provider refused the key.", "Check the key, or make a new one at the provider."),
    402: (QuotaError, "The account's quota at the provider is used up.", "Ask who pays for the account."),
    403: (
        KeyRefusedError,
        "The provider does not let this key do that.",
        "Use a key with more rights, or ask who owns the account.",
    ),
    404: (
        NotFoundError,
        "The provider does not have this, or this key may not see it.",
        "Check the id, and whose key the connection uses.",
    ),
    407: (NetworkError, "The proxy asks for a password.", "Put it into the proxy setting, or set the proxy to off."),
    409: (NotReadyError, "The provider has this, but not in a state to give it out.", "Try again in a few minutes."),
    410: (GoneError, "The provider has deleted this for good.", "There is nothing to try again."),
    422: (UsageError, "The provider refuses the values of the request.", "Check the filters and the options."),
    451: (NotFoundError, "The provider withholds this for legal reasons.", "Ask the provider."),
    511: (
        UnexpectedAnswerError,
        "The network asks for sign-in before it lets anything through.",
        "Open any web page in a browser, sign in to the network, then try again.",
    ),
}


def error_of(status: int, *, pause_s: float | None = None) -> QaPlayerError:
    """The error that ``status`` stands for; ``pause_s`` is what the provider asked us to wait."""
    if status == 429:
        return rate_limited(pause_s)
    if status in _TABLE:
        kind, message, next_step = _TABLE[status]
        return kind(message, next_step)
    if status in AGAIN or status >= 500:
        return NetworkError(
            f"The provider is in trouble (status {status}).", "Try again in a few minutes; nothing was lost."
        )
    if 400 <= status < 500:
        return UsageError(f"The provider refused the request (status {status}).", "Check the connection's address.")
    return UnexpectedAnswerError(
        f"The provider answered in a way its documents do not promise (status {status}).",
        "Check the connection's address.",
    )


def rate_limited(pause_s: float | None) -> RateLimitedError:
    """Too many requests; says how long the provider wants to be left alone."""
    if pause_s is None:
        wait = "Try again in a few minutes."
    elif pause_s < 90:
        wait = f"Try again in {max(round(pause_s), 1)} seconds."
    else:
        wait = f"Try again in {round(pause_s / 60)} minutes."
    return RateLimitedError("The provider asks us to slow down.", wait, pause_s=pause_s)


def sign_in_page() -> UnexpectedAnswerError:
    """A web page where data was promised: most often a network that wants to be signed in to."""
    return UnexpectedAnswerError(
        "A web page came back instead of data; perhaps the network asks for sign-in.",
        "Open any web page in a browser, sign in to the network, then try again; else check the connection's address.",
    )


def not_as_promised(what: str) -> UnexpectedAnswerError:
    """``what`` is a clause of ours, never of the provider's."""
    return UnexpectedAnswerError(
        f"The provider's answer is not what its documents promise: {what}.",
        "Try again; if it stays so, check the connection's address and report it.",
    )
