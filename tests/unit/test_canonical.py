"""Canonical JSON: one spelling for one value, that of RFC 8785, and a refusal for what has none."""

from __future__ import annotations

import hashlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_player.canonical import canonical_json, digest, keyed_digest, sha256

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_it_reads_back_as_the_value(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(texts, values, max_size=6), st.randoms())
def test_the_order_in_which_keys_came_does_not_show(value: dict[str, object], random: object) -> None:
    keys = list(value)
    random.shuffle(keys)  # type: ignore[attr-defined]
    assert canonical_json({key: value[key] for key in keys}) == canonical_json(value)


def test_keys_are_sorted_as_in_the_standard_s_example() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    spelled = json.loads(canonical_json(dict.fromkeys(names)), object_pairs_hook=list)
    assert [name for name, _ in spelled] == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_text_is_escaped_as_in_the_standard_and_no_further() -> None:
    text = '\u20ac$\u000f\nA\'B"\\\\"/\x7f'
    assert canonical_json(text) == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"'.encode()
    assert canonical_json({"b": [1, True, None], "a": {}}) == b'{"a":{},"b":[1,true,null]}'
    assert canonical_json((1, 2)) == b"[1,2]"


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        math.nan,
        math.inf,
        2**53,
        -(2**53),
        {1: "key"},
        {"deep": [{"deeper": 0.5}]},
        b"bytes",
        bytearray(b"bytes"),
        {"a set"},
        ...,
        "\ud800",
        {"\udfff": 1},
    ],
    ids=repr,
)
def test_what_has_no_single_spelling_is_refused(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - a refusal of ours or of the text encoding
        canonical_json(value)


def test_digests_are_those_of_any_other_tool() -> None:
    assert digest({"b": 1, "a": "ä"}) == hashlib.sha256('{"a":"ä","b":1}'.encode()).hexdigest()
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    # RFC 4231, test case 2
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert keyed_digest(b"Jefe", b"what do ya want for nothing?") == expected
