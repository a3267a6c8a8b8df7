"""Under which name one marks, shown until the person has said how they are called."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from qa_player.model.actor import Actor
from qa_player.ui.widgets.text import caption


class Signer(QPushButton):
    """A press asks for the name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "flat")
        self.setToolTip("The name that stands under what you mark")
        self.hide()

    def show_actor(self, actor: Actor) -> None:
        """Whose name will stand under what is marked."""
        self.setText(caption(f"Signed as {actor.shown}. Set your name…"))
        self.setVisible(not actor.display_name)
