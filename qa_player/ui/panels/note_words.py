"""What the cards of a note read, and in which tone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qa_player.model.connection import Sides
from qa_player.model.statement import Linked, Unmentioned, Verdict, VerdictWord, turn_subject
from qa_player.model.transcript import Role, Turn
from qa_player.model.wording import listed
from qa_player.services.verification.undecided import needs_you, undecided
from qa_player.ui.widgets.claim_list import Claim
from qa_player.ui.widgets.times import clock, counted

LONGEST_QUOTE = 240
_WORDS = {
    VerdictWord.SUPPORTED: ("Supported by the conversation", "good"),
    VerdictWord.PARTLY: ("Partly supported by the conversation", "minor"),
    VerdictWord.CONTRADICTED: ("Contradicted by the conversation", "critical"),
    VerdictWord.NOT_SAID: ("Not in the conversation", "critical"),
    VerdictWord.ADDED: ("Added to the note", "good"),
    VerdictWord.NOT_NEEDED: ("Not needed", "muted"),
}


def summary_words(linked: Sequence[Linked], verdicts: Mapping[str, Verdict], *, attested: bool) -> str:
    """How far one is, and what the words mean."""
    left = undecided(linked, verdicts)
    judged = sum(bool((held := verdicts.get(one.statement.subject)) and held.word) for one in linked)
    words = f"{left} of {counted(len(linked), 'statement')} {'needs' if left == 1 else 'need'} you, {judged} judged"
    end = "attested" if attested else "supported by the conversation, not judged as medicine"
    return f"{words} · {end}"


def statement_claim(
    linked: Linked,
    verdict: Verdict | None,
    turns: Mapping[int, Turn],
    sides: Sides,
    *,
    evidence: int,
    waiting: str = "",
) -> Claim:
    """The card of a statement, with one of its candidates beside it; ``waiting`` is written and not kept."""
    found = [one for one in linked.candidates if one.turn_index in turns]
    beside = [] if verdict is None or verdict.amended is None else [f"Amended: {verdict.amended}"]
    beside += _unkept(waiting)
    if found:
        turn = turns[found[evidence % len(found)].turn_index]
        which = f"nearest {evidence % len(found) + 1} of {len(found)}" if len(found) > 1 else "nearest"
        beside.append(f"{which}: {quoted(turn, sides)}")
    word, tone = _judged(verdict)
    if not tone:
        tone = "major" if needs_you(linked, verdict) else ""
    struck = verdict is not None and verdict.struck
    text = f"“{linked.statement.text}”"
    return Claim(linked.statement.subject, text, tuple(beside), linked.reasons, word, tone, struck)


def unmentioned_claim(
    turn: Turn, missed: Unmentioned, verdict: Verdict | None, sides: Sides, *, waiting: str = ""
) -> Claim:
    """The card of a turn that stands in no statement; ``waiting`` is written and not kept."""
    word, tone = _judged(verdict)
    beside = [f"not in the note: {listed(missed.reasons)}"] if missed.reasons else []
    beside += [] if verdict is None or verdict.amended is None else [f"Added as: {verdict.amended}"]
    return Claim(turn_subject(turn.index), quoted(turn, sides), (*beside, *_unkept(waiting)), (), word, tone)


def _unkept(waiting: str) -> list[str]:
    return [f"Not kept yet (A goes on): {waiting}"] if waiting else []


def quoted(turn: Turn, sides: Sides) -> str:
    """When it was said, by whom, and what."""
    at = clock(turn.start_ms, parts=1) if turn.start_ms is not None else "no time"
    names = {Role.AGENT: sides.agent, Role.USER: sides.user}
    who = names.get(turn.role) or turn.speaker or ""
    text = turn.text if len(turn.text) <= LONGEST_QUOTE else f"{turn.text[:LONGEST_QUOTE]}…"
    return " ".join(filter(None, (at, who, f"“{text}”")))


def _judged(verdict: Verdict | None) -> tuple[str, str]:
    if verdict is None or verdict.word is None:
        return "", ""
    return _WORDS[verdict.word]
