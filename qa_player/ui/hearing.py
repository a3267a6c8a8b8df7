"""Commands of the ear: hear it again, slower, over and over, without its silence, one side of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qa_player.model.annotation import Span
from qa_player.model.playback import Channels, Listening, PlaybackState
from qa_player.services.playback import Playback
from qa_player.services.replaying import Replaying
from qa_player.ui.actions import Actions, Command
from qa_player.ui.panels.player import PlayerPanel

_SIDES = (
    (Channels.BOTH, "Hear both sides"),
    (Channels.LEFT, "Hear the left side only"),
    (Channels.RIGHT, "Hear the right side only"),
)
_SWITCHES: dict[str, Callable[[Listening], bool]] = {
    "play.loop": lambda listening: listening.loop is not None,
    "sound.skip_silence": lambda listening: listening.skips_silence,
    "sound.level": lambda listening: listening.levelled,
    **{f"sound.{side}": lambda listening, side=side: listening.channels is side for side, _ in _SIDES},  # type: ignore[misc]
}


class Hearing:
    """Takes the span from the player's selection, and the turn from where one hears."""

    def __init__(self, playback: Playback, player: PlayerPanel) -> None:
        self._playback, self._player = playback, player
        self.replaying = Replaying(playback)
        player.transport.loop_wanted.connect(self.loop)
        player.transport.silence_wanted.connect(self.skip_silence)

    def loop(self) -> None:
        """The selection or the turn over and over, or no more."""
        self.replaying.loop(self._player.waveform.selection)

    def span(self) -> Span | None:
        """What is selected, else the turn one hears."""
        return self._player.waveform.selection or self.replaying.turn_span()

    def skip_silence(self) -> None:
        """Leave silence out, or not."""
        listening = self._playback.state.listening
        self._playback.listen(replace(listening, skips_silence=not listening.skips_silence))

    def level(self) -> None:
        """Bring all voices to one loudness, or not."""
        listening = self._playback.state.listening
        self._playback.listen(replace(listening, levelled=not listening.levelled))

    def again_commands(self, menu: str) -> list[Command]:
        """What is heard once more."""
        again = self.replaying
        return [
            Command("play.replay", "Hear this turn again", again.again, menu, bare_keys=("R",)),
            Command(
                "play.replay_slower",
                "Hear this turn slower; again: one turn more",
                again.again_slower,
                menu,
                bare_keys=("Shift+R",),
            ),
            Command("play.loop", "Loop the selection or turn", self.loop, menu, bare_keys=("Shift+L",), checkable=True),
        ]

    def sound_commands(self, menu: str) -> list[Command]:
        """How it is heard."""
        hear = self._playback.set_channels
        return [
            Command(
                "sound.skip_silence",
                "Skip silence",
                self.skip_silence,
                menu,
                bare_keys=("S",),
                checkable=True,
                begins_group=True,
            ),
            Command("sound.level", "Even loudness", self.level, menu, checkable=True),
            *(
                Command(f"sound.{side}", words, lambda side=side: hear(side), menu, checkable=True)  # type: ignore[misc]
                for side, words in _SIDES
            ),
        ]

    def keep_checked(self, actions: Actions) -> None:
        """The switches in the menu say how it is heard."""

        def show(state: PlaybackState) -> None:
            for command_id, is_on in _SWITCHES.items():
                actions[command_id].setChecked(is_on(state.listening))

        self._playback.state_changed.connect(show)
        for command_id in _SWITCHES:
            # Qt has switched it already, and nothing may have come of it
            actions[command_id].triggered.connect(lambda _=False: show(self._playback.state))
        show(self._playback.state)
