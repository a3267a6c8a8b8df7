"""What the list of sessions is narrowed to: connection, words, chips, order, and the filters that a person kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from qa_player.model.listing import SessionChip, SessionFilter, SessionOrder
from qa_player.ui.panels.session_choices import ORDERS, chip_words
from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.chips import ChipRow
from qa_player.ui.widgets.choice import Choice
from qa_player.ui.widgets.icons import icon
from qa_player.ui.widgets.text import Label, one_line
from qa_player.ui.widgets.times import counted

_SAMPLE_SHOWN = 20
"""So many letters of a sample's name fit beside its chip's word in the narrowest list."""


class SessionSearch(QWidget):
    """``typed`` while words are written, ``asked`` when anything else is chosen, ``connection_chosen`` for that.

    The star keeps the filter in force, or lets a kept one go (``keep_wanted``); ``kept_chosen(name)`` is a kept one.
    A sample that the list is narrowed to has a chip of its own; a press on it lets it go.
    """

    typed = Signal()
    asked = Signal()
    connection_chosen = Signal()
    keep_wanted = Signal()
    kept_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.connection = Choice("Connection")
        self.connection.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.connection.addItem("All connections", None)
        self.agent = Choice("Narrow to agent")
        self.agent.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.show_agents(())
        self.search = QLineEdit()
        self.search.setAccessibleName("Search sessions")
        self.search.setPlaceholderText("Search sessions…")
        self.search.setClearButtonEnabled(True)
        self.search.setMaxLength(2_000)
        self.star = QPushButton()
        self.star.setProperty("kind", "flat")
        self.star.setIconSize(QSize(16, 16))
        self.star.setFixedWidth(30)
        self.kept = ChipRow(switches=True)
        self.kept.hide()
        self.sample = ChipRow(switches=True)
        self.sample.hide()
        self._sample_id: str | None = None
        self._sample_names: Mapping[str, str] = {}
        self.chips = ChipRow(switches=True)
        self.chips.show_chips(chip_words({}, frozenset()))
        self.order = Choice("Sort sessions")
        for words, value in ORDERS:
            self.order.addItem(words, value)
        self._count = Label(kind="small")
        self._in_force: str | None = None
        self._lay_out()
        self.search.textChanged.connect(lambda _: self.typed.emit())
        self.chips.toggled.connect(lambda _: self.asked.emit())
        self.order.activated.connect(lambda _: self.asked.emit())
        self.connection.activated.connect(self._connection_chosen)
        self.agent.activated.connect(lambda _: self.asked.emit())
        self.star.clicked.connect(self.keep_wanted)
        self.kept.pressed.connect(self.kept_chosen)
        self.sample.pressed.connect(lambda _: self._let_sample_go())
        self.show_kept((), None, plain=True)

    def _lay_out(self) -> None:
        words = QHBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.search, 1)
        words.addWidget(self.star)
        sort = QHBoxLayout()
        sort.addWidget(self.order)
        sort.addStretch(1)
        sort.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.connection)
        column.addWidget(self.agent)
        column.addLayout(words)
        column.addWidget(self.kept)
        column.addWidget(self.sample)
        column.addWidget(self.chips)
        column.addLayout(sort)

    def filter(self) -> SessionFilter:
        """What is asked for now."""
        return SessionFilter(
            connection=self.connection.currentData(),
            text=self.search.text().strip(),
            chips=frozenset(SessionChip(name) for name in self.chips.chosen()),
            order=SessionOrder(self.order.currentData()),
            sample_id=self._sample_id,
            agent=self.agent.currentData(),
        )

    def show_filter(self, wanted: SessionFilter) -> None:
        """Ask for ``wanted``; a connection that is there no more is left out."""
        self.connection.setCurrentIndex(max(0, self.connection.findData(wanted.connection)))
        self.show_agents(() if wanted.agent is None else (wanted.agent,))
        self.agent.setCurrentIndex(max(0, self.agent.findData(wanted.agent)))
        self.search.blockSignals(True)
        self.search.setText(wanted.text)
        self.search.blockSignals(False)
        names = {chip.value for chip in wanted.chips}
        self.chips.show_chips(chip_words({}, names))
        self.chips.check(names)
        self.order.setCurrentIndex(max(0, self.order.findData(wanted.order)))
        self._sample_id = wanted.sample_id
        self._show_sample()
        self.asked.emit()

    def show_samples(self, names: Mapping[str, str]) -> None:
        """How the samples there are are called, by their ids."""
        self._sample_names = names
        self._show_sample()

    def _show_sample(self) -> None:
        at = self._sample_id
        name = "" if at is None else self._sample_names.get(at, "not kept here")
        short = name if len(name) <= _SAMPLE_SHOWN else f"{name[: _SAMPLE_SHOWN - 1]}…"
        self.sample.show_chips([] if at is None else [(at, f"Sample: {short}")])
        if at is not None:
            self.sample.dress(at, colour="", hint=f"Only the sample {name} is listed; a press lets it go")
        self.sample.check(() if at is None else {at})
        self.sample.setVisible(at is not None)

    def _let_sample_go(self) -> None:
        self._sample_id = None
        self._show_sample()
        self.asked.emit()

    def show_connections(self, names: Sequence[str]) -> None:
        """Those that can be chosen; the chosen one stays."""
        chosen = self.connection.currentData()
        self.connection.clear()
        self.connection.addItem("All connections", None)
        for name in names:
            self.connection.addItem(one_line(name), name)
        self.connection.setCurrentIndex(max(0, self.connection.findData(chosen)))

    def show_agents(self, names: Sequence[str]) -> None:
        """Those that can be chosen; the chosen one stays. Without any there is nothing to choose, and no field."""
        chosen = self.agent.currentData()
        kept = [*names, *([chosen] if chosen is not None and chosen not in names and names else [])]
        self.agent.clear()
        self.agent.addItem("Every agent", None)
        for name in kept:
            self.agent.addItem(one_line(name), name)
        self.agent.setCurrentIndex(max(0, self.agent.findData(chosen)))
        self.agent.setVisible(bool(kept))

    def _connection_chosen(self) -> None:
        self.show_agents(())
        self.connection_chosen.emit()

    def show_all(self) -> None:
        """Narrow no more, in this connection."""
        self.show_filter(SessionFilter(connection=self.connection.currentData(), order=self.filter().order))

    def show_counts(self, sessions: int, counts: Mapping[SessionChip, int]) -> None:
        """How many are listed, and how many each chip would leave."""
        self.chips.show_chips(chip_words(counts, self.chips.chosen()))
        self._count.show_text(counted(sessions, "session"))

    def show_kept(self, names: Collection[str], in_force: str | None, *, plain: bool) -> None:
        """The filters that were kept, and which of them is in force; ``plain``: nothing is asked for that could be
        kept."""
        self._in_force = in_force
        self.kept.show_chips([(name, name) for name in names])
        self.kept.check({in_force} if in_force else set())
        self.kept.setVisible(bool(names))
        self.star.setEnabled(bool(in_force) or not plain)
        words = "Forget this filter" if in_force else "Keep this filter"
        self.star.setAccessibleName(words)
        self.star.setToolTip(words)
        self._draw_star()

    def _draw_star(self) -> None:
        tokens = tokens_for(self.palette())
        name, colour = ("star-kept", tokens.accent) if self._in_force else ("star", tokens.muted)
        self.star.setIcon(icon(name, colour, faded=tokens.border_strong))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_in_force"):
            self._draw_star()
