"""What an answer for bytes is worth: only a 200 or a 206 that fits what is known may bring bytes.

The rules are those of RFC 9110 sections 13.1.5 and 14, read by somebody who has been lied to: validators count only
when strong, a part counts only when it starts where we asked, and a length only while nothing contradicts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from qa_player.errors import (
    AddressExpiredError,
    GoneError,
    MediaError,
    NetworkError,
    NotFoundError,
    RateLimitedError,
    UnexpectedAnswerError,
)
from qa_player.media.cache.patience import Setback
from qa_player.media.source import Answer

MAX_BYTES = 4 * 2**30
"""No recording is taken that is longer; a day of plain 16-bit stereo at 24 kHz fits twice."""

_AGAIN = frozenset({408, 425, 500, 502, 503, 504})
_SIGN_IN = 511


@dataclass(frozen=True)
class Identity:
    """What the held bytes belong to: the strong validator and the whole length, each null while unknown."""

    etag: str | None = None
    total: int | None = None


class Ruling(Enum):
    """PART: a 206 that fits. WHOLE: a 200, from byte zero. END: a 416 that confirms the length we have."""

    PART = "part"
    WHOLE = "whole"
    END = "end"


def strong(etag: str | None) -> str | None:
    """``etag`` if it may stand in ``If-Range``: present, not weak, and short enough to keep."""
    if not etag or etag.startswith(("W/", "w/")) or len(etag) > 500:
        return None
    return etag


def judge(answer: Answer, *, start: int, known: Identity) -> Ruling:
    """Rule on an answer to a request for bytes from ``start`` on; raises Setback when it brings nothing."""
    if answer.status == 416:
        return _judge_end(answer, start=start, known=known)
    if answer.status not in (200, 206):
        raise _refusal(answer)
    if answer.encoded:
        raise Setback(
            UnexpectedAnswerError(
                "The recording came in a compressed form that was not asked for.",
                "Try another network; if it happens again, tell the provider.",
            )
        )
    if answer.total is not None and answer.total > MAX_BYTES:
        raise MediaError("The recording is larger than 4 GiB.", "Ask the provider for it in parts.")
    if answer.status == 200:
        return Ruling.WHOLE
    if answer.start != start:
        raise Setback(_unexpected("another part of the recording than was asked for"))
    _compare(Identity(strong(answer.etag), answer.total), known)
    return Ruling.PART


def _judge_end(answer: Answer, *, start: int, known: Identity) -> Ruling:
    if answer.total is None:
        raise Setback(_unexpected("a refusal without a length"))
    if known.total is None and answer.total != start:
        raise Setback(disagreement(), identity=(strong(answer.etag), answer.total))
    _compare(Identity(strong(answer.etag), answer.total), known)
    if start < answer.total:
        raise Setback(_unexpected("a refusal of bytes it says it has"))
    return Ruling.END


def _compare(stated: Identity, known: Identity) -> None:
    etag_differs = None not in (stated.etag, known.etag) and stated.etag != known.etag
    total_differs = None not in (stated.total, known.total) and stated.total != known.total
    if etag_differs or total_differs:
        raise Setback(disagreement(), identity=(stated.etag, stated.total))


def _refusal(answer: Answer) -> Setback | GoneError:
    status = answer.status
    if status == 410:
        return GoneError("The recording was deleted at the provider.", "What was kept of it here stays as it is.")
    if status in (401, 403):
        return Setback(
            AddressExpiredError(
                "The recording's address was refused, and so was a fresh one.",
                "Check this computer's clock and proxy, then open the session again.",
            ),
            weight=2,
            renew=True,
        )
    if status == 404:
        return Setback(
            NotFoundError(
                "The recording is not where the provider says it is.",
                "It may not be ready yet: try again later, or ask the provider.",
            ),
            weight=3,
            renew=True,
        )
    if status == 429:
        return Setback(
            RateLimitedError("The provider asks for a pause.", "Wait some minutes, then try again."),
            pause_s=answer.retry_after,
        )
    if status in _AGAIN:
        return Setback(
            NetworkError("The provider's storage has trouble.", "Wait a little, then try again."),
            pause_s=answer.retry_after,
        )
    if status == _SIGN_IN:
        return Setback(not_media(b"<"), weight=2)
    return Setback(_unexpected(f"status {status}"), weight=99)


def no_sound(head: bytes, *, first_hand: bool) -> MediaError | Setback:
    """What to raise for a body that does not begin like sound: another try may bring another body, save where nobody
    stands between."""
    if not first_hand:
        return Setback(not_media(head), weight=2)
    return MediaError(
        "The file is no recording in a known form." if head else "The file is empty.",
        "Check that it is the file you mean; what plays is wav, mp3, m4a, aac, ogg, webm and flac.",
    )


def not_media(head: bytes) -> UnexpectedAnswerError | MediaError:
    """The sentence for a body that does not begin like sound."""
    if not head:
        return MediaError(
            "The provider's recording is empty.", "It may not be ready yet: try again later, or ask the provider."
        )
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{", b"["):
        return UnexpectedAnswerError(
            "A page came instead of the recording.",
            "If this network asks for a sign-in, sign in with a browser; then try again.",
        )
    return UnexpectedAnswerError(
        "What came is not a recording in a known form.", "Ask the provider what kind of file it is."
    )


def disagreement() -> UnexpectedAnswerError:
    """The sentence for answers that contradict one another."""
    return _unexpected("answers that contradict one another")


def broke_off() -> Setback:
    """The sentence for a body that ended before its length."""
    error = NetworkError("The recording broke off on its way.", "Check the network, then try again.")
    return Setback(error, broken=True)


def _unexpected(what: str) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(
        f"The provider's storage sent {what}.", "Try again; if it happens again, tell the provider."
    )
