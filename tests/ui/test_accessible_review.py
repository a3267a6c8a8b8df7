"""A review worked by accessible actions alone, as a screen reader, a switch or a voice works it: no key, no pointer."""

from __future__ import annotations

from PySide6.QtGui import QAccessible

from parts import accessible
from parts.window import Room

SUBJECT = "Cancel the add-on"
Role = QAccessible.Role


def value_of(room: Room, name: str) -> str:
    """What a label says."""
    return accessible.found(room.shell, Role.StaticText, name).text(QAccessible.Text.Description)


async def test_a_whole_review(room: Room) -> None:
    rows = room.panels.sessions.list.sessions
    await room.until(lambda: any(SUBJECT in rows.row_text(at) for at in range(rows.rowCount())))
    accessible.press(room.shell, Role.ListItem, SUBJECT)
    await room.until(lambda: room.panels.player.title.text() == SUBJECT)
    await room.until(lambda: accessible.listed(room.shell, "Transcript"))

    accessible.press(room.shell, Role.Button, "Play")
    await room.until(lambda: accessible.named(room.shell, "Pause"))
    accessible.press(room.shell, Role.Button, "Pause")
    await room.until(lambda: accessible.named(room.shell, "Play"))

    accessible.press(room.shell, Role.ListItem, "0:29.10 Customer")
    await room.until(lambda: value_of(room, "Active turn").startswith("5 user 0:29.10 Right"))
    assert value_of(room, "Position").startswith("0:29.")

    accessible.press(room.shell, Role.Button, "1 compliance")
    await room.until(lambda: value_of(room, "Saved").startswith("Saved "))
    assert ["compliance" in said for said in accessible.listed(room.shell, "Annotations")] == [True]

    form = room.panels.scorecard.shown_form
    assert form is not None
    for question in (one for one in form.questions() if one.options):
        best = max(question.options, key=lambda option: option.score or 0)
        name = f"{best.label}: {question.title}"
        if question.asked_when is not None and not accessible.named(room.panels.scorecard, name):
            continue  # asked after other answers only
        before = room.app.scoring.mine
        accessible.press(room.panels.scorecard, Role.CheckBox, name)
        await room.until(lambda before=before: room.app.scoring.mine != before)
        await room.until(lambda: not room.tasks.running("save-scorecard"))
    assert value_of(room, "Score") == "100 % so far"

    accessible.press(room.shell, Role.Button, "Submit scorecard and open the next session")
    await room.until(lambda: room.panels.player.title.text() not in ("", SUBJECT))
    await room.until(
        lambda: any(SUBJECT in said and "Done 100 %" in said for said in accessible.listed(room.shell, "Sessions"))
    )
