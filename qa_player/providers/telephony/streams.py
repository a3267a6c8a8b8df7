"""Streams of calls in progress, for vendors of Plivo's family: start, tell of, stop, and the element for their XML.

Sources: Vobiz's pages "Start an audio stream", "The Stream object" and "Stop a specific audio stream"; Plivo's "Audio
Streams" and "Stream" (XML).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from qa_player.errors import NotFoundError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.live import SignedRequest, StreamInfo, StreamState, StreamWish, Track
from qa_player.model.secret import Secret
from qa_player.providers.addresses import path_part
from qa_player.providers.commanding import command
from qa_player.providers.reading import instant, mapping
from qa_player.providers.statuses import not_as_promised
from qa_player.providers.telephony.signatures import Scheme

if TYPE_CHECKING:
    from qa_player.providers.door import HttpDoor

MOST_HEADER_BYTES = 512
PAGE = 20
MOST_PAGES = 25

_STATES = {
    "initiated": StreamState.RUNNING,
    "in-progress": StreamState.RUNNING,
    "started": StreamState.RUNNING,
    "completed": StreamState.STOPPED,
    "stopped": StreamState.STOPPED,
    "timeout": StreamState.STOPPED,
    "failed": StreamState.FAILED,
}


class StreamControl:
    """Fits `ControlsStreams` for an account that has a ``door``."""

    connection: Connection
    door: HttpDoor
    account: str
    scheme: Scheme
    token: Secret

    def is_signed(self, asked: SignedRequest) -> bool:
        """Whether the vendor sent this, by the account's token."""
        return self.scheme.is_signed(asked, self.token)

    def nonce_of(self, asked: SignedRequest) -> str:
        """What makes a signed request one of its kind."""
        return self.scheme.nonce_of(asked)

    def stream_element(self, wish: StreamWish, *, service_url: str, callback_url: str) -> str:
        """The element that starts the same stream from a call's XML."""
        told = {
            "bidirectional": str(wish.bidirectional).lower(),
            "audioTrack": track_of(wish).value,
            "streamTimeout": str(wish.time_limit_s),
            "contentType": wish.codec.content_type,
            "statusCallbackUrl": callback_url,
            "statusCallbackMethod": "POST",
        }
        if wish.headers:
            told["extraHeaders"] = headers_of(wish)
        attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in told.items())
        return f"<Stream {attributes}>{escape(service_url)}</Stream>"

    async def start_stream(self, call_id: str, wish: StreamWish, *, service_url: Secret, callback_url: Secret) -> str:
        """Have the call's sound sent; the id of the stream. Raises UsageError, NotFoundError, NetworkError …"""
        told = {
            "service_url": service_url,
            "bidirectional": wish.bidirectional,
            "audio_track": track_of(wish).value,
            "stream_timeout": wish.time_limit_s,
            "content_type": wish.codec.content_type,
            "status_callback_url": callback_url,
            "status_callback_method": "POST",
        }
        if wish.headers:
            told["extra_headers"] = headers_of(wish)
        answer = mapping(await command(self.door, "POST", self._path(call_id), told))
        stream_id = answer.get("stream_id")
        if not isinstance(stream_id, str) or not 0 < len(stream_id) <= 500:
            raise not_as_promised("it does not name the stream that was started")
        return stream_id

    async def streams(self, call_id: str) -> tuple[StreamInfo, ...]:
        """Every stream of the call, those that have ended among them."""
        found: list[StreamInfo] = []
        for page in range(MOST_PAGES):
            query = {"limit": str(PAGE), "offset": str(page * PAGE)}
            objects = mapping((await self.door.get_document(self._path(call_id), query)).data).get("objects")
            if not isinstance(objects, list):
                raise not_as_promised("it holds no list of streams")
            found += filter(None, (self._read(call_id, mapping(item)) for item in objects))
            if len(objects) < PAGE:
                break
        return tuple(found)

    async def stream(self, call_id: str, stream_id: str) -> StreamInfo:
        """One stream. Raises NotFoundError …"""
        document = await self.door.get_document(self._path(call_id, stream_id))
        found = self._read(call_id, mapping(document.data))
        if found is None or found.stream_id != stream_id:
            raise not_as_promised("it is not the stream that was asked for")
        return found

    async def stop_stream(self, call_id: str, stream_id: str | None) -> None:
        """Stop one stream, or all of the call; a call of which none runs is no error.

        Raises NotFoundError for a call or a stream that the vendor does not know, NetworkError …
        """
        try:
            await command(self.door, "DELETE", self._path(call_id, stream_id))
        except UsageError:
            # 400 "no active stream": the vendor has nothing that could be stopped
            if stream_id is not None:
                raise NotFoundError("No such stream runs.", "Check the ids.") from None

    def _path(self, call_id: str, stream_id: str | None = None) -> str:
        parts = [path_part(call_id), *([] if stream_id is None else [path_part(stream_id)])]
        if None in parts:
            raise NotFoundError("There is no such call or stream.", "Check the ids.")
        return f"/Account/{self.account}/Call/{parts[0]}/Stream/" + (f"{parts[1]}/" if len(parts) > 1 else "")

    def _read(self, call_id: str, told: Mapping[str, Any]) -> StreamInfo | None:
        stream_id = told.get("stream_id")
        if not isinstance(stream_id, str) or not 0 < len(stream_id) <= 500:
            return None
        ended_at = instant(told.get("end_time"))
        state = _STATES.get(str(told.get("status", "")).lower())
        billed = told.get("bill_duration", told.get("billed_duration"))
        return StreamInfo(
            connection=self.connection.name,
            call_id=call_id,
            stream_id=stream_id,
            state=state or (StreamState.RUNNING if ended_at is None else StreamState.STOPPED),
            track=str(told.get("audio_track", ""))[:100],
            content_type=str(told.get("content_type", ""))[:200],
            bidirectional=told.get("bidirectional") in (True, "true", "True"),
            started_at=instant(told.get("start_time")),
            ended_at=ended_at,
            billed_s=billed if isinstance(billed, int) and not isinstance(billed, bool) and billed >= 0 else None,
        )


def track_of(wish: StreamWish) -> Track:
    """The track that may be asked for: with both directions only what the caller says."""
    return Track.INBOUND if wish.bidirectional else wish.track


def headers_of(wish: StreamWish) -> str:
    """The extra headers as the vendors take them. Raises UsageError for too many."""
    told = ",".join(f"{name}={value}" for name, value in wish.headers.items())
    if len(told) > MOST_HEADER_BYTES:
        raise UsageError("The headers are longer than the carriers take.", "Keep them to 512 characters in all.")
    return told
