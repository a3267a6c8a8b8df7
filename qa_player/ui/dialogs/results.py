"""Results across sessions: one version of a form at a time, as a plot and a table, and as a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qa_player.errors import QaPlayerError
from qa_player.model.interval import Interval
from qa_player.model.results import METHOD, Block, By, Row, Share
from qa_player.services.results import Asked, Results, Told
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.interval_plot import HEADER, ROW, IntervalPlot, Mark, PlotRow
from qa_player.ui.widgets.text import Label, isolated, one_line, tooltip
from qa_player.ui.widgets.times import counted

_TASK = "results"
_GROUPS = (
    ("By question", By.QUESTION),
    ("By agent", By.AGENT),
    ("By week", By.WEEK),
    ("By reviewer", By.REVIEWER),
    ("By sample", By.SAMPLE),
    ("All together", By.FORM),
)
_PERIODS = (("All sessions", None), ("Last 7 days", 7), ("Last 30 days", 30), ("Last 90 days", 90))
_NOTHING = "No scorecard was submitted on these sessions yet. Submit one with Ctrl+Enter, or choose another period."


class ResultsDialog(QDialog):
    """Gathers anew whenever something else is asked; versions of a form are chosen, never mixed."""

    def __init__(self, results: Results, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self._results, self._tasks = results, tasks
        self._told: Told | None = None
        self.setWindowTitle("Results across sessions")
        self.form = _combo("Form and version", 280)
        self.group = _combo("What each row tells of", 120)
        for words, by in _GROUPS:
            self.group.addItem(words, by)
        self.period = _combo("When the sessions were", 120)
        for words, days in _PERIODS:
            self.period.addItem(words, days)
        self.export = QPushButton("Write to a file…")
        self.export.setAutoDefault(False)
        self.told = Label(kind="muted", wrap=True)
        self.plot = IntervalPlot()
        self.table = _table()
        self.method = Label(METHOD, kind="small", wrap=True)
        self.group.activated.connect(lambda _: self.gather())
        self.period.activated.connect(lambda _: self.gather())
        self.form.activated.connect(lambda _: self._show())
        self.export.clicked.connect(self._choose_file)
        self.rejected.connect(lambda: tasks.cancel(_TASK))
        self._lay_out()
        self.resize(1_040, 600)
        self._show()
        self.gather()

    def gather(self) -> None:
        """Ask for what the three boxes say."""
        days = self.period.currentData()
        since = None if days is None else datetime.now(UTC) - timedelta(days=days)
        by = By(self.group.currentData())  # Qt keeps the word and forgets whose it is
        self._tasks.start(_TASK, self._gather(Asked(by=by, since=since)), trouble=self._refused)

    def export_to(self, path: Path) -> None:
        """Write what was gathered, of every version, as the ending of ``path`` says."""
        if self._told is not None:
            self._tasks.start(_TASK, self._write(self._told, path), trouble=self._refused)

    async def _gather(self, asked: Asked) -> None:
        self._tell("Gathering…")
        told = await self._results.gather(asked)
        chosen = self.form.currentData()
        self._told = told
        self.form.clear()
        for block in told.blocks:
            title = isolated(one_line(block.form.title))
            self.form.addItem(f"{title}, version {block.form.version}", block.digest)
        self.form.setCurrentIndex(max(self.form.findData(chosen), 0) if told.blocks else -1)
        self._show()

    async def _write(self, told: Told, path: Path) -> None:
        file = await self._results.export(told, path)
        self._tell(f"{file.path.name} is written, {file.bytes:,} bytes.")

    def _show(self) -> None:
        block = self._block()
        rows = () if block is None else block.rows
        self.plot.show_rows([_plotted(row) for row in rows], ("Mean score", _share_name(rows)) if rows else ("", ""))
        self._fill(rows)
        for part in (self.form, self.export, self.plot, self.table):
            part.setEnabled(block is not None)
        if block is not None:
            self._tell(f"{counted(block.scorecards, 'scorecard')}; drafts and cards that others replaced do not count.")
        elif self._told is not None:
            self._tell(_NOTHING)

    def _block(self) -> Block | None:
        found = () if self._told is None else self._told.blocks
        return next((one for one in found if one.digest == self.form.currentData()), None)

    def _fill(self, rows: tuple[Row, ...]) -> None:
        self.table.setRowCount(len(rows))
        self.table.setHorizontalHeaderLabels(
            [
                self._row_name(),
                "Scorecards",
                "Population",
                "Mean score",
                "95 %",
                _share_name(rows),
                "95 %",
                "N/A",
                "Time",
            ]
        )
        for line, row in enumerate(rows):
            for column, words in enumerate(_cells(row)):
                item = QTableWidgetItem(words)
                if column == 0:
                    item.setToolTip(tooltip(row.label))
                else:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(line, column, item)

    def _row_name(self) -> str:
        by = By.FORM if self._told is None else self._told.asked.by
        return "" if by is By.FORM else by.value.capitalize()

    def _choose_file(self) -> None:
        chooser = QFileDialog(self, "Where to write the results", str(Path.home() / "results.csv"))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setNameFilters(["Table (*.csv)", "Workbook (*.xlsx)", "Page with plots (*.html)"])
        chooser.setDefaultSuffix("csv")
        chooser.filterSelected.connect(lambda name: chooser.setDefaultSuffix(name.rsplit(".", 1)[-1].rstrip(")")))
        chooser.fileSelected.connect(lambda path: self.export_to(Path(path)))
        chooser.open()

    def _refused(self, error: QaPlayerError) -> None:
        self._tell(f"{error.message} {error.next_step}")

    def _tell(self, words: str) -> None:
        self.told.show_text(words)
        self.told.setAccessibleDescription(words)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.form, 1)
        line.addWidget(self.group)
        line.addWidget(self.period)
        line.addWidget(self.export)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setProperty("kind", "framed")
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.plot)
        drawn, told = scroll.verticalScrollBar(), self.table.verticalScrollBar()
        drawn.valueChanged.connect(told.setValue)
        told.valueChanged.connect(drawn.setValue)
        drawn.valueChanged.connect(lambda _: self.plot.update())
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.addWidget(scroll)
        both.addWidget(self.table)
        both.setSizes([440, 560])
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(10)
        column.addLayout(line)
        column.addWidget(self.told)
        column.addWidget(both, 1)
        column.addWidget(self.method)


def _combo(name: str, least: int) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setMinimumWidth(least)
    return box


def _table() -> QTableWidget:
    table = QTableWidget(0, 9)
    table.setAccessibleName("Results")
    table.setProperty("kind", "framed")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(ROW)
    header = table.horizontalHeader()
    header.setFixedHeight(HEADER)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
    table.setColumnWidth(0, 150)
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return table


def _share_name(rows: tuple[Row, ...]) -> str:
    """Of cards it is told how many passed, of questions how many answers fail."""
    return "Failing" if any(row.failing is not None for row in rows) else "Passed"


def _plotted(row: Row) -> PlotRow:
    score = None if row.score is None else Mark(*row.score.interval)
    share = row.passed or row.failing
    return PlotRow(row.label, (score, None if share is None else _marked(share)))


def _marked(share: Share) -> Mark:
    value, low, high = share.interval
    return Mark(value * 100, None if low is None else low * 100, None if high is None else high * 100)


def _cells(row: Row) -> list[str]:
    share = row.passed or row.failing
    return [
        isolated(one_line(row.label)),
        str(row.scorecards),
        f"{row.population:,}",
        "–" if row.score is None else f"{row.score.interval.value:.1f} %",
        "–" if row.score is None else _ends(row.score.interval, 1),
        "–" if share is None else f"{share.part} of {share.whole}",
        "–" if share is None else _ends(share.interval, 100),
        str(row.not_applicable) if row.not_applicable else "–",
        "–" if row.time_ms is None else _spent(row.time_ms),
    ]


def _ends(interval: Interval, times: int) -> str:
    if interval.low is None or interval.high is None:
        return "–"
    return f"{interval.low * times:.0f} to {interval.high * times:.0f} %"


def _spent(time_ms: int) -> str:
    minutes = round(time_ms / 60_000)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
