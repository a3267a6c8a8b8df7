"""The turns of one session as a list: what each row says, which rows speak, where a text was found."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from qa_player.model.annotation import Severity
from qa_player.model.connection import Sides
from qa_player.model.transcript import FOLD_AT, Flag, Role, Turn
from qa_player.ui.widgets.shown_texts import FOLDED_LENGTH, ShownTexts
from qa_player.ui.widgets.text import isolated, one_line, shown
from qa_player.ui.widgets.times import clock

SURE = 0.8
"""Below this a recogniser's confidence is worth a word; a figure beside every turn would be noise."""
MOST_HITS = 5_000
HEARD = "✎ The provider heard: "
LONGEST_SHOWN = 50_000
"""An unfolded turn shows this much; more in one paragraph would stall the window. Copying takes all of it."""

_OTHERS = {Role.SYSTEM: "System", Role.TOOL: "Tool", Role.THIRD_PARTY: "Third party", Role.UNKNOWN: "Unknown"}
_ODD = {
    Flag.TIME_MISSING: "no time",
    Flag.TIME_INVALID: "time not usable",
    Flag.OUT_OF_ORDER: "out of order",
    Flag.AFTER_END: "after the end",
}


@dataclass(frozen=True)
class Mark:
    """What annotations say of a turn: the words at the right of its row, and the worst severity."""

    words: str
    severity: Severity | None = None
    annotated: bool = True
    below: str = ""
    """What stands in a line of its own below what annotations say."""


@dataclass(frozen=True)
class Hit:
    """Where a sought text stands: a row and [start, end) in its shown text."""

    row: int
    start: int
    end: int


def said_of(turn: Turn) -> list[str]:
    """What the provider says of a turn itself: that it was cut short, that its recogniser was not sure of it."""
    unsure = turn.confidence is not None and turn.confidence < SURE
    return [
        *(["interrupted"] if turn.interrupted else []),
        *([f"{math.floor(100 * (turn.confidence or 0))} % sure"] if unsure else []),
    ]


def side_names(sides: Sides) -> Mapping[Role, str]:
    """What each role is called on screen under a connection's two sides."""
    return {Role.AGENT: sides.agent, Role.USER: sides.user, **_OTHERS}


def _has_hours(turns: Sequence[Turn]) -> bool:
    # what is late stands mostly at the end
    return any((turn.start_ms or 0) >= 3_600_000 for turn in reversed(turns))


