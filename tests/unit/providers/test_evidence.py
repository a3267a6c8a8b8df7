"""The digest of a transcript as received: one for one spelling, however quickly it is made."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from qa_player.canonical import digest
from qa_player.providers.evidence import transcript_digest

FIELDS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers())


@given(st.lists(st.dictionaries(st.sampled_from(["role", "text", "ts", "ñ", "字"]), FIELDS, max_size=4), max_size=4))
@example([{"ts": 1e-7}, {"ts": float("nan")}, {"ts": float("-inf")}, {"ts": -0.0}, {"ts": True}, {"ts": 10**20}])
def test_numbers_are_spelled_as_json_spells_them(turns: list[dict[str, object]]) -> None:
    names = ("role", "text", "ts", "ñ", "字")
    spelled = [
        {
            name: turn[name] if isinstance(turn[name], str) else [json.dumps(turn[name], sort_keys=True)]
            for name in names
            if name in turn
        }
        for turn in turns
    ]
    assert transcript_digest(turns, names) == digest(spelled)
