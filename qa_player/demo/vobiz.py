"""Vobiz's dialect. Sources: its pages "List CDRs", "Get CDR", "List all recordings" and "Recording object"."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from qa_player.demo.carrier import VOBIZ
from qa_player.demo.phone_calls import PhoneCall
from qa_player.demo.telephony import Telephone, failure, told
from qa_player.demo.wire import Asked, Told


class VobizApi(Telephone):
    """Two headers as the key; calls by date, recordings without one."""

    usual_type = "call"
    base_path = "/api/v1"
    dialect = VOBIZ

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether both headers are right."""
        given = f"{headers.get('x-auth-id', '')}:{headers.get('x-auth-token', '')}"
        return hmac.compare_digest(given.encode(), f"{self.auth_id}:{self.token}".encode())

    def answer(self, asked: Asked) -> Told:
        """200, 400, 401 or 404; paths are case-sensitive."""
        if not self.knows(asked.headers):
            return failure(401, "Authentication failed")
        streams = self.streams(asked)
        if streams is not None:
            return streams
        calls, records = f"/api/v1/account/{self.auth_id}/cdr", f"/api/v1/Account/{self.auth_id}/Recording/"
        if asked.path == calls:
            return self._records(asked.query)
        one = re.fullmatch(rf"{re.escape(calls)}/([^/]+)", asked.path)
        if one:
            call = self._calls.get(one[1])
            return told({"data": _cdr(call), "success": True}) if call else failure(404, "CDR not found")
        if asked.path == records:
            return self.recordings(asked.query, most=100)
        one = re.fullmatch(rf"{re.escape(records)}([^/]+)/", asked.path)
        return self.one_recording(one[1]) if one else failure(404, "not found")

    def _records(self, query: Mapping[str, str]) -> Told:
        page, size = int(query.get("page", "1")), int(query.get("per_page", "20"))
        if page < 1 or not 1 <= size <= 100 or ("start_date" in query) != ("end_date" in query):
            return failure(400, "start_date and end_date go together, per_page is 1 to 100.")
        first, last = query.get("start_date", "0000"), query.get("end_date", "9999")
        found = [call for call in self._calls.values() if first <= f"{call.began:%Y-%m-%d}" <= last]
        found.sort(key=lambda call: call.began, reverse=True)
        pages = -(-len(found) // size)
        shown = found[(page - 1) * size : page * size]
        pagination = {
            "page": page,
            "per_page": size,
            "total": len(found),
            "pages": pages,
            "has_next": page < pages,
            "has_prev": page > 1,
        }
        body = {"account_id": self.auth_id, "count": len(shown), "data": [_cdr(call) for call in shown]}
        return told(body | {"pagination": pagination, "summary": {"totalCalls": len(found), "avgCallDuration": "28s"}})


def _cdr(call: PhoneCall) -> dict[str, Any]:
    return {
        "answer_time": f"{call.began + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}",
        "billsec": max(0, call.duration_s - 1),
        "call_direction": "inbound",
        "caller_id_name": "",
        "caller_id_number": call.from_number,
        "codec": "PCMU",
        "cost": 0.45,
        "currency": "INR",
        "destination_number": call.to_number,
        "duration": call.duration_s,
        "end_time": f"{call.ended:%Y-%m-%dT%H:%M:%SZ}" if call.over else None,
        "hangup_cause": "NORMAL_CLEARING",
        "hangup_cause_name": "Normal Hangup",
        "mos": 4.5,
        "start_time": f"{call.began:%Y-%m-%dT%H:%M:%SZ}",
        "trunk_id": None,
        "uuid": call.call_id,
    } | dict(call.told)
