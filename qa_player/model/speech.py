"""Speech: who is heard from when to when, measured on a recording, and which turn each stretch of it belongs to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from qa_player.model.annotation import Span
from qa_player.model.timing import Timing
from qa_player.model.transcript import Role, Turn
from qa_player.model.value import Sha256, Value

NEAR_MS = 150
"""An onset so near to where a turn is said to start is its own."""
REACH_MS = 600
"""Further off than near, only an onset after a pause between speakers is taken for a turn's."""
TURN_PAUSE_MS = 240
"""Between speakers it is quiet for longer than between words."""
SAME_BREATH_MS = 700
"""Who goes on after a longer pause, in which somebody else began, says something new."""
LEAST_SHARE = 0.5
"""With fewer turns on an onset the transcript does not tell of this sound."""


class Speech(Value):
    """What was measured on a recording. ``channels``: for each side that is a voice of its own, where it is heard, in
    order; a recording with one channel, or the same voice on both, has one. ``recording_digest`` names the parts that
    were heard and where they lie. ``clock`` lays the transcript of ``transcript_digest`` on it, null where that cannot
    be told.
    """

    recording_digest: Sha256
    channels: tuple[tuple[Span, ...], ...]
    transcript_digest: Sha256
    clock: Timing | None = None


@dataclass(frozen=True)
class Spoken:
    """One turn as it is heard. ``role`` is its side, agent or user; ``end_ms`` is null where nobody knows it;
    ``stretches`` leave out its pauses; ``measured`` on a channel of its own, else guessed from what is told.
    """

    turn_index: int
    role: Role
    start_ms: int
    end_ms: int | None
    stretches: tuple[Span, ...]
    measured: bool


@dataclass(frozen=True)
class _Voice:
    """The turns of one voice by their starts, each with the number of its onset among ``spans``, null without one."""

    turns: tuple[Turn, ...]
    spans: tuple[Span, ...]
    onsets: tuple[int | None, ...]

    @property
    def share(self) -> float:
        """How much of it was found."""
        return sum(number is not None for number in self.onsets) / len(self.turns) if self.turns else 0.0

    @property
    def found(self) -> int:
        return sum(number is not None for number in self.onsets)


def spoken_turns(turns: Sequence[Turn], speech: Speech | None) -> tuple[Spoken, ...]:
    """The turns of agent and user by where they are heard; those without a time, of tools or of unknown speakers are
    left out. ``turns`` are placed where `Speech` has them, as its clock tells.
    """
    timed = sorted((turn for turn in turns if turn.start_ms is not None and _side(turn) is not None), key=_start)
    channels = () if speech is None else speech.channels
    heard = _apart(timed, channels) if len(channels) == 2 else None
    if heard is None and channels:
        heard = _together(timed, _merged(channels))
    return tuple(sorted(heard or map(_told, timed), key=lambda one: (one.start_ms, one.turn_index)))


def _side(turn: Turn) -> Role | None:
    if turn.role is Role.AGENT:
        return Role.AGENT
    return Role.USER if turn.role in (Role.USER, Role.THIRD_PARTY) else None


def _start(turn: Turn) -> tuple[int, int]:
    return turn.start_ms or 0, turn.index


def _told(turn: Turn) -> Spoken:
    """As the provider says: an end that it did not give is the next turn's start, and tells nothing."""
    start_ms = turn.start_ms or 0
    end_ms = turn.end_ms if turn.raw_end_ms is not None else None
    spans = (Span(start_ms=start_ms, end_ms=end_ms),) if end_ms is not None and end_ms > start_ms else ()
    return Spoken(turn.index, _side(turn) or Role.UNKNOWN, start_ms, end_ms, spans, measured=False)


def _apart(timed: Sequence[Turn], channels: Sequence[tuple[Span, ...]]) -> list[Spoken] | None:
    """Each side on its own channel; null where it cannot be told whose channel is whose."""
    groups = [tuple(turn for turn in timed if _side(turn) is role) for role in (Role.AGENT, Role.USER)]
    castings = [
        [_found(group, channels[place]) for group, place in zip(groups, order, strict=True)]
        for order in ((0, 1), (1, 0))
    ]
    likeliest, other = sorted(castings, key=lambda casting: sum(voice.found for voice in casting), reverse=True)
    if not all(voice.share >= LEAST_SHARE for voice in likeliest):
        return None
    if sum(voice.found for voice in likeliest) == sum(voice.found for voice in other):
        return None
    agent, user = likeliest
    return [*_measured(agent, _begins(user)), *_measured(user, _begins(agent))]


