"""Delays and interruptions of the open session on the desk: strip, rows, facts, and the keys that lead to them."""

from __future__ import annotations

from collections.abc import Callable

from qa_player.model.connection import Sides
from qa_player.model.delay import Answer, Delays, Interruption
from qa_player.model.playback import PlaybackState
from qa_player.services.delays import DelayMeasuring
from qa_player.services.library import OpenSession
from qa_player.services.playback import Playback
from qa_player.ui.actions import Command
from qa_player.ui.panels.details import DetailsPanel
from qa_player.ui.panels.player import PlayerPanel
from qa_player.ui.panels.transcript import TranscriptPanel
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.delay_words import TITLE, notable_turns, rows_of, turn_notes

BEFORE_MS = 1_500
"""So long before a gap or an interruption one begins to hear, to know what went on."""

_WORK_OUT, _LISTEN = "delays", "delays-listen"


class ShownDelays:
    """Estimated at once, measured by itself once the recording is whole on this computer; ``slow_ms`` says from when
    on an answer counts as slow."""

    def __init__(
        self,
        playback: Playback,
        measuring: DelayMeasuring,
        *,
        player: PlayerPanel,
        transcript: TranscriptPanel,
        details: DetailsPanel,
        tasks: Tasks,
        slow_ms: Callable[[], int],
        told: Callable[[str], object],
    ) -> None:
        self._playback, self._measuring, self._tasks = playback, measuring, tasks
        self._player, self._transcript, self._details = player, transcript, details
        self._slow_ms, self._told = slow_ms, told
        self._found = Delays()
        self._slowest = self._cut = -1
        self._listened: object = None
        playback.opened.connect(self._opened)
        playback.turns_placed.connect(lambda _session: self._work_out())
        playback.closed.connect(self._closed)
        playback.state_changed.connect(self._state_changed)
        player.delays.chosen.connect(self.hear)

    def show(self) -> None:
        """Draw and say it anew, as after the settings changed."""
        session = self._playback.session
        sides = Sides() if session is None else session.connection.sides
        slow_ms = self._slow_ms()
        self._player.delays.show_delays(self._found, sides, slow_ms)
        self._transcript.show_delays(
            turn_notes(self._found, slow_ms), notable_turns(self._found, slow_ms), slow_ms=slow_ms
        )
        self._details.show_more(TITLE, [] if session is None else rows_of(self._found, sides))

    def hear(self, one: Answer | Interruption) -> None:
        """Go to where one hears it."""
        at_ms = one.from_ms if isinstance(one, Answer) else one.at_ms
        self._player.delays.say(one)
        self._playback.seek(max(at_ms - BEFORE_MS, 0))

    def step_slowest(self, by: int) -> None:
        """To the slowest answer, and from it to the next slower or faster one, going round."""
        if not self._found.answers:
            self._told("How long answers took is not known of this session.")
            return
        self._slowest = (max(self._slowest, 0) - 1 if by < 0 else self._slowest + 1) % len(self._found.answers)
        self.hear(self._found.slowest[self._slowest])

    def step_interruption(self, by: int) -> None:
        """To the next or the previous interruption, going round."""
        cuts = self._found.interruptions
        if not cuts:
            self._told("No interruption is known of this session.")
            return
        self._cut = (max(self._cut, 0) - 1 if by < 0 else self._cut + 1) % len(cuts)
        self.hear(cuts[self._cut])

    def commands(self, menu: str) -> list[Command]:
        """What leads to them."""
        return [
            Command(
                "delay.slowest",
                "To the slowest answer, then the next",
                lambda: self.step_slowest(1),
                menu,
                bare_keys=("D",),
                begins_group=True,
            ),
            Command(
                "delay.faster",
                "Back to the slower answer",
                lambda: self.step_slowest(-1),
                menu,
                bare_keys=("Shift+D",),
            ),
            Command("cut.next", "To the next interruption", lambda: self.step_interruption(1), menu, bare_keys=("B",)),
            Command(
                "cut.previous",
                "To the previous interruption",
                lambda: self.step_interruption(-1),
                menu,
                bare_keys=("Shift+B",),
            ),
            Command(
                "delay.only",
                "Show only slow answers and interruptions",
                self._transcript.notable.click,
                menu,
            ),
        ]

    def _opened(self, _session: OpenSession) -> None:
        self._take(Delays())
        self._listened = None
        self._work_out()

    def _closed(self) -> None:
        self._tasks.cancel(_WORK_OUT)
        self._tasks.cancel(_LISTEN)
        self._listened = None
        self._take(Delays())

    def _take(self, found: Delays) -> None:
        if found != self._found:
            self._slowest = self._cut = -1
        self._found = found
        self.show()

    def _state_changed(self, state: PlaybackState) -> None:
        session = self._playback.session
        if session is not None and state.verified and self._listened is not session.detail:
            self._listened = session.detail
            self._tasks.start(_LISTEN, self._listen(session), trouble=lambda _error: None)

    def _work_out(self) -> None:
        session = self._playback.session
        if session is not None:
            self._tasks.start(_WORK_OUT, self._known(session))

    async def _known(self, session: OpenSession) -> None:
        found = await self._measuring.of(session)
        if self._playback.session is session:
            self._take(found)

    async def _listen(self, session: OpenSession) -> None:
        """What is wrong with a recording is told by who plays it; here it only stays an estimate."""
        found = await self._measuring.listen_to_kept(session, playing=lambda: self._playback.state.playing)
        if found is not None:
            self._work_out()
