"""Playback: the open session, its position and its active turns; one clock for ear, picture and text."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from qa_player.errors import NoRecordingError, NotReadyError, QaPlayerError
from qa_player.model.annotation import Span
from qa_player.model.peaks import Peaks
from qa_player.model.playback import MAX_SPEED, MIN_SPEED, Channels, Heard, Listening, Phase, PlaybackState
from qa_player.services.ears import Ears, GoingOn, Listener
from qa_player.services.following import Following
from qa_player.services.library import Library, OpenSession
from qa_player.services.measuring import Measuring
from qa_player.services.recordings import Recordings
from qa_player.services.sounding import Sounding
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.media.engine import Output


class Playback:
    """Owns position and active turns. ``position_changed`` tells milliseconds from audio zero, heard now;
    ``active_turns_changed`` the indices of the turns that speak, the primary first, only when they change; ``heard``
    every stretch of the open session's recording that went past the ear, once and in order, before ``closed``;
    ``sent`` where somebody wanted to be, which a loop or a skipped silence never tells.
    """

    def __init__(
        self,
        *,
        library: Library,
        recordings: Recordings,
        output: Output | None,
        latency_ms: int,
        going_on: GoingOn | None = None,
    ) -> None:
        self.opened: Signal[OpenSession] = Signal()
        self.turns_placed: Signal[OpenSession] = Signal()
        self.closed: Signal[()] = Signal()
        self.sent: Signal[int] = Signal()
        self.state_changed: Signal[PlaybackState] = Signal()
        self._following = Following()
        self.position_changed = self._following.position_changed
        self.active_turns_changed = self._following.active_turns_changed
        self.peaks_changed: Signal[Peaks | None] = Signal()
        self.heard: Signal[Heard] = Signal()
        self._library = library
        self._recordings = recordings
        self._output = output
        self._latency_ms = latency_ms
        self._going_on = going_on
        self._sounding: Ears | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._state = PlaybackState()
        self._measuring = Measuring(self._measured)

    @property
    def session(self) -> OpenSession | None:
        """The open session, null while there is none."""
        return self._following.session

    @property
    def state(self) -> PlaybackState:
        return self._state

    @property
    def position_ms(self) -> float:
        """Where the ear is, in milliseconds from audio zero."""
        return self._following.position_ms

    @property
    def active_turns(self) -> tuple[int, ...]:
        """The turns that speak at the position, the primary first."""
        return self._following.active_turns

    async def open(
        self, connection: str, session_id: str, *, at_ms: int | None = None, fresh: bool = True
    ) -> OpenSession:
        """Open a session: its transcript first, then its recording, paused at ``at_ms``. Not ``fresh``: as it is kept.

        A session whose recording cannot be heard is open all the same; the state says why. What is asked of the
        player meanwhile is done when the recording is there. Raises the provider's errors for one that is not there.
        """
        await self.close()
        self._become(replace(self._state.rested(), phase=Phase.LOADING))
        try:
            session = await self._library.open(connection, session_id, fresh=fresh, or_kept=True)
        except BaseException as error:
            self._fall_silent(Phase.FAILED, error)
            raise
        self._following.follow(session)
        self.opened.emit(session)
        if at_ms is not None:
            self._following.move(float(at_ms))
        try:
            sounding = await self._ears(session)
        except (NoRecordingError, NotReadyError) as error:
            self._fall_silent(Phase.NO_RECORDING, error)
        except BaseException as error:
            self._fall_silent(Phase.FAILED, error)
            if not isinstance(error, QaPlayerError):
                raise
        else:
            self._begin(sounding)
        return session

    async def close(self) -> None:
        """Stop and let go of everything of the open session; nothing open is no error."""
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker
            self._ticker = None
        await self._measuring.aclose()
        if self._sounding is not None:
            sounding, self._sounding = self._sounding, None
            await sounding.aclose()
        if self.session is not None:
            self._following.follow(None)
            self.peaks_changed.emit(None)
            self.closed.emit()
        self._become(self._state.rested())

    def renew(self, session: OpenSession) -> None:
        """The open session as its provider tells of it now; another one is left alone."""
        open_now = self.session
        if open_now is not None and (open_now.connection.name, open_now.session_id) == (
            session.connection.name,
            session.session_id,
        ):
            self._following.follow(session)
            self.turns_placed.emit(session)

    def play(self) -> None:
        """Go on from the position; at the end, from the start."""
        if self._sounding is not None:
            if self._state.ended:
                self._sounding.engine.seek(0)
            self._sounding.engine.play()
            self._refresh()
        elif self._state.phase is Phase.LOADING:
            self._become(replace(self._state, playing=True))

    def pause(self) -> None:
        """Stop the sound at once; the position stays where the ear was."""
        if self._sounding is not None:
            self._sounding.engine.pause()
            self._refresh()
        else:
            self._become(replace(self._state, playing=False))

    def toggle(self) -> None:
        """Play, or pause while playing."""
        (self.pause if self._state.playing else self.play)()

    def seek(self, position_ms: int) -> None:
        """Go to a position; without a recording only the transcript follows."""
        if self.session is None:
            return
        position_ms = max(0, position_ms)
        if self._state.duration_ms is not None:
            position_ms = min(position_ms, self._state.duration_ms)
        if self._sounding is not None:
            self._leave_loop(position_ms)
            self._sounding.engine.seek(position_ms)
            self._refresh()
        else:
            self._following.move(float(position_ms))
        self.sent.emit(position_ms)

    def skip(self, delta_ms: int) -> None:
        """Go forward by ``delta_ms`` milliseconds, or back."""
        self.seek(round(self._following.position_ms) + delta_ms)

    def previous_turn(self) -> None:
        """To the start of the turn that speaks, or, near its start, of the one before."""
        self.seek(self._following.previous_start_ms())

    def next_turn(self) -> None:
        """To the start of the next turn."""
        start_ms = self._following.next_start_ms()
        if start_ms is not None:
            self.seek(start_ms)

    def place(self, session: OpenSession) -> None:
        """Let the open session's turns lie as they do in ``session``; nothing happens when it is another one."""
        if self.session is None or session.detail is not self.session.detail:
            return
        self._following.follow(session)
        self._following.move(self._following.position_ms)
        if self._sounding is not None:
            self._sounding.guard(session.turns)
        self.turns_placed.emit(session)

    def replay(self, start_ms: int, end_ms: int, *, speed: float) -> None:
        """Play from ``start_ms`` to ``end_ms`` at ``speed``, and on at the usual one; a seek ends it."""
        if self._sounding is not None:
            self._leave_loop(start_ms)
            self._sounding.engine.replay(start_ms, end_ms, speed)
            self._sounding.engine.play()
            self._refresh()
            self.sent.emit(start_ms)

    def listen(self, wanted: Listening) -> None:
        """Hear it as ``wanted`` says; the speed is kept between 0.5 and 3, pitch and all. Kept for the next session."""
        wanted = replace(wanted, speed=min(max(wanted.speed, MIN_SPEED), MAX_SPEED))
        self._become(replace(self._state, listening=wanted, speed=wanted.speed))
        if self._sounding is not None:
            self._sounding.listen(wanted)
            self._refresh()

    def set_speed(self, speed: float) -> None:
        """Between 0.5 and 3 times, pitch kept."""
        self.listen(replace(self._state.listening, speed=speed))

    def set_channels(self, channels: Channels) -> None:
        """Hear both sides or one."""
        self.listen(replace(self._state.listening, channels=channels))

    def set_loop(self, loop: Span | None) -> None:
        """Play a span over and over, from its start when the ear is not in it; null: no more. A seek out ends it."""
        if self._sounding is None and loop is not None:
            return
        self.listen(replace(self._state.listening, loop=loop))
        if loop is not None and not loop.holds(self._following.position_ms):
            self.seek(loop.start_ms)

    def set_latency(self, latency_ms: int) -> None:
        """A sample is heard so long after the device's count, from now on."""
        self._latency_ms = latency_ms
        if self._sounding is not None:
            self._sounding.engine.set_latency(latency_ms)
            self._refresh()

    def set_output(self, output: Output | None) -> None:
        """Another sound device, or none: then a silent clock runs."""
        self._output = output
        if self._sounding is not None:
            self._sounding.use(output)
            self._refresh()

    async def _ears(self, session: OpenSession) -> Ears:
        """What makes the session heard. Raises what keeps it from that."""
        listener = Listener(
            output=self._output,
            latency_ms=self._latency_ms,
            changed=self._refresh,
            show=self.peaks_changed.emit,
            playing=lambda: self._state.playing,
            heard=self.heard.emit,
        )
        live = None if self._going_on is None else await self._going_on.ears(session, listener)
        return live or Sounding(await self._recordings.open_parts(session), listener)

    def _begin(self, sounding: Ears) -> None:
        self._sounding = sounding
        if self.session is not None:
            self._sounding.guard(self.session.turns)
        self._sounding.begin(self._state, self._following.position_ms)
        keeping_up = self._following.keep_up(lambda: self._state, self._refresh)
        self._ticker = asyncio.create_task(keeping_up, name="playback clock")
        self._refresh()

    def _refresh(self) -> None:
        """Read what sounds, and tell what changed of state, position and active turns."""
        if self._sounding is None:
            return
        state, heard = self._sounding.read(self._state)
        if heard.duration_exact and heard.duration_ms is not None:
            self._measuring.expect(self.session, heard.duration_ms, state.parts)
        self._become(state)
        # first what led there: whoever sees the position jump knows whether the ear went with it
        self._sounding.tell_heard()
        self._following.move(heard.position_ms)

    def _leave_loop(self, position_ms: float) -> None:
        """Going somewhere else is the end of a loop."""
        loop = self._state.listening.loop
        if loop is not None and not loop.holds(position_ms):
            self.listen(replace(self._state.listening, loop=None))

    def _fall_silent(self, phase: Phase, error: BaseException) -> None:
        known = error if isinstance(error, QaPlayerError) else None
        self._become(replace(self._state, phase=phase, playing=False, error=known))

    def _become(self, state: PlaybackState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)

    def _measured(self, before: OpenSession, session: OpenSession) -> None:
        if self._following.session is before:
            self.place(session)
