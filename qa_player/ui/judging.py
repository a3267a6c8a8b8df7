"""Judging a session by its scorecard: which stretch is meant by evidence, and what submitting leads to."""

from __future__ import annotations

from collections.abc import Callable

from qa_player.model.annotation import Span
from qa_player.services.playback import Playback
from qa_player.ui.actions import Command
from qa_player.ui.panels.player import PlayerPanel
from qa_player.ui.panels.scorecard import ScorecardPanel
from qa_player.ui.panels.sessions import SessionsPanel
from qa_player.ui.panels.transcript import TranscriptPanel


class Judging:
    """Takes the place of evidence from player and transcript."""

    def __init__(
        self,
        playback: Playback,
        *,
        player: PlayerPanel,
        transcript: TranscriptPanel,
        sessions: SessionsPanel,
        card: ScorecardPanel,
        done: Callable[[str], object],
    ) -> None:
        self._playback, self._player, self._transcript = playback, player, transcript
        self._card, self._done = card, done
        self._goes_on = False
        self.go_on: Callable[[], object] = lambda: sessions.step(1)
        """Opens what is to be reviewed next."""
        card.where = self.where
        card.submit_wanted.connect(self.submit_and_next)
        card.submitted.connect(self._submitted)

    def where(self) -> Span | None:
        """The selected span, else the turn the cursor was put on, else the one that is heard; null for none."""
        if self._player.selection is not None:
            start_ms, end_ms = self._player.selection
            return Span(start_ms=start_ms, end_ms=end_ms)
        turns = {} if self._playback.session is None else {one.index: one for one in self._playback.session.turns}
        chosen = None if self._playback.state.playing else self._transcript.view.chosen_turn()
        heard = self._playback.active_turns
        turn = chosen or (turns.get(heard[0]) if heard else None)
        if turn is None or turn.start_ms is None or turn.end_ms is None or turn.end_ms <= turn.start_ms:
            return None
        return Span(start_ms=turn.start_ms, end_ms=turn.end_ms)

    def to_questions(self) -> None:
        """The keys to the first question that is not settled."""
        self._card.take_focus()

    def submit_and_next(self) -> None:
        """Hand the card in; once it is, open the next session."""
        self._goes_on = self._card.card is not None
        if self._card.card is not None and self._card.card.submitted_at is not None:
            self._submitted()
        else:
            self._card.hand_in()

    def _submitted(self) -> None:
        self._done("The scorecard is submitted.")
        if self._goes_on:
            self._goes_on = False
            self.go_on()

    def commands(self, menu: str) -> list[Command]:
        """What leads to the scorecard and out of it."""
        return [
            Command(
                "score.questions",
                "To the questions of the scorecard",
                self.to_questions,
                menu,
                keys=("F6",),
                begins_group=True,
            ),
            Command("score.submit", "Submit and open the next", self.submit_and_next, menu, keys=("Ctrl+Return",)),
        ]
