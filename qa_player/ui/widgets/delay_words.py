"""Delays and interruptions in words: beside a turn, over the strip, and as rows of what is known."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from qa_player.model.connection import Sides
from qa_player.model.delay import Answer, Basis, Delays, Interruption
from qa_player.model.transcript import Role
from qa_player.ui.widgets.text import one_line
from qa_player.ui.widgets.times import clock, counted

TITLE = "Answers and interruptions"


def seconds(milliseconds: int, basis: Basis = Basis.MEASURED) -> str:
    """``2.31 s``; an estimate as ``≈2.3 s``.

    >>> seconds(2_314), seconds(2_314, Basis.ESTIMATED), seconds(-80)
    ('2.31 s', '≈2.3 s', '−0.08 s')
    """
    exact = basis is Basis.MEASURED
    words = f"{abs(milliseconds) / 1_000:.{2 if exact else 1}f} s"
    return f"{'' if exact else '≈'}{'−' if milliseconds < 0 else ''}{words}"


def answer_words(answer: Answer) -> str:
    """``Answered after 2.31 s (1.98 s by the provider)``."""
    told = "" if answer.told_ms is None else f" ({seconds(answer.told_ms)} by the provider)"
    return f"Answered after {seconds(answer.delay_ms, answer.basis)}{told}"


def interruption_words(cut: Interruption, sides: Sides) -> str:
    """``Customer cut in, both for 0.90 s``."""
    lasts = "" if cut.overlap_ms is None else f", both for {seconds(cut.overlap_ms, cut.basis)}"
    told = ", as the provider says" if cut.overlap_ms is None else ""
    return f"{one_line(_side(cut.role, sides))} cut in{lasts}{told}"


def turn_notes(delays: Delays, slow_ms: int) -> Mapping[int, str]:
    """What is said beside a turn, by its index: that it came late, that it cut in. Others need no word."""
    notes = {
        one.agent_turn: f"after {seconds(one.delay_ms, one.basis)}" for one in delays.answers if one.delay_ms >= slow_ms
    }
    return notes | {cut.turn: "cut in" for cut in delays.interruptions}


def notable_turns(delays: Delays, slow_ms: int) -> frozenset[int]:
    """The turns of slow answers and of interruptions, with what they answer or interrupt."""
    slow = {index for one in delays.answers if one.delay_ms >= slow_ms for index in (one.user_turn, one.agent_turn)}
    return frozenset(slow | {index for cut in delays.interruptions for index in (cut.turn, cut.interrupted_turn)})


def summary(delays: Delays) -> str:
    """One line: ``24 answers, median 0.61 s, slowest 2.31 s, 3 interruptions, estimated``; empty without anything."""
    if delays.basis is None:
        return ""
    parts = [counted(len(delays.answers), "answer")]
    if delays.median_ms is not None:
        slowest = delays.slowest[0].delay_ms
        parts += [f"median {seconds(delays.median_ms)}", f"slowest {seconds(slowest)}"]
    return ", ".join([*parts, counted(len(delays.interruptions), "interruption"), delays.basis.value])


def rows_of(delays: Delays, sides: Sides) -> Sequence[tuple[str, str]]:
    """Rows of what is known, the provider's own figures beside ours."""
    rows: list[tuple[str, str]] = []
    if delays.median_ms is not None:
        slowest = delays.slowest[0]
        rows = [
            ("Answers", f"{len(delays.answers):,}, {_basis(delays.answers)}"),
            ("Median", seconds(delays.median_ms)),
            ("Slowest", f"{seconds(slowest.delay_ms)} at {clock(slowest.from_ms)}, turn {slowest.agent_turn}"),
        ]
    told = [answer.told_ms for answer in delays.answers if answer.told_ms is not None]
    if told:
        words = f"median {seconds(round(statistics.median(told)))}, slowest {seconds(max(told))}"
        rows.append(("Provider's figures", words))
    if delays.basis is not None:
        by = ", ".join(f"{_side(role, sides)} {delays.by(role)}" for role in (Role.AGENT, Role.USER))
        basis = f", {_basis(delays.interruptions)}" if delays.interruptions else ""
        rows.append(("Interruptions", f"{len(delays.interruptions)} found here ({by}){basis}"))
    if delays.told_interruptions is not None:
        rows.append(("Provider's count", f"{delays.told_interruptions:,}"))
    return rows


def _basis(found: Sequence[Answer | Interruption]) -> str:
    measured = sum(one.basis is Basis.MEASURED for one in found)
    if measured == len(found):
        return "measured"
    return f"{measured:,} measured, others estimated" if measured else "estimated"


def _side(role: Role, sides: Sides) -> str:
    return sides.agent if role is Role.AGENT else sides.user
