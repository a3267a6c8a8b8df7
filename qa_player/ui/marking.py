"""Marking what is heard: which turn, span or moment an annotation is about, from what is selected and where one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa_player.model.transcript import Turn
from qa_player.services.playback import Playback
from qa_player.ui.panels.annotations import AnnotationsPanel
from qa_player.ui.panels.player import PlayerPanel
from qa_player.ui.panels.transcript import TranscriptPanel
from qa_player.ui.widgets.annotation_editor import Draft


class Marking:
    """Takes the place from player and transcript, and the words from the annotations panel."""

    def __init__(
        self, playback: Playback, *, player: PlayerPanel, transcript: TranscriptPanel, on: AnnotationsPanel
    ) -> None:
        self._playback, self._player, self._transcript, self._annotations = playback, player, transcript, on
        transcript.annotate_turn_wanted.connect(self.annotate_turn)
        transcript.correct_turn_wanted.connect(self.correct_turn)
        on.annotate_wanted.connect(self.annotate)
        on.tag_wanted.connect(self.apply_tag)

    def annotate(self) -> None:
        """Write about the selected span, else the turn the cursor was put on or the one heard, else this moment."""
        draft = self._draft()
        if draft is not None:
            self._annotations.begin(draft)

    def annotate_turn(self, index: int) -> None:
        """Write about one turn."""
        self._annotations.begin(Draft(turn_index=index))

    def correct_turn(self, index: int) -> None:
        """Write what was truly said in one turn."""
        turn = next((one for one in self._turns() if one.index == index), None)
        if turn is not None:
            self._annotations.correct(turn)

    def correct(self) -> None:
        """Write what was truly said in the turn the cursor was put on, else the one that is heard."""
        chosen = self._transcript.view.chosen_turn()
        if chosen is not None:
            self._annotations.correct(chosen)
        elif self._playback.active_turns:
            self.correct_turn(self._playback.active_turns[0])

    def _turns(self) -> Sequence[Turn]:
        return () if self._playback.session is None else self._playback.session.turns

    def mark_moment(self) -> None:
        """Write about the moment one hears."""
        if self._playback.session is not None:
            self._annotations.begin(Draft(start_ms=round(self._playback.position_ms)))

    def apply_tag(self, tag: str) -> None:
        """Tag the selected span or the turn one hears, and keep it at once."""
        draft = self._tagged(tag)
        if draft is not None:
            self.keep(draft)

    def apply_digit(self, digit: int) -> None:
        """Tag with the tag of a digit from 1 to 9."""
        draft = self.tagged(digit)
        if draft is not None:
            self.keep(draft)

    def tagged(self, digit: int) -> Draft | None:
        """What `apply_digit` would keep now; null where the digit has no tag or nothing is open."""
        tag = self._annotations.digits.get(digit)
        return None if tag is None else self._tagged(tag)

    def keep(self, draft: Draft) -> None:
        """Keep ``draft`` at once."""
        self._annotations.keep(draft)
        self._transcript.take_focus()

    def _tagged(self, tag: str) -> Draft | None:
        draft = self._draft()
        return None if draft is None else replace(draft, tag=tag)

    def _draft(self) -> Draft | None:
        if self._playback.session is None:
            return None
        if self._player.selection is not None:
            start_ms, end_ms = self._player.selection
            return Draft(start_ms=start_ms, end_ms=end_ms)
        turn = self._transcript.view.chosen_turn()
        if turn is not None and not self._playback.state.playing:
            return Draft(turn_index=turn.index)
        if self._playback.active_turns:
            return Draft(turn_index=self._playback.active_turns[0])
        return Draft(start_ms=round(self._playback.position_ms))

    def delete(self) -> None:
        """Take the annotation under the cursor away."""
        self._annotations.delete(self._annotations.list.current_id())