class TranscriptModel(QAbstractListModel):
    """Rows in the provider's order; row number and turn index are found from one another by `row_of`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.turns: tuple[Turn, ...] = ()
        self.active: tuple[int, ...] = ()
        """Rows that speak now, the primary one first."""
        self.hits: list[Hit] = []
        self.current_hit = -1
        self.texts = ShownTexts(0, self._text)
        """What each row shows, folded or not."""
        self.has_hours = False
        self._names: Mapping[Role, str] = side_names(Sides())
        self._rows: dict[int, int] | None = None
        self._marks: Mapping[int, Mark] = {}
        self._notes: Mapping[int, str] = {}
        self._corrections: Mapping[int, str] = {}
        self._unfolded: set[int] = set()
        self._query = ""
        self._folded: list[str] | None = None
        self._speakers: tuple[str, ...] = ()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.turns)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.turns):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.row_text(index.row())
        return None

    # rows

    def show_turns(self, turns: Sequence[Turn], sides: Sides) -> None:
        """Replace everything by the turns of another session, or by the same turns under another timing."""
        if self._only_moved(turns, sides):
            odd = [row for row, turn in enumerate(turns) if turn.flags != self.turns[row].flags]
            self.turns = tuple(turns)
            self.has_hours = _has_hours(turns)
            self._repaint(0, len(self.turns) - 1)
            self._remeasure(odd)
            return
        self.beginResetModel()
        kept = self._unfolded if len(turns) == len(self.turns) else set()
        self.turns, self._names, self._unfolded = tuple(turns), side_names(sides), kept
        self._rows = None
        self.texts = ShownTexts(len(self.turns), self._text)
        self._folded = None
        told = {(turn.role, turn.speaker, turn.raw_role): row for row, turn in enumerate(self.turns[:2_000])}
        self._speakers = tuple(map(one_line, {self.name_of(row) for row in told.values()}))
        self.has_hours = _has_hours(turns)
        self.active, self._marks, self._corrections = (), {}, {}
        self._search()
        self.endResetModel()

    def _only_moved(self, turns: Sequence[Turn], sides: Sides) -> bool:
        """Whether these are the turns that are shown, at other times perhaps: rows, heights and hits stay."""
        return (
            len(turns) == len(self.turns) > 0
            and side_names(sides) == self._names
            and all(new.text is old.text and new.index == old.index for new, old in zip(turns, self.turns, strict=True))
        )

    def row_of(self, turn_index: int) -> int:
        """The row of a turn, -1 where there is none."""
        if self._rows is None:
            self._rows = {turn.index: row for row, turn in enumerate(self.turns)}
        return self._rows.get(turn_index, -1)

    def name_of(self, row: int) -> str:
        """Who speaks in a row."""
        turn = self.turns[row]
        if turn.role in (Role.UNKNOWN, Role.THIRD_PARTY) and (turn.speaker or turn.raw_role):
            return turn.speaker or turn.raw_role
        return self._names[turn.role]

    def speakers(self) -> tuple[str, ...]:
        """The different names in the second column."""
        return self._speakers

    def time_of(self, row: int) -> str:
        """When a row starts, or dashes."""
        start = self.turns[row].start_ms
        return "–:––.––" if start is None else clock(start)

    def mark_of(self, row: int) -> Mark | None:
        """What stands at the right of a row: what annotations say, and below it what the provider says of it, what was
        worked out of it, and what is odd about its time."""
        turn = self.turns[row]
        marked = self._marks.get(turn.index)
        noted = [self._notes[turn.index]] if turn.index in self._notes else []
        told = said_of(turn) + noted + [words for flag, words in _ODD.items() if flag in turn.flags]
        if marked is not None:
            return replace(marked, below=" · ".join(told)) if told else marked
        return Mark(" · ".join(told), annotated=False) if told else None

    def row_text(self, row: int) -> str:
        """What a sighted person reads in a row, in one piece."""
        mark = self.mark_of(row)
        parts = [self.time_of(row), isolated(shown(self.name_of(row))), isolated(self.texts[row])]
        return " ".join(filter(None, [*parts, mark.words if mark else "", mark.below if mark else ""]))

    def lengths(self) -> list[int]:
        """About how many characters each row shows."""
        return self.texts.lengths([len(turn.text) for turn in self.turns])

    def received_from(self, row: int) -> int | None:
        """Where in its text a corrected row begins to tell what the provider heard; null for others."""
        corrected = self._corrections.get(self.turns[row].index)
        return None if corrected is None else len(shown(corrected[:LONGEST_SHOWN])) + 1

    def _text(self, row: int) -> str:
        corrected = self._corrections.get(self.turns[row].index)
        received = self._received(row)
        return received if corrected is None else f"{shown(corrected[:LONGEST_SHOWN])}\n{HEARD}{received}"

    def _received(self, row: int) -> str:
        text = self.turns[row].text
        if len(text) <= FOLD_AT:
            return shown(text)
        length = LONGEST_SHOWN if row in self._unfolded else FOLDED_LENGTH
        if len(text) <= length:
            return shown(text)
        return f"{shown(text[:length])}\n… {len(text) - length:,} more characters"

    # what changes while a session is open

    def show_active(self, turn_indices: Sequence[int]) -> None:
        """Mark the turns that speak now, the primary one first."""
        before = self.active
        rows = (self.row_of(index) for index in turn_indices)
        self.active = tuple(row for row in rows if row >= 0)
        for row in {*before, *self.active}:
            self._repaint(row, row)

    def show_marks(self, marks: Mapping[int, Mark]) -> None:
        """What annotations say of turns, by turn index."""
        changed = {index for index in {*self._marks, *marks} if self._marks.get(index) != marks.get(index)}
        self._marks = dict(marks)
        self._remeasure(row for row in map(self.row_of, changed) if row >= 0)

    def show_notes(self, notes: Mapping[int, str]) -> None:
        """What was worked out of turns, by turn index; a word beside each."""
        changed = {index for index in {*self._notes, *notes} if self._notes.get(index) != notes.get(index)}
        self._notes = dict(notes)
        self._remeasure(row for row in map(self.row_of, changed) if row >= 0)

    def show_corrections(self, corrections: Mapping[int, str]) -> None:
        """What was truly said, by turn index: it is read first, and below it what the provider heard."""
        before, self._corrections = self._corrections, dict(corrections)
        changed = {index for index in {*before, *corrections} if before.get(index) != corrections.get(index)}
        rows = [row for row in map(self.row_of, changed) if row >= 0]
        for row in rows:
            self.texts.forget(row)
        if rows:
            self._folded = None
            self._search()
        self._remeasure(rows)

    def is_folded(self, row: int) -> bool:
        """Whether a row shows less than its turn says and could show more."""
        return len(self.turns[row].text) > FOLD_AT and row not in self._unfolded

    def toggle_fold(self, row: int) -> None:
        """Unfold a long turn, or fold it again."""
        self._unfolded ^= {row}
        self.texts.forget(row)
        self._folded = None
        self._search()
        index = self.index(row, 0)
        self.dataChanged.emit(index, index)

    def find(self, query: str) -> None:
        """Seek ``query`` in all shown texts, without regard to case; the first hit becomes the current one."""
        self._query = query
        self._search()
        self._repaint(0, len(self.turns) - 1)

    def step_hit(self, step: int, *, from_row: int = -1) -> Hit | None:
        """Make the next or previous hit the current one, going round; without one yet, the first from ``from_row``."""
        if not self.hits:
            return None
        if self.current_hit < 0 and from_row >= 0:
            at = bisect_left(self.hits, from_row, key=lambda hit: hit.row)
            self.current_hit = at % len(self.hits) if step > 0 else (at - 1) % len(self.hits)
        else:
            self.current_hit = (self.current_hit + step) % len(self.hits)
        self._repaint(0, len(self.turns) - 1)
        return self.hits[self.current_hit]

    def hits_in(self, row: int) -> list[tuple[Hit, bool]]:
        """The hits of a row, each with whether it is the current one."""
        at = bisect_left(self.hits, row, key=lambda hit: hit.row)
        found = []
        while at < len(self.hits) and self.hits[at].row == row:
            found.append((self.hits[at], at == self.current_hit))
            at += 1
        return found

    def _search(self) -> None:
        self.current_hit, self.hits = -1, []
        sought = shown(self._query)
        if not sought:
            return
        if self._folded is None:
            self._folded = [text.casefold() for text in self.texts]
        pattern, needle = re.compile(re.escape(sought), re.IGNORECASE), sought.casefold()
        for row, folded in enumerate(self._folded):
            if needle in folded:
                self.hits += [Hit(row, hit.start(), hit.end()) for hit in pattern.finditer(self.texts[row])]
                if len(self.hits) > MOST_HITS:
                    self.hits = self.hits[:MOST_HITS]
                    return

    def _remeasure(self, rows: Iterable[int]) -> None:
        """Rows look different and may need another height: their text has less room beside a mark."""
        for row in rows:
            self.dataChanged.emit(self.index(row, 0), self.index(row, 0))

    def _repaint(self, first: int, last: int) -> None:
        """Rows look different, at the height they have."""
        if 0 <= first <= last < len(self.turns):
            self.dataChanged.emit(self.index(first, 0), self.index(last, 0), [Qt.ItemDataRole.BackgroundRole])