def _together(timed: Sequence[Turn], spans: tuple[Span, ...]) -> list[Spoken] | None:
    """All voices on one channel: a turn ends with the last sound before the next one's onset, where that has one."""
    voice = _found(tuple(timed), spans)
    if voice.share < LEAST_SHARE:
        return None
    heard = []
    for at, turn in enumerate(voice.turns):
        following = voice.onsets[at + 1] if at + 1 < len(voice.turns) else len(spans)
        own = voice.onsets[at]
        if turn.raw_end_ms is not None:
            heard.append(_told(turn))
            continue
        start_ms = turn.start_ms or 0 if own is None else spans[own].start_ms
        first = bisect_right(spans, start_ms, key=lambda span: span.end_ms)
        within = () if following is None else spans[first:following]
        end_ms = within[-1].end_ms if within else None
        heard.append(Spoken(turn.index, _side(turn) or Role.UNKNOWN, start_ms, end_ms, within, measured=False))
    return heard


def _found(turns: tuple[Turn, ...], spans: tuple[Span, ...]) -> _Voice:
    """The onset of each turn; none is taken twice, and none before that of an earlier turn."""
    starts = [span.start_ms for span in spans]
    onsets: list[int | None] = []
    free = 0
    for turn in turns:
        number = _onset(turn.start_ms or 0, spans, starts, free)
        onsets.append(number)
        free = free if number is None else number + 1
    return _Voice(turns, spans, tuple(onsets))


def _onset(start_ms: int, spans: Sequence[Span], starts: Sequence[int], free: int) -> int | None:
    first = max(free, bisect_left(starts, start_ms - REACH_MS))
    within = range(first, max(first, bisect_right(starts, start_ms + REACH_MS)))
    nearest = min(within, key=lambda number: abs(starts[number] - start_ms), default=None)
    if nearest is None or abs(starts[nearest] - start_ms) <= NEAR_MS:
        return nearest
    after_pauses = (
        number for number in within if number == 0 or starts[number] - spans[number - 1].end_ms >= TURN_PAUSE_MS
    )
    return min(after_pauses, key=lambda number: abs(starts[number] - start_ms), default=None)


def _begins(voice: _Voice) -> list[int]:
    return sorted(
        (turn.start_ms or 0) if number is None else voice.spans[number].start_ms
        for turn, number in zip(voice.turns, voice.onsets, strict=True)
    )


def _measured(voice: _Voice, others: Sequence[int]) -> list[Spoken]:
    """The turns of one side on its own channel; ``others`` are the moments at which the other side begins."""
    heard = []
    for at, (turn, number) in enumerate(zip(voice.turns, voice.onsets, strict=True)):
        if number is None:
            heard.append(_told(turn))
            continue
        until = len(voice.spans)
        if at + 1 < len(voice.turns):
            following = voice.onsets[at + 1]
            until = _before(voice, voice.turns[at + 1], number) if following is None else following
        spans = _of_one_turn(voice.spans[number:until], others)
        heard.append(
            Spoken(
                turn.index,
                _side(turn) or Role.UNKNOWN,
                spans[0].start_ms,
                spans[-1].end_ms,
                spans,
                measured=True,
            )
        )
    return heard


def _before(voice: _Voice, turn: Turn, number: int) -> int:
    """The first stretch that may be a later turn's, whose onset was not found."""
    return bisect_left(voice.spans, (turn.start_ms or 0) - NEAR_MS, lo=number + 1, key=lambda span: span.start_ms)


def _of_one_turn(spans: Sequence[Span], others: Sequence[int]) -> tuple[Span, ...]:
    """As many of ``spans`` as belong to the turn that begins with the first."""
    taken = [spans[0]]
    for span in spans[1:]:
        began = bisect_right(others, span.start_ms) > bisect_right(others, spans[0].start_ms)
        if began and span.start_ms - taken[-1].end_ms > SAME_BREATH_MS:
            break
        taken.append(span)
    return tuple(taken)


def _merged(channels: Sequence[tuple[Span, ...]]) -> tuple[Span, ...]:
    """All channels as one: a pause is where nobody speaks."""
    merged: list[Span] = []
    for span in sorted((span for channel in channels for span in channel), key=lambda span: span.start_ms):
        if merged and span.start_ms <= merged[-1].end_ms:
            whole = merged.pop()
            span = Span(start_ms=whole.start_ms, end_ms=max(whole.end_ms, span.end_ms))  # noqa: PLW2901
        merged.append(span)
    return tuple(merged)
