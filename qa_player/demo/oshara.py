"""The first origin: a stand-in for Oshara's API, with the manners of its documentation.

Sources: Oshara's pages "Session history" (`GET /api/billing/usage/`), "Get a session transcript"
(`GET /api/billing/sessions/{session_id}/`) and "API keys" (`X-API-Key`); these come in the envelope
``{success, message, data, errors}``. "Form responses" (`GET /api/agents/{slug}/form-responses/`) is a bare array.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from qa_player.demo.literal import written
from qa_player.demo.oshara_login import OsharaLogin
from qa_player.demo.samples import Sample
from qa_player.demo.wire import Asked, Told

_ID = re.compile(r"^(sess_[A-Za-z0-9]{4,40}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$")
_DETAIL = re.compile(r"^/api/billing/sessions/([^/]*)/$")
_FORMS = re.compile(r"^/api/agents/([^/]+)/form-responses/$")
LISTING = "/api/billing/usage/"


class OsharaApi:
    """Answers with what one key may see. ``address_of`` gives a fresh signed address of a sample's recording."""

    def __init__(self, samples: Sequence[Sample], key: str, address_of: Callable[[Sample], str | None]) -> None:
        self.key = key
        self.key_works = True
        self.login = OsharaLogin()
        self._samples = {sample.session_id: sample for sample in samples}
        self._address_of = address_of

    def tell(self, sample: Sample) -> None:
        """Tell of its session as of this one from now on: a conversation went on, or ended."""
        self._samples[sample.session_id] = sample

    def answer(self, asked: Asked) -> Told:
        """200, 301 for a missing slash, 400, 401, 404 or 405."""
        if not asked.path.endswith("/"):
            query = f"?{urlencode(asked.query)}" if asked.query else ""
            return Told(301, b"", "text/html", {"Location": f"{asked.path}/{query}"})
        told = self.login.answer(asked)
        if told is not None:
            return told
        if not self._admits(asked):
            return failure(401, "Invalid or inactive API key.")
        if asked.method not in ("GET", "HEAD"):
            return failure(405, "Method not allowed.")
        if asked.path == LISTING:
            return self._listing(asked.query)
        forms = _FORMS.match(asked.path)
        if forms is not None:
            return self._forms(forms.group(1), asked.query.get("session_id"))
        wanted = _DETAIL.match(asked.path)
        return self._detail(wanted.group(1)) if wanted else failure(404, "Not found.")

    def _admits(self, asked: Asked) -> bool:
        """By the key, which wins where both are sent, or by the access token of a login."""
        given = asked.headers.get("x-api-key")
        if given is None:
            return self.login.admits(asked.headers.get("authorization", ""))
        return self.key_works and hmac.compare_digest(given.encode(), self.key.encode())

    def _forms(self, slug: str, session_id: str | None) -> Told:
        """What was filled in; the forms of somebody else's character are refused."""
        theirs = [sample for sample in self._samples.values() if sample.character_slug == slug]
        if not any(sample.ours for sample in theirs):
            return failure(403 if theirs else 404, "You do not own this character.")
        responses = [
            {"id": number, "session_id": sample.session_id, "created_at": _text(sample.created_at), **response}
            for sample in theirs
            if sample.ours and session_id in (None, sample.session_id)
            for number, response in enumerate(sample.told.get("forms", ()), 1)
        ]
        return Told(200, written(responses).encode())

    def _detail(self, session_id: str) -> Told:
        if not _ID.match(session_id):
            return failure(400, "session_id is not a valid UUID.")
        sample = self._samples.get(session_id)
        if sample is None or not sample.ours:
            return failure(404, "Session not found.")
        return _success(_summary(sample, self._address_of(sample)))

    def _listing(self, query: Mapping[str, str]) -> Told:
        try:
            page, size = int(query.get("page", "1")), int(query.get("page_size", "50"))
            start, end = _instant(query.get("start")), _instant(query.get("end"), end_of_day=True)
        except ValueError:
            return failure(400, "page, page_size, start or end cannot be read.")
        if page < 1 or not 1 <= size <= 200:
            return failure(400, "page starts at 1, page_size is 1 to 200.")
        found = [
            sample
            for sample in self._samples.values()
            if sample.ours
            and query.get("character_slug", sample.character_slug) == sample.character_slug
            and query.get("tenant_id", sample.tenant_id) == sample.tenant_id
            and (start is None or sample.created_at >= start)
            and (end is None or sample.created_at <= end)
        ]
        shown = found[(page - 1) * size : page * size]
        summaries = [_summary(sample, self._address_of(sample)) for sample in shown]
        return _success(_totals(found) | {"sessions": {"data": summaries}})


