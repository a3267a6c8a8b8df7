"""Which statements wait for a person: those that are doubtful by the conversation and were not decided yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qa_player.model.statement import Linked, Verdict

DOUBTFUL = 0.5


def needs_you(linked: Linked, verdict: Verdict | None) -> bool:
    """Whether a statement is doubtful and nobody has judged it; who strikes or amends it has decided, too."""
    decided = verdict is not None and (verdict.word is not None or verdict.amended is not None or verdict.struck)
    return not decided and (bool(linked.reasons) or linked.doubt >= DOUBTFUL)


def undecided(linked: Sequence[Linked], verdicts: Mapping[str, Verdict]) -> int:
    """How many of them wait."""
    return sum(needs_you(one, verdicts.get(one.statement.subject)) for one in linked)
