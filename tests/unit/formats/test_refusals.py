"""What is wrong with a file is told in our words, and never in those of whoever wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from qa_player.formats.refusals import refusals
from qa_player.model.tag_set import TagSet

GOOD = {"set_id": "ours", "title": "Ours", "tags": [{"name": "fee", "colour": "blue"}]}


def told(change: Mapping[str, object]) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        TagSet.model_validate_json(json.dumps({**GOOD, **change}))
    return list(refusals(refused.value))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": None}, "title is no text."),
        ({"title": "x" * 100_000}, "title is longer than 200 characters."),
        ({"title": ""}, "title is empty."),
        ({"set_id": "Ours!"}, "set id has characters that it cannot have."),
        ({"tags": []}, "tags has too few: 1 at least."),
        ({"tags": {}}, "tags is no list."),
        ({"secret": "4111 1111"}, "secret is no field that is known."),
        ({"tags": [{"colour": "blue"}]}, "tags 0 name is missing."),
        ({"tags": [{"name": "fee", "colour": "mauve"}]}, "tags 0 colour is none of 'blue', "),
        ({"tags": [{"name": "fee", "colour": "blue", "key": 12}]}, "tags 0 key is more than 9."),
    ],
)
def test_each_field_is_named_with_what_is_wrong_with_it(change: Mapping[str, object], sentence: str) -> None:
    lines = told(change)
    assert lines[0].startswith(sentence)
    assert not any(word in line for word in ("4111", "mauve", "xxxx", "Ours!") for line in lines)
