"""Filters of the list of sessions that a person kept: chosen by a press, kept and forgotten with the star."""

from __future__ import annotations

from pydantic import ValidationError
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from qa_player.model.listing import SessionFilter
from qa_player.settings import Settings
from qa_player.ui.actions import Command
from qa_player.ui.dialogs.filter_name import FilterNameDialog
from qa_player.ui.panels.sessions import SessionsPanel
from qa_player.ui.preferences import Preferences

MOST_KEPT = 20


class Filtering:
    """They lie in the settings of the person whose home it is."""

    def __init__(
        self, window: QWidget, sessions: SessionsPanel, *, preferences: Preferences, settings: Settings
    ) -> None:
        self._window, self._sessions, self._preferences = window, sessions, preferences
        self._kept = _read(settings)
        sessions.asked.keep_wanted.connect(self.keep_or_forget)
        sessions.asked.kept_chosen.connect(self.choose)
        sessions.filtered.connect(self._show)
        self._show()

    def keep_or_forget(self) -> None:
        """Ask for a name for the filter in force; one that is kept is forgotten."""
        name = self._in_force()
        if name is not None:
            del self._kept[name]
            self._save()
        elif self._sessions.filter() != SessionFilter() and len(self._kept) < MOST_KEPT:
            dialog = FilterNameDialog(self._kept.keys(), self._window)
            dialog.named.connect(self._keep)
            dialog.open()

    def choose(self, name: str) -> None:
        """Ask for a kept filter; pressed again, for everything."""
        again = name == self._in_force()
        self._sessions.asked.show_filter(SessionFilter() if again else self._kept[name])

    def commands(self, menu: str) -> list[Command]:
        """To the words that are sought, and what the star does."""
        return [
            Command("session.search", "Search the sessions", self.search, menu, keys=("Ctrl+L",)),
            Command("filter.keep", "Keep or forget this filter of the list…", self.keep_or_forget, menu),
        ]

    def search(self) -> None:
        """Ready to type what is sought."""
        self._sessions.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._sessions.search.selectAll()

    def _keep(self, name: str) -> None:
        self._kept[name] = self._sessions.filter()
        self._save()

    def _save(self) -> None:
        self._preferences.keep(filters={name: kept.model_dump_json() for name, kept in self._kept.items()})
        self._show()

    def _in_force(self) -> str | None:
        asked = self._sessions.filter()
        return next((name for name, kept in self._kept.items() if kept == asked), None)

    def _show(self) -> None:
        plain = self._sessions.filter() == SessionFilter()
        self._sessions.asked.show_kept(self._kept, self._in_force(), plain=plain)


def _read(settings: Settings) -> dict[str, SessionFilter]:
    """The filters that can be read; another version of the program may have kept others."""
    kept = {}
    for name, told in settings.filters.items():
        try:
            kept[name] = SessionFilter.model_validate_json(told)
        except ValidationError:
            continue
    return kept
