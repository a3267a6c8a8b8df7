"""Speaking into a call: only where the stream carries sound both ways, and only once it was switched on for that call.

What is said goes out as mu-law: of 16-bit samples no document says which byte comes first.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from qa_player.errors import NetworkError, NotFoundError, QaPlayerError, UsageError
from qa_player.services.live.captures import CONNECTION, Captures
from qa_player.services.live.gate import LiveGate

if TYPE_CHECKING:
    from qa_player.services.live.reception import Reception

RATE = 8_000
MOST_AT_ONCE_S = 10


class Speaking:
    """Off for every call until `switch_on`; switching is audited, and off again when the call is over."""

    def __init__(self, captures: Captures, gate: LiveGate) -> None:
        self._captures = captures
        self._gate = gate
        self._on: set[str] = set()

    def is_on(self, session_id: str) -> bool:
        """Whether what is said is heard in the call."""
        return session_id in self._on and session_id in self._gate.receptions

    async def switch(self, session_id: str, *, on: bool) -> None:
        """Let a person speak into a call that is received here, or no longer. Raises NotFoundError, UsageError."""
        reception = self._reception(session_id)
        if on and not reception.capture.wish.bidirectional:
            raise UsageError(
                "This call's stream carries sound one way only.", "Start it with sound both ways (--bidirectional)."
            )
        action = "live.speaking_on" if on else "live.speaking_off"
        await self._captures.database.write(
            lambda transaction: self._captures.trail.append(
                transaction, action, connection=CONNECTION, session_id=session_id, subject=reception.capture.call_id
            )
        )
        (self._on.add if on else self._on.discard)(session_id)
        reception.note("speaking into the call was switched " + ("on" if on else "off"), of_carrier=False)

    async def say(self, session_id: str, samples: Any) -> None:
        """Send 16-bit samples at 8 kHz into the call.

        Raises UsageError while it is off, NotFoundError, NetworkError.
        """
        from qa_player.live.samples import Format, encode

        reception = self._reception(session_id)
        if not self.is_on(session_id):
            raise UsageError("Speaking into this call is off.", "Switch it on for this call first.")
        if len(samples) > MOST_AT_ONCE_S * RATE:
            raise UsageError("This is too much to be said at once.", "Send it in pieces of up to ten seconds.")
        payload = base64.b64encode(encode(samples, Format(True, RATE), big_endian=False)).decode()
        media = {"contentType": "audio/x-mulaw", "sampleRate": RATE, "payload": payload}
        error: QaPlayerError | None = None
        try:
            await reception.say(json.dumps({"event": "playAudio", "media": media}))
        except OSError:
            error = NetworkError("What was said did not reach the call.", "Say it again while the line is open.")
        if error is not None:
            raise error

    async def spoke(self, session_id: str, lasted_ms: int) -> None:
        """Keep that somebody spoke into the call for so long; nothing happens once it is over."""
        reception = self._gate.receptions.get(session_id)
        if reception is None:
            return
        await self._captures.database.write(
            lambda transaction: self._captures.trail.append(
                transaction,
                "live.spoke",
                connection=CONNECTION,
                session_id=session_id,
                subject=reception.capture.call_id,
                detail={"lasted_ms": lasted_ms},
            )
        )
        reception.note(f"spoken into the call for {lasted_ms / 1_000:.1f} s", of_carrier=False)

    def _reception(self, session_id: str) -> Reception:
        reception = self._gate.receptions.get(session_id)
        if reception is None:
            raise NotFoundError("This call is not received here, or it is over.", "See the calls in progress.")
        return reception
