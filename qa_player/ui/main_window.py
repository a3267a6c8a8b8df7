"""The window's layout: sessions at the left, player over transcript in the middle, annotations at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QSplitter, QTabWidget, QVBoxLayout, QWidget

from qa_player.app import App
from qa_player.settings import Layout
from qa_player.ui.actions import Actions
from qa_player.ui.audio_output import AudioOutput
from qa_player.ui.commands import MENUS, commands
from qa_player.ui.desk import Desk
from qa_player.ui.dialogs.keys import KeysDialog
from qa_player.ui.opening import Opening
from qa_player.ui.panels.annotations import AnnotationsPanel
from qa_player.ui.panels.details import DetailsPanel
from qa_player.ui.panels.furniture import Panels
from qa_player.ui.panels.live_call import LiveCallPanel
from qa_player.ui.panels.note import NotePanel
from qa_player.ui.panels.player import PlayerPanel
from qa_player.ui.panels.scorecard import ScorecardPanel
from qa_player.ui.panels.sessions import SessionsPanel
from qa_player.ui.panels.status import StatusBar
from qa_player.ui.panels.trail import TrailPanel
from qa_player.ui.panels.transcript import TranscriptPanel
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar
from qa_player.ui.widgets.text import Label

LEFT, RIGHT = 290, 310
WITH_MORE = 390
NARROW, NARROW_LEFT, NARROW_RIGHT = 1_240, 250, 290
READABLE = 260
"""The least height of the transcript; below it the waveform gives way."""


class MainWindow:
    """Furnishes ``window``; `attach` joins it to the services once they are there."""

    def __init__(self, window: QMainWindow) -> None:
        self.window = window
        self.panels = Panels(
            sessions=SessionsPanel(),
            player=PlayerPanel(),
            transcript=TranscriptPanel(),
            annotations=AnnotationsPanel(),
            details=DetailsPanel(),
            note=NotePanel(),
            scorecard=ScorecardPanel(),
            live=LiveCallPanel(),
            trail=TrailPanel(),
            messages=MessageBar(),
            status=StatusBar(),
        )
        self.desk: Desk | None = None
        self.actions: Actions | None = None
        self.opening: Opening | None = None
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.tabs = QTabWidget()
        self.stack = QSplitter(Qt.Orientation.Vertical)
        self._behind: QWidget | None = None
        """What was in front before somebody began to write an annotation over it."""
        self._lay_out()

    def _lay_out(self) -> None:
        panels = self.panels
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(16, 10, 16, 0)
        column.setSpacing(10)
        column.addWidget(panels.player)
        column.addWidget(panels.live)
        column.addWidget(panels.transcript, 1)
        panels.transcript.setMinimumHeight(READABLE)
        right_side = self._right()
        for part in (panels.sessions, middle, right_side):
            self.columns.addWidget(part)
        self.columns.setHandleWidth(1)
        self.columns.setChildrenCollapsible(False)
        self.columns.setStretchFactor(1, 1)
        panels.sessions.setMinimumWidth(220)
        middle.setMinimumWidth(420)
        # before the widths are given: until then the widest of its tabs, seen or not, would widen it for good
        right_side.setMinimumWidth(240)
        left, right = (LEFT, RIGHT) if self.window.width() >= NARROW else (NARROW_LEFT, NARROW_RIGHT)
        self.columns.setSizes([left, max(self.window.width() - left - right, 400), right])
        panels.messages.float_over(middle)
        self.window.setCentralWidget(self.columns)
        self.window.setStatusBar(panels.status)
        name = Label("QA Player", self.window.menuBar(), kind="heading")
        name.setAccessibleName("Name of the program")
        name.setContentsMargins(10, 0, 6, 0)
        self.window.menuBar().setCornerWidget(name, Qt.Corner.TopLeftCorner)
        name.show()

    def _right(self) -> QFrame:
        """What is marked or what is known, and below both the way out."""
        panels, tabs = self.panels, self.tabs
        tabs.setDocumentMode(True)
        tabs.setAutoFillBackground(True)
        tabs.setBackgroundRole(QPalette.ColorRole.Base)
        tabs.addTab(panels.annotations, "Annotations")
        tabs.addTab(panels.details, "Details")
        tabs.addTab(panels.note, "Note")
        tabs.tabBar().setAccessibleTabName(2, "Show what the note says")
        tabs.setTabVisible(2, False)
        panels.note.note_expected.connect(self._note_expected)
        panels.annotations.front_wanted.connect(self._to_writing)
        panels.annotations.left.connect(self._from_writing)
        tabs.tabBar().setAccessibleTabName(0, "Show what is marked")
        tabs.tabBar().setAccessibleTabName(1, "Show what is known")
        right = QFrame()
        right.setProperty("kind", "panel")
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 8, 10, 10)
        foot.setSpacing(8)
        for button in (
            panels.annotations.export,
            panels.scorecard.contest,
            panels.scorecard.reopen,
            panels.scorecard.submit,
        ):
            foot.addWidget(button, 1)
        stack = self.stack
        stack.addWidget(tabs)
        stack.addWidget(panels.scorecard)
        stack.addWidget(panels.trail)
        stack.setHandleWidth(1)
        stack.setChildrenCollapsible(False)
        stack.setStretchFactor(0, 1)
        panels.scorecard.setMinimumHeight(180)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(stack, 1)
        column.addLayout(foot)
        return right

    def attach(
        self, app: App, tasks: Tasks, *, quit_program: Callable[[], object], sound: AudioOutput | None = None
    ) -> Desk:
        """Join panels and services, and make the commands; ``sound`` is what the settings choose a device of."""
        desk = self.desk = Desk(self.window, self.panels, app, tasks, sound)
        table = commands(
            desk,
            quit_program=quit_program,
            show_keys=self._show_keys,
            lay_out=self.lay_out,
            to_statements=self.to_statements,
            to_left_out=self.to_left_out,
        )
        self.actions = Actions(self.window, (self.panels.player, self.panels.transcript.view), table)
        desk.listened.unheard.changed.connect(self.actions["play.unheard"].setChecked)
        desk.hearing.keep_checked(self.actions)
        desk.tagging.name_keys(self.actions)
        self.actions.fill(self.window.menuBar(), MENUS)
        self.opening = Opening(self.window, desk)
        app.playback.closed.connect(self._from_writing)
        if app.settings.layout != "review":
            self._arrange(app.settings.layout)
        return desk

    def _show_keys(self) -> None:
        if self.actions is not None:
            KeysDialog(self.actions.keys(), self.window).open()

    def lay_out(self, layout: Layout) -> None:
        """Review has what is marked at the right, Visit the note, Audit what is known and the trail; kept for the next
        start."""
        self._arrange(layout)
        if self.desk is not None:
            self.desk.preferences.keep_layout(layout)

    def to_statements(self) -> None:
        """The note in front, the keys on its most doubtful statement."""
        if self.tabs.currentWidget() is not self.panels.note:
            self.lay_out("visit")
        self.panels.note.take_focus()

    def to_left_out(self) -> None:
        """The note in front, the keys on what was said and is not in it."""
        if self.tabs.currentWidget() is not self.panels.note:
            self.lay_out("visit")
        self.panels.note.take_focus_left_out()

    def _arrange(self, layout: Layout) -> None:
        if layout == "visit":
            self.tabs.setTabVisible(2, True)
        panels = self.panels
        in_front = {"review": panels.annotations, "visit": panels.note, "audit": panels.details}
        panels.scorecard.set_aside(layout != "review")
        panels.trail.set_aside(layout != "audit")
        self.tabs.setCurrentWidget(in_front[layout])
        left, middle, right = self.columns.sizes()
        wanted = max(RIGHT if layout == "review" else WITH_MORE, NARROW_RIGHT)
        self.columns.setSizes([left, max(middle + right - wanted, 420), wanted])

    def _to_writing(self) -> None:
        """Whoever writes sees what they write, in any layout."""
        if self.tabs.currentWidget() is not self.panels.annotations:
            self._behind = self.tabs.currentWidget()
            self.tabs.setCurrentWidget(self.panels.annotations)

    def _from_writing(self) -> None:
        if not self.panels.annotations.editor.isHidden():
            return
        behind, self._behind = self._behind, None
        if behind is not None and self.tabs.currentWidget() is self.panels.annotations:
            self.tabs.setCurrentWidget(behind)

    def _note_expected(self, expected: bool) -> None:
        """The note has a place where there is one, or where one looks for one."""
        looked_at = self.tabs.currentWidget() is self.panels.note
        self.tabs.setTabVisible(2, expected or looked_at)

    # where things stand, kept from one start to the next

    def geometry(self) -> str:
        """Size, place and columns as one line of settings."""
        parts = (self.window.saveGeometry(), self.columns.saveState())
        return ";".join(bytes(part.toBase64().data()).decode("ascii") for part in parts)

    def restore_columns(self, kept: str) -> None:
        """The columns as they were; anything else is left alone."""
        _, _, columns = kept.partition(";")
        if columns:
            self.columns.restoreState(QByteArray.fromBase64(columns.encode("ascii", "replace")))
