"""Names of sessions in every shape people have them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_player.errors import UsageError
from qa_player.formats.session_ids import read_session_ids


def ids(text: str) -> tuple[list[str], int]:
    named, nameless = read_session_ids(text.encode())
    return [one.session_id for one in named], nameless


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v1\n\n v2 \nv1\n", (["v1", "v2"], 0)),
        ("qa-player://clinic/call%2F7?t=12.5\nv2", (["call/7", "v2"], 0)),
        ("qa-player://\nv2", (["v2"], 1)),
        ("\ufeffsession_id,title\nv1,Knee\nv2,\n,none\n", (["v1", "v2"], 1)),
        ("Title;Session_ID;Clinician\nKnee;v1;Dr. Osei\n", (["v1"], 0)),
        ("a\x00b\nv1", (["v1"], 1)),
        (json.dumps({"status": "success", "session_id": "v1", "encounter_id": "e1"}), (["v1"], 0)),
        (json.dumps({"status": "failure", "error_code": "X"}), ([], 1)),
        (json.dumps({"visits": [{"session_id": "v1"}, {"title": "no id"}]}), (["v1"], 1)),
        (json.dumps(["v1", {"session_id": 77}, None]), (["v1", "77"], 1)),
        ('{"session_id": "v1"}\n{"session_id": "v2"}\n{broken', (["v1", "v2"], 1)),
        ("", ([], 0)),
    ],
)
def test_ids_are_found(text: str, expected: tuple[list[str], int]) -> None:
    assert ids(text) == expected


def test_a_table_tells_more_than_ids() -> None:
    table = "session_id,title,clinician,patient,started_at\nv1,Knee pain,Dr. Osei,R. H.,2026-11-20T09:30:00Z\n"
    ((visit,), _) = read_session_ids(table.encode())
    assert (visit.title, visit.agent, visit.party) == ("Knee pain", "Dr. Osei", "R. H.")
    assert visit.started_at is not None
    assert visit.started_at.isoformat() == "2026-11-20T09:30:00+00:00"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(UsageError):
        read_session_ids(b"\xff\xfe\x00")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        named, nameless = read_session_ids(data)
    except UsageError:
        return
    assert len({one.session_id for one in named}) == len(named)
    assert nameless >= 0
