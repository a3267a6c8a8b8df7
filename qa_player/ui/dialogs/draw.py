"""Drawing a sample: from which sessions, how, how many, by which seed; how many there are is said beforehand."""

from __future__ import annotations

import secrets
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox, QWidget

from qa_player.errors import QaPlayerError, UsageError
from qa_player.formats.sample_words import RULES, population_words
from qa_player.model.listing import SessionFilter
from qa_player.model.sample import MOST_DRAWN, Outlook, Population, Rule, Strata, population_of
from qa_player.services.queue import Queue
from qa_player.ui.dialogs.due import HINT, end_of
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import Label, isolated, one_line
from qa_player.ui.widgets.times import counted

_LOOK, _DRAW = "sample-outlook", "save-sample"
_WAYS: tuple[tuple[str, Strata, Rule | None], ...] = (
    ("By chance", Strata.NONE, None),
    ("By chance, so many of each agent", Strata.AGENT, None),
    ("By chance, so many of each day", Strata.DAY, None),
    ("By chance, so many of each connection", Strata.CONNECTION, None),
    *((f"By rule: {words}", Strata.NONE, rule) for rule, words in RULES.items()),
)
_SEED_HINT = "Any text. Who draws from the same sessions with the same seed draws the same ones."
_NO_SEED = "A rule needs no seed, and what it takes does not speak for the others."


class DrawDialog(FormDialog):
    """``drawn(Sample)`` once it is in the queue. ``listed`` is what the list of sessions shows."""

    drawn = Signal(object)

    def __init__(self, queue: Queue, tasks: Tasks, listed: SessionFilter, parent: QWidget) -> None:
        super().__init__("Draw a sample", "Draw", parent)
        self.setMinimumWidth(540)
        self._queue, self._tasks = queue, tasks
        self._populations = [Population()]
        self.source = QComboBox()
        if population_of(listed) != Population():
            self._populations.insert(0, population_of(listed))
            words = isolated(one_line(population_words(self._populations[0])))
            self.source.addItem(f"What the list shows: {words}")
        self.source.addItem("Every session kept here")
        self.source.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.way = QComboBox()
        self.way.addItems([words for words, _, _ in _WAYS])
        self.count = QSpinBox()
        self.count.setRange(1, MOST_DRAWN)
        self.count.setValue(5)
        self.seed = QLineEdit(f"{datetime.now().astimezone().date().isoformat()} {secrets.token_hex(3)}")
        self.seed.setMaxLength(200)
        self.due = QLineEdit()
        self.due.setMaxLength(20)
        self.due.setPlaceholderText("No day")
        self.told = Label(wrap=True)
        self.told.setAccessibleName("What there is to draw from")
        self.add_field("From", self.source)
        self.add_field("How", self.way)
        self.add_field("How many", self.count)
        self.add_field("Seed", self.seed)
        self.seed_hint = Label(_SEED_HINT, wrap=True, kind="small")
        self.form.addRow("", self.seed_hint)
        self.add_field("To be reviewed until", self.due, hint=HINT)
        self.form.addRow("", self.told)
        for box in (self.source, self.way):
            box.currentIndexChanged.connect(lambda _: self._look())
        self.count.valueChanged.connect(lambda _: self._look())
        self.finished.connect(lambda _: tasks.cancel(_LOOK))
        # behind a draw that is under way: it tells of itself through this dialog
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self.finished.connect(lambda _: tasks.then(_DRAW, self._let_go()))
        self._look()

    def _look(self) -> None:
        """Say how many sessions there are; a draw is as honest as the list that it was made from."""
        _, strata, rule = _WAYS[self.way.currentIndex()]
        self.seed.setEnabled(rule is None)
        self.seed_hint.show_text(_SEED_HINT if rule is None else _NO_SEED)
        population = self._populations[self.source.currentIndex()]
        self._tasks.start(_LOOK, self._looked(population, strata, self.count.value()), trouble=self._tell_quietly)

    async def _looked(self, population: Population, strata: Strata, count: int) -> None:
        self._say(outlook_words(await self._queue.outlook(population, count=count, strata=strata), strata))

    def _tell_quietly(self, error: QaPlayerError) -> None:
        self._say(str(error))

    def _say(self, words: str) -> None:
        self.told.show_text(words)
        self.told.setAccessibleDescription(words)
        self.fit()

    async def _let_go(self) -> None:
        self.deleteLater()

    def go(self) -> None:
        _, strata, rule = _WAYS[self.way.currentIndex()]
        self.trouble.hide()
        try:
            if rule is None and not self.seed.text().strip():
                raise UsageError("A draw by chance needs a seed.", "Write any text, for instance the week.")
            due_at = end_of(self.due.text(), datetime.now().astimezone().date())
        except UsageError as error:
            self.tell(error)
            return
        self.busy(True)
        population = self._populations[self.source.currentIndex()]
        self._tasks.then(_DRAW, self._draw(population, strata, rule, due_at), trouble=self.tell)

    async def _draw(self, population: Population, strata: Strata, rule: Rule | None, due_at: datetime | None) -> None:
        sample = await self._queue.sample(
            population,
            seed=self.seed.text().strip(),
            count=self.count.value(),
            strata=strata,
            rule=rule,
            due_at=due_at,
        )
        self.drawn.emit(sample)
        self.accept()


def outlook_words(outlook: Outlook, strata: Strata) -> str:
    """``40 sessions to draw from, of 3 agents: 15 would be drawn.``"""
    if not outlook.size:
        return "There is no session to draw from."
    of = "" if strata is Strata.NONE else f", of {counted(outlook.strata, strata.value)}"
    return f"{counted(outlook.size, 'session')} to draw from{of}: {outlook.drawn:,} would be drawn."
