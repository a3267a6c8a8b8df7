"""A stand-in carrier: dials the relay and sends a call's two sides as Vobiz or Plivo would, in real time or faster.

Sources: Plivo's "Stream Event Protocol", Vobiz's "WebSocket events", and both vendors' pages on signatures.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qa_player.demo.voice import told

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME_MS = 20
LAST_WORDS_S = 0.2

_silent = logging.getLogger("qa_player.demo.carrier.silent")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False
_silent.setLevel(logging.CRITICAL + 1)
# websockets tells its log of addresses, and an address here is a key
EPOCH_MS = 1_780_000_000_000


@dataclass(frozen=True)
class Dialect:
    """How a vendor tells: the name in its headers, the first number, where its clock begins, and what it signs."""

    name: str
    first_number: int
    clock_ms: int
    signs_fields: bool

    def signed(self, method: str, address: str, token: str, fields: Mapping[str, str] | None = None) -> dict[str, str]:
        """The headers that sign a request, with a nonce of its own."""
        nonce = secrets.token_hex(10)
        base = address
        if self.signs_fields and method == "POST" and fields:
            base += "?" + "".join(f"{name}{fields[name]}" for name in sorted(fields))
        made = hmac.new(token.encode(), f"{base}.{nonce}".encode(), hashlib.sha256).digest()
        header = f"X-{self.name}-Signature-V3"
        return {header: base64.b64encode(made).decode(), f"{header}-Nonce": nonce}


VOBIZ = Dialect("Vobiz", 0, EPOCH_MS, signs_fields=False)
PLIVO = Dialect("Plivo", 1, 0, signs_fields=True)


@dataclass(frozen=True)
class CallSound:
    """What is sent of a call: samples of the sides at ``rate``; an empty side is not sent."""

    inbound: NDArray[np.int16]
    outbound: NDArray[np.int16]
    rate: int
    content_type: str = "audio/x-l16;rate=8000"
    big_endian: bool = True


@dataclass(frozen=True)
class Stream:
    """One stream: which call, and where it goes."""

    call_id: str
    stream_id: str
    account: str
    service_url: str = field(repr=False)
    callback_url: str = field(repr=False, default="")
    extra_headers: str = "{}"


Change = Callable[[Iterator[str]], Iterator[str]]
"""What a test makes of the messages before they are sent."""


class Carrier:
    """One vendor with its token. ``speed`` is how much faster than real time it sends, 0 for as fast as it can."""

    def __init__(self, dialect: Dialect, token: str, *, speed: float = 1.0) -> None:
        self.dialect = dialect
        self.speed = speed
        self._token = token

    def send(
        self,
        stream: Stream,
        sound: CallSound,
        *,
        stop: threading.Event | None = None,
        change: Change = iter,
        heard: Callable[[str], None] | None = None,
    ) -> bool:
        """Dial and send to the end, or until ``stop``; blocks. Raises what websockets raises when it is not let in.

        Whether all that was to be sent was; ``heard`` gets what the relay says, once the call is over.
        """
        from websockets.exceptions import ConnectionClosed
        from websockets.sync.client import connect

        stop = stop or threading.Event()
        headers = self.dialect.signed("GET", stream.service_url, self._token)
        with connect(
            stream.service_url,
            additional_headers=headers,
            compression=None,
            proxy=None,
            user_agent_header=None,
            logger=_silent,
        ) as line:
            self.tell(stream, "StartStream")
            began = time.monotonic()
            sides = max(bool(len(sound.inbound)) + bool(len(sound.outbound)), 1)
            whole = False
            with contextlib.suppress(ConnectionClosed, TimeoutError):
                for number, message in enumerate(change(self.messages(stream, sound))):
                    if stop.is_set():
                        break
                    line.send(message)
                    if self.speed:
                        due = began + number / sides * FRAME_MS / 1_000 / self.speed
                        stop.wait(max(0.0, due - time.monotonic()))
                whole = True
                while heard is not None:
                    heard(str(line.recv(timeout=LAST_WORDS_S)))
        return whole

    def messages(self, stream: Stream, sound: CallSound) -> Iterator[str]:
        """The stream's messages, in order."""
        dialect, number = self.dialect, self.dialect.first_number
        sides = {"inbound": sound.inbound, "outbound": sound.outbound}
        tracks = [name for name, samples in sides.items() if len(samples)]
        form = {"encoding": sound.content_type.partition(";")[0], "sampleRate": sound.rate}
        start = {
            "callId": stream.call_id,
            "streamId": stream.stream_id,
            "accountId": stream.account,
            "tracks": tracks,
            "mediaFormat": form,
        }
        yield _told(event="start", sequenceNumber=number, start=start, extra_headers=stream.extra_headers)
        each = sound.rate * FRAME_MS // 1_000
        longest = max((len(samples) for samples in sides.values()), default=0)
        for chunk in range(-(-longest // each)):
            for track in tracks:
                piece = sides[track][chunk * each : (chunk + 1) * each]
                if not len(piece):
                    continue
                number += 1
                media = {
                    "track": track,
                    "timestamp": str(dialect.clock_ms + chunk * FRAME_MS),
                    "chunk": chunk + 1,
                    "payload": base64.b64encode(told(piece, sound.content_type, big_endian=sound.big_endian)).decode(),
                }
                yield _told(event="media", sequenceNumber=number, streamId=stream.stream_id, media=media)

    def tell(self, stream: Stream, event: str, **more: str) -> int | None:
        """Call the status address back; the status of the answer, null when there is no address or no answer."""
        if not stream.callback_url:
            return None
        fields = {
            "Event": event,
            "CallUUID": stream.call_id,
            "StreamID": stream.stream_id,
            "Timestamp": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            **more,
        }
        headers = self.dialect.signed("POST", stream.callback_url, self._token, fields)
        request = urllib.request.Request(  # noqa: S310 -- the address is the relay's own
            stream.callback_url, urllib.parse.urlencode(fields).encode(), headers, method="POST"
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code
        except OSError:
            return None


def _told(**fields: Any) -> str:
    return json.dumps(fields)
