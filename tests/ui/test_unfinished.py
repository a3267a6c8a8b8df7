"""What is typed is kept while it is typed, comes back with its session, and is gone once it was kept or thrown away."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt

from parts.window import Room
from qa_player.model.annotation import Severity
from qa_player.model.unfinished import Unfinished
from qa_player.ui.panels.annotations import AnnotationsPanel

SUBJECT = "Cancel the add-on"
OTHER = "Messy transcript"


async def all_waiting(room: Room) -> tuple[Unfinished, ...]:
    """What waits in the session that is open."""
    session = room.app.playback.session
    assert session is not None
    await room.until(lambda: not room.tasks.running("save-unfinished"))
    return await room.app.unfinished.of_session(session.connection.name, session.session_id)


async def waiting(room: Room) -> Unfinished | None:
    """What was written last of it."""
    return next(reversed(await all_waiting(room)), None)


async def until_it_waits(room: Room, text: str) -> None:
    """At most two seconds, and not only once the keys rest."""
    async with asyncio.timeout(2.0):
        while (found := await waiting(room)) is None or found.text != text:
            await asyncio.sleep(0.02)


async def writing(room: Room) -> AnnotationsPanel:
    """The editor open on a moment of the session, something written in every field."""
    await room.open(SUBJECT)
    panel = room.panels.annotations
    await room.press(Qt.Key.Key_M, on=room.panels.transcript.view)
    await room.until(panel.editor.isVisible)
    await room.type("policy", panel.editor.tag)
    panel.editor.severity.setCurrentIndex(2)
    await room.type("said nothing of the fee", panel.editor.text)
    await until_it_waits(room, "said nothing of the fee")
    return panel


async def test_it_comes_back_with_its_session_and_is_gone_once_it_is_kept(room: Room) -> None:
    panel = await writing(room)
    await room.type(", twice", panel.editor.text)
    await room.open(OTHER)
    assert panel.editor.isHidden()
    assert await waiting(room) is None, "it belongs to the other session"
    await room.open(SUBJECT)
    await room.until(panel.editor.isVisible)
    assert "is back" in room.panels.messages.text()
    assert (panel.editor.tag.text(), panel.editor.text.toPlainText()) == ("policy", "said nothing of the fee, twice")
    assert panel.editor.draft().severity is Severity.MAJOR
    assert not panel.editor.isAncestorOf(room.shell.focusWidget()), "the keys are not taken from the transcript"
    assert room.app.review.annotations == (), "nothing was kept that nobody kept"
    await room.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, on=panel.editor.text)
    await room.until(lambda: [one.text for one in room.app.review.annotations] == ["said nothing of the fee, twice"])
    await room.until(panel.editor.isHidden)
    assert await waiting(room) is None


async def test_what_is_thrown_away_does_not_come_back(room: Room) -> None:
    panel = await writing(room)
    await room.press(Qt.Key.Key_Escape, on=panel.editor.text)
    await room.until(panel.editor.isHidden)
    assert await waiting(room) is None
    await room.open(OTHER)
    await room.open(SUBJECT)
    assert await waiting(room) is None
    assert panel.editor.isHidden()


async def test_a_change_that_was_begun_goes_on_as_a_change(room: Room) -> None:
    panel = await writing(room)
    await room.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, on=panel.editor.text)
    await room.until(panel.editor.isHidden)
    (one,) = room.app.review.annotations
    panel.edit(one.annotation_id)
    panel.editor.text.setPlainText("said nothing")
    await until_it_waits(room, "said nothing")
    await room.open(OTHER)
    await room.open(SUBJECT)
    await room.until(panel.editor.isVisible)
    assert panel.unsaved()
    await room.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, on=panel.editor.text)
    await room.until(lambda: [each.text for each in room.app.review.annotations] == ["said nothing"])
    assert room.app.review.annotations[0].annotation_id == one.annotation_id


async def test_who_writes_on_and_on_is_kept_all_the_while(room: Room) -> None:
    """A clock that began anew with every key would never come to its end."""
    panel = await writing(room)
    seen: set[str] = set()
    async with asyncio.timeout(20):
        while len(seen) < 3:
            await room.type("x", panel.editor.text)
            found = await waiting(room)
            seen.add("" if found is None else found.text)
            await asyncio.sleep(0.05)


async def test_what_is_begun_over_it_leaves_it_whole(room: Room) -> None:
    panel = await writing(room)
    (first,) = await all_waiting(room)
    room.app.playback.seek(4_000)
    room.desk.marking.mark_moment()
    assert panel.editor.text.toPlainText() == "", "another moment begins anew"
    await room.type("and another", panel.editor.text)
    await until_it_waits(room, "and another")
    assert len(await all_waiting(room)) == 2
    await room.open(OTHER)
    await room.open(SUBJECT)
    await room.until(panel.editor.isVisible)
    assert panel.editor.text.toPlainText() == "and another"
    await room.press(Qt.Key.Key_Escape, on=panel.editor.text)
    await room.until(lambda: panel.editor.text.toPlainText() == "said nothing of the fee")
    assert panel.editor.isVisible()
    assert "is back" in room.panels.messages.text()
    await room.until(lambda: not room.tasks.running("save-unfinished"))
    (left,) = await all_waiting(room)
    assert left.about == first.about
    await room.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, on=panel.editor.text)
    await room.until(panel.editor.isHidden)
    assert [one.text for one in room.app.review.annotations] == ["said nothing of the fee"]
    assert await waiting(room) is None


async def test_the_same_thing_begun_again_is_written_on(room: Room) -> None:
    panel = await writing(room)
    panel.begin(panel.editor.before)
    assert panel.editor.text.toPlainText() == "said nothing of the fee"
    assert panel.editor.text.hasFocus()


async def test_a_change_of_what_is_gone_waits_as_a_new_one(room: Room) -> None:
    panel = await writing(room)
    await room.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, on=panel.editor.text)
    await room.until(panel.editor.isHidden)
    (one,) = room.app.review.annotations
    panel.edit(one.annotation_id)
    panel.editor.text.setPlainText("said nothing")
    await until_it_waits(room, "said nothing")
    await room.app.review.delete(one.annotation_id)
    await room.open(OTHER)
    await room.open(SUBJECT)
    await room.until(panel.editor.isVisible)
    await room.press(Qt.Key.Key_Escape, on=panel.editor.text)
    await room.until(panel.editor.isHidden)
    assert await waiting(room) is None, "it does not come back for ever"


async def test_tab_goes_from_the_words_to_the_tag_and_on_to_keeping_them(room: Room) -> None:
    await room.open(SUBJECT)
    panel = room.panels.annotations
    await room.press(Qt.Key.Key_M, on=room.panels.transcript.view)
    await room.until(panel.editor.text.hasFocus)
    passed = []
    for _ in range(5):
        passed.append(room.shell.focusWidget().accessibleName() or room.shell.focusWidget().text())
        if passed[-1] == "Tag":
            await room.type("policy", panel.editor.tag)
        await room.press(Qt.Key.Key_Tab)
    assert passed == ["Comment", "Tag", "Severity", "Private", "Keep"]


async def test_an_answer_typed_last_is_one_of_the_session_that_was_left(room: Room) -> None:
    await room.open(SUBJECT)
    card = room.panels.scorecard
    await room.until(lambda: card.form.rows and not room.tasks.running("save-scorecard"))
    words = card.form.rows["remark"].words
    assert words is not None
    await room.type("the fee was hidden", words)
    await room.open(OTHER)
    await room.until(lambda: not room.tasks.running("save-scorecard"))
    assert words.toPlainText() == ""
    assert card.card is None
    await room.open(SUBJECT)
    await room.until(lambda: words.toPlainText() == "the fee was hidden")
    assert card.card is not None
    assert card.card.answer("remark").text == "the fee was hidden"


async def test_what_is_typed_last_before_the_end_waits(room: Room) -> None:
    panel = await writing(room)
    await room.type(", twice", panel.editor.text)
    room.desk.settle()
    await room.until(lambda: not room.tasks.running("save-unfinished"))
    found = await waiting(room)
    assert found is not None
    assert found.text == "said nothing of the fee, twice"
