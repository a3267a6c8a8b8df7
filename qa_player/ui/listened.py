"""What was heard of the open session, as it is shown: the strip below the overview, the words in the status bar."""

from __future__ import annotations

from collections.abc import Sequence

from qa_player.model.coverage import Manner, Sitting, percent, share_of, spans_of
from qa_player.model.playback import PlaybackState
from qa_player.services.coverage import Coverage
from qa_player.services.playback import Playback
from qa_player.services.unheard import Unheard
from qa_player.ui.panels.player import PlayerPanel
from qa_player.ui.panels.status import StatusBar
from qa_player.ui.widgets.text import isolated, one_line
from qa_player.ui.widgets.times import clock


class Listened:
    """Joins the coverage of the open session to the player and the status bar; ``unheard`` plays what is left."""

    def __init__(self, playback: Playback, coverage: Coverage, *, player: PlayerPanel, status: StatusBar) -> None:
        self.unheard = Unheard(playback, coverage)
        self._playback, self._coverage = playback, coverage
        self._player, self._status = player, status
        self._duration_ms: int | None = None
        coverage.changed.connect(self.show)
        self.unheard.changed.connect(lambda _: self.show())
        playback.state_changed.connect(self._state_changed)

    def _state_changed(self, state: PlaybackState) -> None:
        if state.duration_ms != self._duration_ms:
            self._duration_ms = state.duration_ms
            self._say(self._coverage.mine)

    def show(self) -> None:
        """Draw and say it anew."""
        mine = self._coverage.mine
        heard, muted, skipped = (spans_of(mine, manner) for manner in (Manner.HEARD, Manner.MUTED, Manner.SKIPPED))
        self._player.seek_bar.set_coverage(heard, muted=muted, skipped=skipped)
        self._say(mine)

    def _say(self, mine: Sequence[Sitting]) -> None:
        words = heard_words(mine, self._duration_ms)
        if self.unheard.on:
            words = f"{words} · playing only what is unheard"
        self._status.show_heard(words, by_person(self._coverage.sittings, self._duration_ms))


def heard_words(sittings: Sequence[Sitting], duration_ms: int | None) -> str:
    """``Heard 64 % of 3:05``, and how much silence was skipped; empty while there is no recording."""
    if not duration_ms:
        return ""
    heard = share_of(sittings, duration_ms, Manner.HEARD)
    silence = share_of(sittings, duration_ms, Manner.HEARD, Manner.SKIPPED).length_ms - heard.length_ms
    share = 100 if heard.is_all else percent(heard.length_ms, duration_ms)
    words = f"Heard {share} % of {clock(duration_ms, parts=1)}"
    return f"{words}, {percent(silence, duration_ms)} % silence skipped" if silence else words


def by_person(sittings: Sequence[Sitting], duration_ms: int | None) -> str:
    """One line for everybody who listened."""
    if not duration_ms:
        return ""
    people = dict.fromkeys(sitting.login for sitting in sittings)
    lines = []
    for login in people:
        theirs = [sitting for sitting in sittings if sitting.login == login]
        fastest = max((one.speed for sitting in theirs for one in sitting.stretches), default=1.0)
        name = isolated(one_line(theirs[-1].actor))
        lines.append(f"{name}: {heard_words(theirs, duration_ms)}, at most {fastest:g}×")
    return "\n".join(lines)
