"""A private annotation is made in the editor, says so in its row, and the export says that it was left out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from parts.window import Room
from qa_player.ui.dialogs.export import ExportDialog

SUBJECT = "Cancel the add-on"


async def test_a_note_is_kept_private_said_so_and_left_out(room: Room, tmp_path: Path) -> None:
    await room.open(SUBJECT)
    panel = room.panels.annotations
    await room.press(Qt.Key.Key_M, on=room.panels.transcript.view)
    await room.until(panel.editor.isVisible)
    assert not panel.editor.private.isChecked()
    await room.type("hunch", panel.editor.tag)
    panel.editor.private.click()
    await room.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, on=panel.editor.text)
    await room.until(lambda: [one.private for one in room.app.review.annotations] == [True])
    row = panel.list.annotations
    assert "private, in no export" in row.data(row.index(0, 0))
    panel.edit(room.app.review.annotations[0].annotation_id)
    assert panel.editor.private.isChecked(), "it stays so until somebody says otherwise"
    panel.editor.cancelled.emit()
    panel.export.click()
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), ExportDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ExportDialog)
    dialog.format.setCurrentIndex(
        next(at for at in range(dialog.format.count()) if "csv" in dialog.format.itemText(at).lower())
    )
    dialog.path.setText(str(tmp_path / "out.csv"))
    dialog.accept_button.click()
    await room.until(lambda: "private annotations, which no export carries: 1" in room.panels.messages.text())
    assert "hunch" not in (tmp_path / "out.csv").read_text("utf-8-sig")
