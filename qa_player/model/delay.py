"""Delays and interruptions: how long the agent took to answer, and who set in while the other was speaking."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from enum import StrEnum

from qa_player.model.speech import Spoken
from qa_player.model.transcript import Role, Turn
from qa_player.model.value import Count, Milliseconds, Value

LEAST_OVERLAP_MS = 120
"""Shorter gaps and overlaps than this are heard as neither (Heldner 2011)."""


class Basis(StrEnum):
    """Where a figure comes from: each side's own channel, or what is told and heard of both together."""

    MEASURED = "measured"
    ESTIMATED = "estimated"


class Answer(Value):
    """From where the user had ended (``from_ms``) to where the agent sets in (``to_ms``), in audio time.

    ``told_ms`` is how long it took by the provider's own figures, null where it gives none.
    """

    user_turn: Count
    agent_turn: Count
    from_ms: Milliseconds
    to_ms: Milliseconds
    basis: Basis
    told_ms: Milliseconds | None = None

    @property
    def delay_ms(self) -> int:
        """The gap; a little below 0 where they met."""
        return self.to_ms - self.from_ms


class Interruption(Value):
    """``role`` set in with ``turn`` at ``at_ms`` while ``interrupted_turn`` was spoken, and ``overlap_ms`` later one of
    them had ended; null where only the provider says so. ``told``: it knows that the turn was cut.
    """

    role: Role
    turn: Count
    interrupted_turn: Count
    at_ms: Milliseconds
    overlap_ms: Milliseconds | None
    basis: Basis
    told: bool = False


class Delays(Value):
    """All of one session, each by its time. ``told_interruptions`` is how many there were by the provider's count."""

    answers: tuple[Answer, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    told_interruptions: Count | None = None

    @property
    def median_ms(self) -> int | None:
        """Of the answers; null without any."""
        return round(statistics.median(one.delay_ms for one in self.answers)) if self.answers else None

    @property
    def slowest(self) -> tuple[Answer, ...]:
        """The answers, the slowest first."""
        return tuple(sorted(self.answers, key=lambda one: (-one.delay_ms, one.to_ms)))

    @property
    def basis(self) -> Basis | None:
        """Measured where all of it was; null where there is nothing."""
        found = {answer.basis for answer in self.answers} | {cut.basis for cut in self.interruptions}
        return max(found, key=lambda basis: basis is Basis.ESTIMATED, default=None)

    def by(self, role: Role) -> int:
        """How often the agent or the user set in while the other was speaking."""
        return sum(one.role is role for one in self.interruptions)


def delays_of(spoken: Sequence[Spoken], turns: Sequence[Turn], told_interruptions: int | None = None) -> Delays:
    """What ``spoken``, in the order of their starts, comes to; ``turns`` tell the provider's own figures."""
    told = {turn.index: turn for turn in turns}
    return Delays(
        answers=tuple(_answers(spoken, told)),
        interruptions=tuple(_interruptions(spoken, told)),
        told_interruptions=told_interruptions,
    )


def _answers(spoken: Sequence[Spoken], told: Mapping[int, Turn]) -> list[Answer]:
    """An agent's turn answers those of the user since the agent's last one, unless the agent spoke on after them."""
    found = []
    asked: list[Spoken] = []
    before: Spoken | None = None
    for one in spoken:
        if one.role is Role.USER:
            asked.append(one)
            continue
        answer = _answer(one, asked, before, told[one.turn_index].delay_ms)
        if answer is not None:
            found.append(answer)
        asked, before = [], one
    return found


def _answer(agent: Spoken, asked: Sequence[Spoken], before: Spoken | None, told_ms: int | None) -> Answer | None:
    if not asked or asked[-1].end_ms is None:
        return None
    last = max(asked, key=lambda one: one.end_ms or 0)
    end_ms = last.end_ms or 0
    spoke_on = before is not None and before.end_ms is not None and before.end_ms > end_ms
    if spoke_on or agent.start_ms - end_ms <= -LEAST_OVERLAP_MS:
        return None
    measured = agent.measured and all(one.measured for one in asked)
    return Answer(
        user_turn=last.turn_index,
        agent_turn=agent.turn_index,
        from_ms=end_ms,
        to_ms=agent.start_ms,
        basis=Basis.MEASURED if measured else Basis.ESTIMATED,
        told_ms=told_ms,
    )


def _interruptions(spoken: Sequence[Spoken], told: Mapping[int, Turn]) -> list[Interruption]:
    found = []
    furthest: list[int] = []
    for at, one in enumerate(spoken):
        cut = _cut_by(one, at, spoken, furthest)
        if cut is not None:
            other, overlap_ms = cut
            measured = one.measured and other.measured
            found.append(
                Interruption(
                    role=one.role,
                    turn=one.turn_index,
                    interrupted_turn=other.turn_index,
                    at_ms=one.start_ms,
                    overlap_ms=overlap_ms,
                    basis=Basis.MEASURED if measured else Basis.ESTIMATED,
                    told=told[other.turn_index].interrupted,
                )
            )
        elif at and _is_said_to_be_cut(spoken[at - 1], one, told):
            found.append(
                Interruption(
                    role=one.role,
                    turn=one.turn_index,
                    interrupted_turn=spoken[at - 1].turn_index,
                    at_ms=one.start_ms,
                    overlap_ms=None,
                    basis=Basis.ESTIMATED,
                    told=True,
                )
            )
        furthest.append(max(one.end_ms or 0, furthest[-1] if furthest else 0))
    return found


def _cut_by(one: Spoken, at: int, spoken: Sequence[Spoken], furthest: Sequence[int]) -> tuple[Spoken, int] | None:
    """The turn of the other side, of several the latest, that was on when ``one`` set in, and for how long both were.
    Who begins together interrupts nobody, nor does who is never heard with the other: that one was silent, and ended.
    ``furthest``: by when each turn and all before it are over."""
    before = at - 1
    while before >= 0 and furthest[before] >= one.start_ms + LEAST_OVERLAP_MS:
        other = spoken[before]
        later = one.start_ms - other.start_ms >= LEAST_OVERLAP_MS
        if other.role is not one.role and later and _together_ms(one, other) >= LEAST_OVERLAP_MS:
            return other, min(one.end_ms or 0, other.end_ms or 0) - one.start_ms
        before -= 1
    return None


def _is_said_to_be_cut(before: Spoken, one: Spoken, told: Mapping[int, Turn]) -> bool:
    """Whether the provider says so of a turn whose end nobody knows."""
    return before.role is not one.role and before.end_ms is None and told[before.turn_index].interrupted


def _together_ms(some: Spoken, others: Spoken) -> int:
    """For how long both are heard at once."""
    whole = mine = theirs = 0
    while mine < len(some.stretches) and theirs < len(others.stretches):
        one, other = some.stretches[mine], others.stretches[theirs]
        whole += max(0, min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms))
        if one.end_ms <= other.end_ms:
            mine += 1
        else:
            theirs += 1
    return whole
