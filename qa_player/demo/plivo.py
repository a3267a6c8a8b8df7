"""Plivo's dialect. Sources: its pages "List all recordings", "The Recording object" and "Get call detail record"."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from qa_player.demo.phone_calls import PhoneCall
from qa_player.demo.telephony import INDIA, Telephone, failure, told
from qa_player.demo.wire import Asked, Told

_WINDOW = timedelta(days=30)
_USUAL_WINDOW = timedelta(days=7)


class PlivoApi(Telephone):
    """Basic authentication; recordings in windows of 30 days, 20 a page, media open to all unless told otherwise."""

    base_path = "/v1"

    def __init__(self, calls: Sequence[PhoneCall], auth_id: str, token: str) -> None:
        super().__init__(calls, auth_id, token)
        self.asks_key_at_media = False

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether the pair is right."""
        pair = base64.b64encode(f"{self.auth_id}:{self.token}".encode()).decode()
        return hmac.compare_digest(headers.get("authorization", "").encode(), f"Basic {pair}".encode())

    def answer(self, asked: Asked) -> Told:
        """200, 400, 401 or 404."""
        if not self.knows(asked.headers):
            return failure(401, "could not authenticate")
        streams = self.streams(asked)
        if streams is not None:
            return streams
        base = f"/v1/Account/{self.auth_id}"
        if asked.path == f"{base}/Recording/":
            since, until = _window(asked.query)
            if until - since > _WINDOW:
                return failure(400, "add_time range must not exceed 30 days")
            return self.recordings(asked.query, most=20)
        one = re.fullmatch(rf"{re.escape(base)}/(Recording|Call)/([^/]+)/", asked.path)
        if one and one[1] == "Recording":
            return self.one_recording(one[2])
        call = self._calls.get(one[2]) if one else None
        return told(_call(call)) if call else failure(404, "not found")

    def in_window(self, added: datetime, query: Mapping[str, str]) -> bool:
        """Within the window asked for, or the last seven days."""
        since, until = _window(query)
        return since <= added < until


def _window(query: Mapping[str, str]) -> tuple[datetime, datetime]:
    """What ``add_time`` asks for, in UTC."""
    now = datetime.now(UTC)
    since, until = query.get("add_time__gte"), query.get("add_time__lt")
    if since is None and until is None:
        return now - _USUAL_WINDOW, now
    first, last = (datetime.fromisoformat(f"{text or '1970-01-01 00:00:00'}+00:00") for text in (since, until))
    return first, last


def _call(call: PhoneCall) -> dict[str, Any]:
    def local(moment: datetime) -> str:
        return f"{moment.astimezone(INDIA):%Y-%m-%d %H:%M:%S}+05:30"

    return {
        "answer_time": local(call.began),
        "api_id": "52cd2e1d-2bfd-11ec-a7bd-0242ac110005",
        "bill_duration": call.duration_s,
        "billed_duration": 60 * -(-call.duration_s // 60),
        "call_direction": "inbound",
        "call_duration": call.duration_s,
        "call_state": "ANSWER",
        "call_uuid": call.call_id,
        "conference_uuid": None,
        "end_time": local(call.ended) if call.over else None,
        "from_number": call.from_number,
        "hangup_cause_code": 4_000,
        "hangup_cause_name": "Normal Hangup",
        "hangup_source": "Caller",
        "initiation_time": local(call.began),
        "parent_call_uuid": None,
        "resource_uri": f"/v1/Account/MA/Call/{call.call_id}/",
        "to_number": call.to_number,
        "total_amount": "0.01667",
        "total_rate": "1.00000",
    } | dict(call.told)
