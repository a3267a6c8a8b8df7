"""The clock between transcript and recording: nudged by ear, measured, heard before it is kept."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QProgressBar, QPushButton, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.timing import Measurement, Timing, TimingOrigin
from qa_player.model.transcript import Turn
from qa_player.services.library import OpenSession
from qa_player.services.playback import Playback
from qa_player.services.timing import MOST_DRIFT_PPM, MOST_OFFSET_MS, Timings, set_by_person
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import Label, one_line
from qa_player.ui.widgets.times import clock
from qa_player.ui.widgets.timing_words import measured_words

_PLACE, _MEASURE, _KEEP = "timing-place", "timing-measure", "timing-keep"
_NUDGES = (-100, -10, 10, 100)
_LONGEST_TURN_SHOWN = 60
WIDTH = 560


class TimingDialog(FormDialog):
    """Everything in the window follows each change at once, and goes back when the dialog is left; ``kept`` once the
    new clock is saved."""

    kept = Signal()

    def __init__(
        self,
        session: OpenSession,
        turn: Turn | None,
        *,
        playback: Playback,
        timings: Timings,
        tasks: Tasks,
        parent: QWidget,
    ) -> None:
        super().__init__("Timing", "Keep", parent)
        self._before, self._turn_index = session, None if turn is None else turn.index
        self._playback, self._timings, self._tasks = playback, timings, tasks
        self._found: Measurement | None = None
        self._measuring = False
        self.setMinimumWidth(WIDTH)
        self.offset = QDoubleSpinBox()
        self.offset.setDecimals(3)
        self.offset.setRange(-MOST_OFFSET_MS / 1_000, MOST_OFFSET_MS / 1_000)
        self.offset.setSingleStep(0.01)
        self.offset.setSuffix(" s")
        self.drift = QDoubleSpinBox()
        self.drift.setDecimals(1)
        self.drift.setRange(-MOST_DRIFT_PPM, MOST_DRIFT_PPM)
        self.drift.setSingleStep(10)
        self.drift.setSuffix(" ppm")
        for box in (self.offset, self.drift):
            box.lineEdit().setTextMargins(8, 0, 0, 0)
        self.offset.setAccessibleName("Offset")
        self.add_field("Offset", self._nudged(), hint="Up and Down move it by 10 ms, Page Up and Page Down by 100 ms.")
        self.add_field("Drift", self.drift, hint="Millionths by which the recording's clock runs faster.")
        self.turn = Label(wrap=True, kind="muted")
        self.turn.setAccessibleName("The turn to hear")
        self.said = Label(wrap=True)
        self.said.setAccessibleName("What was measured")
        self.share = QProgressBar()
        self.share.setRange(0, 100)
        self.share.setAccessibleName("Measured so far")
        self.share.hide()
        self.form.addRow("", self._row())
        for widget in (self.turn, self.share, self.said):
            self.form.addRow("", widget)
        self._show(session.timing)
        self.offset.valueChanged.connect(lambda _: self._edited())
        self.drift.valueChanged.connect(lambda _: self._edited())
        playback.turns_placed.connect(self._show_turn)
        self.finished.connect(lambda _: self._leave())
        self._show_turn(session)

    def _nudged(self) -> QWidget:
        field = QWidget()
        field.setFocusProxy(self.offset)
        row = QHBoxLayout(field)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.offset, 1)
        for by_ms in _NUDGES:
            button = self._button(f"{by_ms:+d}".replace("-", "−"), f"{by_ms:+d} ms")
            button.clicked.connect(
                lambda _=False, by_ms=by_ms: self.offset.setValue(self.offset.value() + by_ms / 1_000)
            )
            row.addWidget(button)
        return field

    def _row(self) -> QWidget:
        self.hear = self._button("&Hear the turn", "Hear the turn")
        self.measure = self._button("&Measure", "Measure")
        self.own = self._button("As the &provider says", "As the provider says")
        self.hear.clicked.connect(self._hear)
        self.measure.clicked.connect(self._measure)
        self.own.clicked.connect(lambda: self._suggest(self._before.detail.timing))
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.hear, self.measure, self.own):
            row.addWidget(button)
        row.addStretch(1)
        return holder

    def _button(self, words: str, name: str) -> QPushButton:
        button = QPushButton(words)
        button.setAccessibleName(name)
        return button

    # the clock as it stands in the fields

    def timing(self) -> Timing:
        """What Keep would keep: a measured or a provider's clock stays one until somebody changes it."""
        if self._suggested is not None:
            return self._suggested
        return set_by_person(round(self.offset.value() * 1_000), self.drift.value())

    def _show(self, timing: Timing) -> None:
        for field, value in ((self.offset, timing.offset_ms / 1_000), (self.drift, timing.drift_ppm)):
            field.blockSignals(True)
            field.setValue(value)
            field.blockSignals(False)
        self._suggested: Timing | None = timing
        self._shown = self._fields()

    def _fields(self) -> tuple[float, float]:
        return self.offset.value(), self.drift.value()

    def _suggest(self, timing: Timing) -> None:
        self._show(timing)
        self._place(timing)

    def _edited(self) -> None:
        # Enter in a field says that it changed, also when it did not
        if self._suggested is not None and self._fields() == self._shown:
            return
        self._suggested = None
        self._place(self.timing())

    def _place(self, timing: Timing) -> None:
        self._tasks.start(_PLACE, self._placed(timing, again=self._playback.state.playing), trouble=self.tell)

    async def _placed(self, timing: Timing, *, again: bool) -> None:
        self._playback.place(await self._timings.placed(self._playback.session or self._before, timing))
        if again:
            self._hear()

    # hearing

    def _show_turn(self, session: OpenSession) -> None:
        turn = None if self._turn_index is None else session.turns[self._turn_index]
        self.hear.setEnabled(turn is not None and turn.start_ms is not None)
        if turn is not None and turn.start_ms is not None:
            self.turn.show_text(f"{clock(turn.start_ms)}  {one_line(turn.text[:_LONGEST_TURN_SHOWN])}")

    def _hear(self) -> None:
        session = self._playback.session
        if session is not None and self._turn_index is not None:
            start_ms = session.turns[self._turn_index].start_ms
            if start_ms is not None:
                self._playback.seek(start_ms)
                self._playback.play()

    # measuring

    def _measure(self) -> None:
        if self._measuring:
            self._tasks.cancel(_MEASURE)
            self._measured(None)
            return
        self.trouble.hide()
        self._measured(None, running=True)
        self._tasks.start(_MEASURE, self._found_out(), trouble=self._not_measured)

    async def _found_out(self) -> None:
        found = await self._timings.measure(
            self._playback.session or self._before, progress=lambda share: self.share.setValue(round(100 * share))
        )
        self._measured(measured_words(found))
        if isinstance(found, Measurement):
            self._found = found
            self._suggest(found.timing())

    def _not_measured(self, error: QaPlayerError) -> None:
        self._measured(None)
        self.tell(error)

    def _measured(self, words: str | None, *, running: bool = False) -> None:
        self._measuring = running
        self.measure.setText("Stop &measuring" if running else "&Measure")
        self.measure.setAccessibleName("Stop measuring" if running else "Measure")
        self.share.setValue(0)
        self.share.setVisible(running)
        self.said.show_text(words or "")
        self.said.setAccessibleDescription(words or "")
        self.fit()

    # keeping

    def go(self) -> None:
        self.trouble.hide()
        self._tasks.then(_KEEP, self._keep(self.timing()), trouble=self.tell)

    async def _keep(self, timing: Timing) -> None:
        place = self._before.connection.name, self._before.session_id
        if timing.origin is TimingOrigin.PROVIDER:
            await self._timings.forget(*place)
        elif timing != self._before.timing:
            measurement = self._found if timing.origin is TimingOrigin.MEASURED else None
            await self._timings.keep(*place, timing, measurement=measurement)
        self._before = await self._timings.placed(self._before, timing)
        self.kept.emit()
        self.accept()

    def _leave(self) -> None:
        """What is in force counts from now on, whatever was tried."""
        self._playback.turns_placed.disconnect(self._show_turn)
        self._tasks.cancel(_MEASURE)
        self._tasks.start(_PLACE, self._in_force(self._before.timing))

    async def _in_force(self, timing: Timing) -> None:
        session = self._playback.session
        if session is not None and _same(session, self._before):
            self._playback.place(await self._timings.placed(session, timing))


def _same(one: OpenSession, other: OpenSession) -> bool:
    """Whether they are the same session, however its provider tells of it by now."""
    return (one.connection.name, one.session_id) == (other.connection.name, other.session_id)