def _totals(found: Sequence[Sample]) -> dict[str, Any]:
    audio_s = sum(sample.duration_ms for sample in found) / 1_000
    return {
        "total_sessions": len(found),
        "total_llm_input_tokens": 1_840 * len(found),
        "total_llm_output_tokens": 612 * len(found),
        "total_stt_audio_seconds": round(audio_s / 2, 1),
        "total_tts_characters": 1_284 * len(found),
        "total_estimated_cost_usd": f"{0.0142 * len(found):.6f}",
    }


def _summary(sample: Sample, address: str | None) -> dict[str, Any]:
    """An AgentSessionSummary."""
    told, turns, seconds = sample.told, sample.transcript, sample.duration_ms / 1_000
    finalized_at = sample.created_at + timedelta(seconds=seconds + 4) if sample.finished else None
    summary: dict[str, Any] = {
        "id": 1_000 + sum(sample.session_id.encode()),
        "session_id": sample.session_id,
        "tenant_id": sample.tenant_id,
        "character_slug": sample.character_slug,
        "user": 7,
        "room_name": f"oshara-voice-{sample.character_slug}-user7-{sample.session_id[-5:]}",
        "origin_url": told.get("origin_url", "https://acme.example/contact"),
        "metadata": {"subject": sample.subject} | told.get("metadata", {}),
        "session_duration_seconds": seconds if sample.finished else 0.0,
        "turn_count": len(turns),
        "interruption_count": int(told.get("interruption_count", 0)),
        "llm_input_tokens": 1_840,
        "llm_output_tokens": 612,
        "llm_model": "gpt-4o-mini",
        "llm_provider": "openai",
        "stt_audio_seconds": round(seconds / 2, 1),
        "stt_provider": "openai",
        "tts_characters": 1_284,
        "tts_provider": "chatterbox",
        "estimated_cost_usd": "0.014200",
        "finalized_at": _text(finalized_at),
        "recording_status": told.get("recording_status", "READY"),
        "recording_url": f"s3://oshara-recordings/{sample.recording.name}" if sample.recording else None,
        "recording_presigned_url": address,
        "transcript_literal": sample.transcript_json,
        "transcript_text": sample.transcript_text,
        "created_at": _text(sample.created_at),
    }
    changed: dict[str, Any] = told.get("raw_summary", {})
    left_out = {*told.get("raw_without", ()), *(name.removesuffix("_literal") for name in changed)}
    kept = {name: value for name, value in summary.items() if name.removesuffix("_literal") not in left_out}
    return kept | changed


def _success(data: dict[str, Any]) -> Told:
    return Told(200, written({"success": True, "message": "OK", "data": data, "errors": None}).encode())


def failure(status: int, message: str = "The request failed.") -> Told:
    """An answer that says no, in the envelope."""
    body = {"success": False, "message": message, "data": None, "errors": {"detail": message}}
    return Told(status, written(body).encode())


def _instant(text: str | None, *, end_of_day: bool = False) -> datetime | None:
    """An instant of ISO 8601, or a date and then its whole day; without a zone it is UTC. Raises ValueError."""
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    if end_of_day and len(text) == len("2026-05-28"):
        instant += timedelta(days=1) - timedelta(microseconds=1)
    return instant


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.strftime("%Y-%m-%dT%H:%M:%SZ")
