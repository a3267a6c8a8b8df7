"""Whose hands work at a desk: each joins two or three services to the panels that it works on."""

from __future__ import annotations

from PySide6.QtWidgets import QMainWindow

from qa_player.app import App
from qa_player.ui.audio_output import AudioOutput
from qa_player.ui.auditing import Auditing
from qa_player.ui.bringing import BringingIn
from qa_player.ui.calibrating import Calibrating
from qa_player.ui.calling import Calling
from qa_player.ui.clips import Clips
from qa_player.ui.delays import ShownDelays
from qa_player.ui.disputing import Disputing
from qa_player.ui.drawing import Drawing
from qa_player.ui.enqueueing import Enqueueing
from qa_player.ui.exchanging import Exchanging
from qa_player.ui.filtering import Filtering
from qa_player.ui.hearing import Hearing
from qa_player.ui.holding import Holding
from qa_player.ui.judging import Judging
from qa_player.ui.listened import Listened
from qa_player.ui.marking import Marking
from qa_player.ui.moving import Moving
from qa_player.ui.outcomes import Outcomes
from qa_player.ui.panels.furniture import Panels
from qa_player.ui.preferences import Preferences
from qa_player.ui.reanchoring import Reanchoring
from qa_player.ui.rereading import Rereading
from qa_player.ui.retiming import Retiming
from qa_player.ui.sharing import Sharing
from qa_player.ui.tagging import Tagging
from qa_player.ui.tasks import Tasks
from qa_player.ui.undoing import Undoing


class Hands:
    """Made together, in the order in which they need one another."""

    def __init__(
        self, window: QMainWindow, panels: Panels, app: App, tasks: Tasks, sound: AudioOutput | None = None
    ) -> None:
        self.window, self.panels, self.app, self.tasks = window, panels, app, tasks
        self.playback, self.review = app.playback, app.review
        self.hearing = Hearing(self.playback, panels.player)
        self._make_judging()
        self._make_listening(sound)
        self._make_surroundings()

    def _make_judging(self) -> None:
        window, panels, app, tasks = self.window, self.panels, self.app, self.tasks
        self.marking = Marking(self.playback, player=panels.player, transcript=panels.transcript, on=panels.annotations)
        self.holding = Holding(
            window, self.playback, self.marking, panels.player, lag_ms=lambda: app.settings.reaction_ms
        )
        self.moving = Moving(self.playback, player=panels.player, annotations=panels.annotations)
        self.undoing = Undoing(self.review, app.verification, tasks, panels.annotations)
        self.reanchoring = Reanchoring(window, self.review, tasks, panels.messages)
        self.judging = Judging(
            self.playback,
            player=panels.player,
            transcript=panels.transcript,
            sessions=panels.sessions,
            card=panels.scorecard,
            done=panels.messages.done,
        )
        self.enqueueing = Enqueueing(
            window, app.queue, self.playback, sessions=panels.sessions, tasks=tasks, done=panels.messages.done
        )

    def _make_listening(self, sound: AudioOutput | None) -> None:
        window, panels, app, tasks = self.window, self.panels, self.app, self.tasks
        self.listened = Listened(self.playback, app.coverage, player=panels.player, status=panels.status)
        self.retiming = Retiming(self.playback, app.timings, tasks=tasks, messages=panels.messages, window=window)
        self.exchanging = Exchanging(
            window,
            exchange=app.exchange,
            imports=app.imports,
            transcripts=app.transcripts,
            playback=app.playback,
            review=app.review,
            messages=panels.messages,
            tasks=tasks,
        )
        self.clips = Clips(
            window, app.clipping, self.playback, span=self.hearing.span, messages=panels.messages, tasks=tasks
        )
        self.tagging = Tagging(
            app.tag_sets,
            tasks=tasks,
            player=panels.player,
            annotations=panels.annotations,
            set_id=app.settings.tag_set,
        )
        self.preferences = Preferences(
            window, app, tasks, sound=sound, annotations=panels.annotations, tagging=self.tagging
        )
        self.delays = ShownDelays(
            self.playback,
            app.delays,
            player=panels.player,
            transcript=panels.transcript,
            details=panels.details,
            tasks=tasks,
            slow_ms=lambda: app.settings.slow_answer_ms,
            told=panels.messages.done,
        )
        self.preferences.changed.connect(self.delays.show)

    def _make_surroundings(self) -> None:
        window, panels, app, tasks = self.window, self.panels, self.app, self.tasks
        self.outcomes = Outcomes(window, app.results, tasks=tasks)
        self.filtering = Filtering(window, panels.sessions, preferences=self.preferences, settings=app.settings)
        self.sharing = Sharing(
            window,
            app,
            tasks,
            card=panels.scorecard,
            tagging=self.tagging,
            use=lambda set_id: self.preferences.keep(tag_set=set_id),
        )
        self.drawing = Drawing(window, app.queue, sessions=panels.sessions, tasks=tasks)
        self.calibrating = Calibrating(window, app, tasks, sessions=panels.sessions, card=panels.scorecard)
        self.disputing = Disputing(
            window,
            app.disputes,
            scoring=app.scoring,
            review=self.review,
            playback=self.playback,
            tasks=tasks,
            messages=panels.messages,
            where=self.judging.where,
        )
        panels.scorecard.contest.clicked.connect(self.disputing.contest)
        self.bringing = BringingIn(window, app, tasks, sessions=panels.sessions, messages=panels.messages)
        self.auditing = Auditing(
            window, app.audit, panel=panels.trail, status=panels.status, messages=panels.messages, tasks=tasks
        )
        self.rereading = Rereading(
            app.kept, app.playback, details=panels.details, messages=panels.messages, tasks=tasks
        )
        self.calling = Calling(
            window,
            app,
            tasks,
            panel=panels.live,
            sessions=panels.sessions,
            status=panels.status,
            messages=panels.messages,
            preferences=self.preferences,
        )
