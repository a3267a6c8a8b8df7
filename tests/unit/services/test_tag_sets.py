"""Tag sets: taken in, put in the place of an older one, in force, and in the audit trail."""

from __future__ import annotations

import pytest

from parts.desk import Desk
from qa_player.errors import ConflictError, FaultyFileError, NotFoundError, UsageError
from qa_player.formats.tag_set_file import tag_set_file
from qa_player.model.tag_set import Tag, TagSet

OURS = TagSet(set_id="ours", title="Ours", tags=(Tag(name="fee", key=1),))


async def test_the_usual_set_is_there_and_in_force_until_another_is_chosen(desk: Desk) -> None:
    (usual,) = await desk.tag_sets.all()
    assert await desk.tag_sets.in_force("") == usual
    assert await desk.tag_sets.in_force("gone") == usual
    with pytest.raises(NotFoundError):
        await desk.tag_sets.named("gone")


async def test_a_set_is_taken_in_once_and_changed_under_its_id(desk: Desk) -> None:
    for _ in range(2):
        assert await desk.tag_sets.add(tag_set_file(OURS)) == OURS
    changed = OURS.model_copy(update={"title": "Ours, 2"})
    await desk.tag_sets.add(tag_set_file(changed))
    assert [one.set_id for one in await desk.tag_sets.all()] == ["usual", "ours"]
    assert await desk.tag_sets.in_force("ours") == await desk.tag_sets.named("ours") == changed
    (added,) = await desk.events("tag_set.added")
    (replaced,) = await desk.events("tag_set.changed")
    assert (added.subject, replaced.subject) == ("ours", "ours")
    assert added.detail["digest"] != replaced.detail["digest"]


async def test_a_faulty_set_and_one_of_the_shipped_id_are_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match=r"no JSON"):
        await desk.tag_sets.add(b"?")
    with pytest.raises(FaultyFileError) as refused:
        await desk.tag_sets.add(b'{"tags": [1, 2]}')
    assert refused.value.faults == ("Tag 1 is no JSON object.", "Tag 2 is no JSON object.")
    with pytest.raises(ConflictError):
        await desk.tag_sets.add(tag_set_file(OURS.model_copy(update={"set_id": "usual"})))
    shipped = await desk.tag_sets.named("usual")
    assert await desk.tag_sets.add(tag_set_file(shipped)) == shipped, "the same again is no error"
    assert len(await desk.tag_sets.all()) == 1
