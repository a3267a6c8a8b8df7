"""What the provider tells of the open session, and how sure the clock is; all of it plain text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFormLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from qa_player.model.session import Session
from qa_player.model.timing import Timing
from qa_player.services.library import OpenSession
from qa_player.ui.panels.parts import arrangement_words
from qa_player.ui.widgets.session_model import deadline_words
from qa_player.ui.widgets.text import Label, one_line
from qa_player.ui.widgets.times import clock, long_time

LONGEST = 5_000
MOST_ROWS = 500

Group = tuple[str, list[tuple[str, str]]]
"""A heading and its rows."""


class DetailsPanel(QScrollArea):
    """One line for each thing that is known; long values end with an ellipsis, and are copied as they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setAccessibleName("Session facts")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._known: list[Group] = []
        self._more: dict[str, list[tuple[str, str]]] = {}
        self.clear()

    def clear(self) -> None:
        """No session is open."""
        self._known, self._more = [], {}
        self._show([])

    def show_more(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        """What was worked out of the open session, under a heading of its own; no rows take it away again."""
        if list(rows) != self._more.get(title, []):
            self._more[title] = list(rows)
            self._show_all()

    def show_session(self, session: OpenSession, now: datetime | None = None) -> None:
        """Show everything that is known of ``session``; ``now`` is its provider's time, null while nobody knows it."""
        told = session.detail.session
        rows = [
            ("Session", told.session_id),
            ("Provider", told.provider),
            ("From", told.connection),
            ("Agent", told.agent or ""),
            ("Parties", ", ".join(told.parties)),
            ("State", told.state.value.replace("_", " ")),
            ("Recording", told.recording_state.value),
            ("Started", long_time(told.started_at) if told.started_at else ""),
            ("Ended", long_time(told.ended_at) if told.ended_at else ""),
            ("Length", clock(told.duration_ms) if told.duration_ms is not None else ""),
            ("Kept until", _kept_until(told, now)),
            ("Timing", timing_words(session.timing)),
            ("Digest", session.detail.transcript_digest),
        ]
        rows += _parts(session)
        groups = session.detail.facts
        if not groups:  # they tell the same in words, and under headings
            rows += [(name, _plain(value)) for name, value in told.metadata.items()]
        facts = [("", [(name, value) for name, value in rows if value])]
        self._known = facts + [(group.title, [(row.name, row.value) for row in group.rows]) for group in groups]
        self._show_all()

    def _show_all(self) -> None:
        """What is worked out stands after what every session has, and before what only its provider tells."""
        more = [(title, rows) for title, rows in self._more.items() if rows]
        self._show([*self._known[:1], *more, *self._known[1:]])

    def _show(self, groups: list[Group]) -> None:
        rows = [row for _, told in groups for row in told]
        body = QWidget()
        body.setProperty("kind", "plain")
        column = QVBoxLayout(body)
        column.setContentsMargins(14, 12, 14, 12)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        left = MOST_ROWS
        for title, told in groups:
            if title and told and left > 0:
                heading = Label(title, wrap=True, kind="heading")
                heading.setContentsMargins(0, 10, 0, 0)
                form.addRow(heading)
            for name, value in told[:left]:
                form.addRow(Label(name[:100], kind="muted"), _value(value))
            left -= len(told)
        if rows:
            whole = "\n".join(f"{name}\t{value}" for name, value in rows)
            take_all = QPushButton("Copy all of it")
            take_all.clicked.connect(lambda: QGuiApplication.clipboard().setText(whole))
            form.addRow(take_all)
        else:
            form.addRow(Label("Open a session to see what is known of it.", wrap=True, kind="muted"))
        column.addLayout(form)
        column.addStretch(1)
        self.setWidget(body)


def _parts(session: OpenSession) -> list[tuple[str, str]]:
    """How several parts of a recording belong together, and each with its place."""
    if len(session.parts) < 2:
        return []
    rows = [("Parts", arrangement_words(session))]
    for number, part in enumerate(session.parts, start=1):
        start = "at an unknown time" if part.start_ms is None else f"from {clock(part.start_ms)}"
        lasts = "" if part.duration_ms is None else f", {clock(part.duration_ms)} long"
        rows.append((f"Part {number}", f"{start}{lasts}, {part.state.value}, sequence {part.sequence}"))
    return rows


def _value(value: str) -> Label:
    """One value, that can be copied."""
    shown = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
    told = Label(shown, wrap=True)
    told.setAccessibleName(one_line(shown))
    told.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    take = QAction("Copy", told)
    take.triggered.connect(lambda _=False: QGuiApplication.clipboard().setText(value))
    told.addAction(take)
    return told


def timing_words(timing: Timing) -> str:
    """How transcript and audio clocks fit: ``exact, +0.00 s``."""
    drift = f", drift {timing.drift_ppm:+.0f} ppm" if timing.drift_ppm else ""
    return f"{timing.quality.value}, {timing.offset_ms / 1000:+.2f} s{drift}"


def _kept_until(told: Session, now: datetime | None) -> str:
    if told.retention_deadline is None:
        return ""
    left = deadline_words(told, now) if now is not None else ""
    return ", ".join(filter(None, (long_time(told.retention_deadline), left and f"{left} by the provider's clock")))


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
