"""A stand-in for Suki's API, with the manners of its documentation, and a customer's feed of visits.

Sources: Suki's pages "Login", "Status", "Recording", "Transcript", "Content" and "Structured data". What a refusal's
body looks like is documented nowhere.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from qa_player.demo.literal import written
from qa_player.demo.visits import Visit
from qa_player.demo.wire import Asked, Told

LOGIN = "/api/v1/auth/login"
FEED = "/visits.json"
DOWNLOAD_S = 3_600.0
_SESSION = re.compile(r"^/api/v1/ambient/session/([^/]+)/(status|recording|transcript|content|structured-data)$")

AddressOf = Callable[[str, float | None], str]
"""A fresh signed address of a file's recording; the lifetime in seconds, null for that of streaming."""


class SukiApi:
    """Answers with what one partner may see. ``token_life_s`` is how long a login is good for."""

    def __init__(
        self, visits: Sequence[Visit], *, partner_id: str, key: str, address_of: AddressOf, streaming_s: float
    ) -> None:
        self.partner_id = partner_id
        self.key = key
        self.token_life_s = 3_600.0
        self.logins = 0
        self._visits = {visit.session_id: visit for visit in visits}
        self._address_of = address_of
        self._streaming_s = streaming_s
        self._tokens: dict[str, float] = {}

    def revoke(self) -> None:
        """No token that was given so far is good any more."""
        self._tokens.clear()

    def answer(self, asked: Asked) -> Told:
        """200, 400, 401, 404, 405, 409 or 410."""
        if asked.path == LOGIN:
            return self._login(asked) if asked.method == "POST" else failure(405)
        token = asked.headers.get("sdp_suki_token", "")
        if self._tokens.get(token, 0.0) <= time.time():
            return failure(401)
        if asked.method not in ("GET", "HEAD"):
            return failure(405)
        wanted = _SESSION.match(asked.path)
        visit = self._visits.get(wanted.group(1)) if wanted else None
        if wanted is None or visit is None or not visit.ours:
            return failure(404)
        return self._of(visit, wanted.group(2), asked)

    def feed(self, asked: Asked) -> Told:
        """The customer's own document of today's visits; see docs/providers/suki.md."""
        if asked.path != FEED:
            return failure(404)
        visits = [_fed(visit) for visit in self._visits.values() if visit.ours]
        return Told(200, written({"visits": visits}).encode())

    def _login(self, asked: Asked) -> Told:
        try:
            told = json.loads(asked.body)
        except ValueError:
            return failure(400)
        if not isinstance(told, dict) or not {"partner_id", "partner_token"} <= told.keys():
            return failure(400)
        fits = hmac.compare_digest(str(told["partner_token"]).encode(), self.key.encode())
        if not fits or told["partner_id"] != self.partner_id:
            return failure(401)
        self.logins += 1
        now = time.time()
        token = _jwt({"iat": int(now), "exp": int(now + self.token_life_s), "jti": secrets.token_hex(8)})
        self._tokens[token] = now + self.token_life_s
        return _found({"suki_token": token})

    def _of(self, visit: Visit, what: str, asked: Asked) -> Told:
        done = visit.status.lower() in ("completed", "skipped")
        if what == "status":
            return _found({"status": visit.status})
        if what == "recording":
            return self._recording(visit, download=asked.query.get("download") == "true")
        if what == "transcript":
            return _found({"final_transcript": transcript_of(visit)})
        if not done:
            return failure(409)
        if what == "content":
            return _found({"summary": visit.told.get("note", [])})
        return _found({"structured_data": visit.told.get("structured_data", {})})

    def _recording(self, visit: Visit, *, download: bool) -> Told:
        if visit.recording == "gone":
            return failure(410)
        if visit.recording != "ready" or not visit.media:
            return failure(404)
        streamable = visit.streamable or download
        life_s = DOWNLOAD_S if download else self._streaming_s
        recordings = [
            {
                "recording_id": recording_id(visit, number),
                "presigned_url": self._address_of(path.name, DOWNLOAD_S if download else None),
                "expires_at": int(time.time() + life_s),
                "sequence_number": number + 1,
            }
            for number, path in enumerate(visit.media)
        ]
        # the documents promise an order by sequence_number only
        return _found({"recordings": recordings[::-1], "is_streamable": streamable})


def recording_id(visit: Visit, number: int) -> str:
    """A recording's id as the recording endpoint gives it: a ULID."""
    return f"01JD{base64.b32encode(visit.session_id.encode()).decode()[:20]}{number:02}"


def transcript_of(visit: Visit) -> list[dict[str, Any]]:
    """The items of a transcript: offsets from the beginning of the audio, wall times, and nobody's name."""
    if "raw_transcript" in visit.told:
        return list(visit.told["raw_transcript"])
    return [
        {
            "transcript_id": f"{visit.session_id[:8]}-{index:04}",
            # a UUID, while the recording endpoint has a ULID: so it is in Suki's own samples
            "recording_id": f"{visit.session_id[:34]}{int(turn.get('recording', 0)):02}",
            "transcript": turn["text"],
            "lang_id": "en",
            "start_time": _rfc3339(visit.wall(turn, "start_ms")),
            "end_time": _rfc3339(visit.wall(turn, "end_ms")),
            "start_offset": _offset(int(turn["start_ms"])),
            "end_offset": _offset(int(turn["end_ms"])),
        }
        for index, turn in enumerate(visit.told.get("turns", []))
    ]


def _fed(visit: Visit) -> dict[str, Any]:
    if "raw_visit" in visit.told:
        return dict(visit.told["raw_visit"])
    return {
        "session_id": visit.session_id,
        "title": visit.title,
        "clinician": visit.told.get("clinician"),
        "patient": visit.told.get("patient"),
        "started_at": _rfc3339(visit.began),
        "ended_at": _rfc3339(visit.began + timedelta(milliseconds=visit.length_ms)) if visit.length_ms else None,
        "status": visit.status,
    }


def failure(status: int) -> Told:
    """An answer that says no; what its body is to be, no document says."""
    return Told(status, written({"error": {"code": status, "message": "The request failed."}}).encode())


def _found(data: dict[str, Any]) -> Told:
    return Told(200, written(data).encode())


def _offset(milliseconds: int) -> dict[str, int]:
    seconds, rest = divmod(milliseconds, 1_000)
    return {
        "hours": seconds // 3_600,
        "minutes": seconds // 60 % 60,
        "seconds": seconds % 60,
        "nanos": rest * 1_000_000,
    }


def _rfc3339(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond:06}000Z"


def _jwt(claims: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)] + [secrets.token_bytes(32)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
