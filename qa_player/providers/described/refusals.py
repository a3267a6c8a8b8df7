"""What a status means at one provider: the description's word for it, told in a sentence with a next step."""

from __future__ import annotations

from collections.abc import Mapping

from qa_player.errors import (
    GoneError,
    KeyRefusedError,
    NetworkError,
    NoRecordingError,
    NotFoundError,
    NotReadyError,
    QaPlayerError,
    QuotaError,
    RateLimitedError,
    UsageError,
)

_TABLE: dict[str, tuple[type[QaPlayerError], str, str]] = {
    "auth_invalid": (KeyRefusedError, "The provider refused the key.", "Check the key, or whose it is."),
    "bad_request": (
        UsageError,
        "The provider cannot make sense of the request.",
        "Check the session's id, the filters and the options.",
    ),
    "gone": (GoneError, "The provider has deleted this for good.", "There is nothing to try again."),
    "no_audio": (NoRecordingError, "The session has no recording.", "Its transcript can be read all the same."),
    "not_found_or_forbidden": (
        NotFoundError,
        "The provider does not have this, or this key may not see it.",
        "Check the id, and whose key the connection uses.",
    ),
    "not_ready": (NotReadyError, "The provider is still making this.", "Try again in a minute."),
    "quota": (QuotaError, "The account's quota at the provider is used up.", "Ask who pays for the account."),
    "rate_limited": (RateLimitedError, "The provider asks us to slow down.", "Try again in a few minutes."),
    "transient": (NetworkError, "The provider could not answer just now.", "Try again in a minute."),
}


def refusal(status: int, *tables: Mapping[str, str]) -> QaPlayerError | None:
    """The error that the first table naming ``status`` has for it; null where none does."""
    kind = next((table[str(status)] for table in tables if str(status) in table), None)
    if kind is None:
        return None
    error, message, next_step = _TABLE[kind]
    return error(message, next_step)
