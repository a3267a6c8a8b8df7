"""Tag sets as files: there and back, what their schema says, and every fault of a faulty one told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.json_schema import departures
from qa_player.files import resource
from qa_player.formats.tag_set_file import read_tag_set, tag_set_file, tag_set_object
from qa_player.model.tag_set import Tag, TagColour, TagSet

SCHEMA = json.loads(resource("schemas", "tag-set.schema.json").read_text("utf-8"))
SHIPPED = resource("tag_sets", "usual.json").read_bytes()


@st.composite
def tag_sets(draw: st.DrawFn) -> TagSet:
    names = draw(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=20),
            min_size=1,
            max_size=12,
            unique_by=str.casefold,
        )
    )
    keys = draw(st.permutations([*range(1, 10), None, None, None]))
    tags = tuple(
        Tag(name=name, key=key, colour=draw(st.sampled_from(TagColour)), description=draw(st.text(max_size=30)))
        for name, key in zip(names, keys, strict=False)
    )
    return TagSet(set_id=draw(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,30}", fullmatch=True)), title="Ours", tags=tags)


@given(tag_sets())
def test_a_set_comes_back_from_its_file_as_it_was(tag_set: TagSet) -> None:
    assert read_tag_set(tag_set_file(tag_set)) == (tag_set, ())
    assert departures(tag_set_object(tag_set), SCHEMA) == []


def test_the_shipped_set_has_the_tags_that_reviews_begin_with() -> None:
    found, lines = read_tag_set(SHIPPED)
    assert lines == ()
    assert found is not None
    digits = {digit: tag.name for digit, tag in found.by_digit().items()}
    assert digits == {1: "compliance", 2: "interruption", 3: "empathy", 4: "wrong answer"}
    assert departures(json.loads(SHIPPED), SCHEMA) == []
    assert tag_set_file(found) == SHIPPED, "as it is exported"


def test_what_a_file_may_leave_out_has_a_meaning() -> None:
    found, _ = read_tag_set(b'{"set_id": "a", "title": "A", "tags": [{"name": "fee"}]}')
    assert found == TagSet(set_id="a", title="A", tags=(Tag(name="fee", colour=TagColour.GREY, key=None),))


def faulty(**changes: Any) -> bytes:
    return json.dumps({"set_id": "ours", "title": "Ours", "tags": [{"name": "fee", "key": 1}]} | changes).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff", "no JSON in UTF-8"),
        (b"[1]", "`tags` is expected"),
        (b"[" * 100_000, "no JSON in UTF-8"),
        (faulty(document="form"), "something else than a tag set"),
        (faulty(version=2), "another version"),
        (faulty(extra=1), "extra: nothing of that name"),
        (faulty(set_id="Ours & theirs"), "set id has characters that it cannot have."),
        (faulty(tags=[]), "tags has too few: 1 at least"),
        (faulty(tags=["fee"]), "Tag 1 is no JSON object."),
        (faulty(tags=[{"name": "fee", "key": 0}]), "Tag 1: key is less than 1."),
        (faulty(tags=[{"name": "fee", "colour": "#ff0000"}]), "Tag 1: colour: it is none of blue, sky-blue"),
        (faulty(tags=[{"name": "fee", "colour": []}]), "Tag 1: colour: it is none of"),
        (faulty(tags=[{"name": "fee", "color": "blue"}]), "Tag 1: color is no field that is known."),
        (faulty(tags=[{"name": "fee"}, {"name": "FEE"}]), "Tag 'FEE': the name stands twice."),
        (faulty(tags=[{"name": " fee"}]), "begins or ends with a space"),
        (
            faulty(tags=[{"name": "fee", "key": 3}, {"name": "tone", "key": 3}]),
            "Tag 'tone': the key 3 belongs to 'fee' already.",
        ),
    ],
)
def test_every_fault_is_told(data: bytes, words: str) -> None:
    found, lines = read_tag_set(data)
    assert found is None
    assert any(words in line for line in lines), lines


def test_all_faults_are_told_at_once() -> None:
    _, lines = read_tag_set(faulty(tags=[{"name": ""}, {"name": "fee", "key": 12}]))
    assert [line[:5] for line in lines] == ["Tag 1", "Tag 2"]
