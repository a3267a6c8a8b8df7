"""Forms and tag sets that a team shares: taken in, written and put in force from the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from qa_player.app import App
from qa_player.ui.actions import Command
from qa_player.ui.dialogs.forms_and_tags import FormsAndTagsDialog
from qa_player.ui.panels.scorecard import ScorecardPanel
from qa_player.ui.tagging import Tagging
from qa_player.ui.tasks import Tasks


class Sharing:
    """``use(set id)`` puts a tag set in force, now and at the next start."""

    def __init__(
        self,
        window: QWidget,
        app: App,
        tasks: Tasks,
        *,
        card: ScorecardPanel,
        tagging: Tagging,
        use: Callable[[str], object],
    ) -> None:
        self._window, self._app, self._tasks = window, app, tasks
        self._card, self._tagging, self._use = card, tagging, use

    def show(self) -> None:
        """What there is, and what can be done with it."""
        app = self._app
        dialog = FormsAndTagsDialog(
            app.forms, app.tag_sets, self._tasks, in_force=app.settings.tag_set, parent=self._window
        )
        dialog.forms_changed.connect(self._card.read_forms)
        dialog.tag_sets_changed.connect(self._tagging.read)
        dialog.use_wanted.connect(self._use)
        dialog.open()

    def commands(self, menu: str) -> list[Command]:
        """What leads there."""
        return [Command("forms_and_tags", "Forms and tags…", self.show, menu)]
