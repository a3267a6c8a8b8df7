"""How far a listing is: a bar that fills where the provider told how many there are, and one that only moves else."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

HEIGHT = 3


class ListingProgress(QProgressBar):
    """Hidden while nothing is listed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Listing sessions")
        self.setTextVisible(False)
        self.setFixedHeight(HEIGHT)
        self.hide()

    def show_progress(self, connection: str, seen: int, total: int | None) -> None:
        """``seen`` sessions of ``connection`` are here, of ``total``; null where the provider does not say."""
        del connection
        if total is None or total < seen:
            # more came than were promised: the promise says nothing any more
            self.setRange(0, 0)
            self.setAccessibleDescription(f"{seen:,} so far")
        else:
            self.setRange(0, max(total, 1))
            self.setValue(seen)
            self.setAccessibleDescription(f"{seen:,} of {total:,}")
        self.show()
