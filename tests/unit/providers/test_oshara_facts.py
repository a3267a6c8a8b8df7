"""What Oshara tells beside a transcript: forms, usage and cost, and how far a recording is on its way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parts.loop import Loop
from parts.raw_server import Asked, Site, answer, as_json
from qa_player.errors import GoneError, NoRecordingError, NotReadyError, QaPlayerError
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingState
from qa_player.model.recording_stage import RecordingStage
from qa_player.model.secret import Secret
from qa_player.model.session import SessionDetail
from qa_player.providers.http import Http
from qa_player.providers.vendors.oshara import Oshara
from qa_player.services.recordings import playable_part

PAYLOADS = Path(__file__).parents[2] / "contract" / "payloads" / "oshara"


@pytest.fixture
def oshara(loop: Loop, connection: Connection, http: Http) -> Iterator[Oshara]:
    oshara = Oshara(connection, Secret("sk_test"), http)
    yield oshara
    loop.run(oshara.aclose())


def with_forms(forms: bytes | Callable[[], bytes], **changes: object) -> Callable[[Asked], bytes]:
    document = json.loads((PAYLOADS / "session.json").read_bytes())
    document["data"] |= changes

    def says(asked: Asked) -> bytes:
        if "/form-responses/" in asked.target:
            return forms if isinstance(forms, bytes) else forms()
        return as_json(document)

    return says


async def whole(oshara: Oshara) -> SessionDetail:
    return await oshara.beside(await oshara.detail("sess_a1b2c3"))


def rows(detail: SessionDetail, title: str) -> dict[str, str]:
    return {row.name: row.value for group in detail.facts if group.title == title for row in group.rows}


async def test_forms_as_documented(oshara: Oshara, site: Site) -> None:
    site.says = with_forms(answer(200, (PAYLOADS / "form-responses.json").read_bytes()))
    detail = await whole(oshara)
    assert site.asked[-1].target == "/api/agents/support-bot/form-responses/?session_id=sess_a1b2c3"
    assert site.asked[-1].headers["x-api-key"] == "sk_test"
    assert rows(detail, "Form lead-form") == {
        "name": "Rowan Ellis",
        "seats": "12",
        "demo": "yes",
        "days": '["Tue", "Thu"]',
        "Form": "lead-form",
        "Sent": "2026-05-28T14:22:10Z",
    }
    assert rows(detail, "Form") == {"Values": "just text"}
    assert "canary-other-session" not in repr(detail), "what another session sent is not this one's"
    told = detail.session.metadata["form_responses"]
    assert isinstance(told, list)
    assert [one["id"] for one in told if isinstance(one, dict)] == [31, "33"]
    assert detail.session.metadata["plan"] == "pro", "what the caller gave along stays as it was"


@pytest.mark.parametrize(
    ("status", "words"), [(403, "owner of the character"), (404, None), (401, "owner"), (500, "trouble")]
)
async def test_forms_that_cannot_be_read_hide_no_session(
    oshara: Oshara, site: Site, status: int, words: str | None
) -> None:
    site.says = with_forms(answer(status))
    detail = await whole(oshara)
    assert len(detail.turns) == 3
    told = rows(detail, "Form responses").get("Not read")
    assert (told is None) if words is None else (words in (told or ""))


async def test_no_forms_are_no_trouble(oshara: Oshara, site: Site) -> None:
    site.says = with_forms(answer(200, b"[]"))
    detail = await whole(oshara)
    assert not [group for group in detail.facts if group.title.startswith("Form")]
    site.says = with_forms(answer(200, b'{"success": true, "data": {}}'))
    assert "not what its documents promise" in rows(await whole(oshara), "Form responses")["Not read"]


async def test_usage_cost_and_origin_as_rows_for_a_person(oshara: Oshara, site: Site) -> None:
    site.says = with_forms(answer(404))
    detail = await whole(oshara)
    assert rows(detail, "Where it came from") == {
        "Page": "https://yoursite.com/contact",
        "Room": "oshara-voice-support-bot-user123-abc12",
        "User": "7",
        "Tenant": "acme",
        "Recording status": "READY",
    }
    assert rows(detail, "Usage and cost") == {
        "Estimated cost": "0.014200 US dollars",
        "Call": "184.7 s",
        "Language model": "gpt-4o-mini (openai)",
        "Tokens in": "1,840",
        "Tokens out": "612",
        "Speech recognised": "92.3 s (openai)",
        "Speech made": "1,284 characters (chatterbox)",
    }
    assert rows(detail, "Given along by the caller") == {"user_id": "u_42", "plan": "pro"}


STAGES = {
    "READY": RecordingStage.READY,
    "pending": RecordingStage.WAITING,
    "In Progress": RecordingStage.RECORDING,
    "UPLOADING": RecordingStage.UPLOADING,
    "PROCESSING": RecordingStage.PROCESSING,
    "FAILED": RecordingStage.FAILED,
    "NONE": RecordingStage.NOT_RECORDED,
    "DELETED": RecordingStage.DELETED,
    "EXPIRED": RecordingStage.EXPIRED,
    "MIGRATING": RecordingStage.UNKNOWN,
}


async def test_each_stage_has_a_sentence_of_its_own(oshara: Oshara, site: Site) -> None:
    told: dict[RecordingStage | None, QaPlayerError] = {}
    for status, stage in STAGES.items():
        address = None if stage is not RecordingStage.READY else "https://h.invalid/a"
        site.says = with_forms(answer(404), recording_status=status, recording_presigned_url=address)
        detail = await oshara.detail("sess_a1b2c3")
        assert detail.session.recording_stage is stage
        try:
            playable_part(detail)
            assert stage is RecordingStage.READY
        except QaPlayerError as error:
            told[stage] = error
            with pytest.raises(type(error), match=error.message.split(":")[0]):
                await oshara.recording("sess_a1b2c3", "recording")
    assert len({error.message for error in told.values()}) == len(STAGES) - 1
    assert all(error.next_step for error in told.values())
    kinds = {stage: type(error) for stage, error in told.items()}
    assert kinds[RecordingStage.UPLOADING] is NotReadyError
    assert kinds[RecordingStage.FAILED] is NoRecordingError
    assert kinds[RecordingStage.EXPIRED] is GoneError


async def test_ready_without_an_address_and_an_unknown_word_with_one(oshara: Oshara, site: Site) -> None:
    site.says = with_forms(answer(404), recording_presigned_url=None)
    promised = (await oshara.detail("sess_a1b2c3")).session
    assert (promised.recording_stage, promised.recording_state) == (RecordingStage.PROMISED, RecordingState.PROCESSING)
    site.says = with_forms(answer(404), recording_status="MIGRATING")
    there = (await oshara.detail("sess_a1b2c3")).session
    assert (there.recording_stage, there.recording_state) == (RecordingStage.READY, RecordingState.AVAILABLE)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "form_id", "session_id", "values", "created_at", ""]), inner, max_size=5
        )
    ),
    max_leaves=10,
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    forms=ANYTHING, summary=st.dictionaries(st.sampled_from(["user", "llm_model", "metadata", "origin_url"]), ANYTHING)
)
def test_whatever_the_forms_are_the_session_is_there(
    loop: Loop, oshara: Oshara, site: Site, forms: object, summary: dict[str, object]
) -> None:
    site.says = with_forms(as_json(forms), **summary)

    async def read() -> SessionDetail:
        return await whole(oshara)

    detail = loop.run(read())
    assert len(detail.turns) == 3
    assert (
        SessionDetail.model_validate_json(detail.model_copy(update={"raw": b""}).model_dump_json()).facts
        == detail.facts
    )
