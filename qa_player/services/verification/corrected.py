"""The note as a person leaves it: amended and struck beside the original, with what that person can truly attest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from qa_player.model.loinc import loinc_title
from qa_player.model.note import Note
from qa_player.model.statement import Linked, Statement, Verdict, VerdictWord, turn_subject
from qa_player.model.transcript import Turn
from qa_player.model.wording import listed
from qa_player.services.verification.undecided import undecided

_TOLD = {
    VerdictWord.SUPPORTED: "supported by the conversation",
    VerdictWord.PARTLY: "partly supported",
    VerdictWord.CONTRADICTED: "contradicted by it",
    VerdictWord.NOT_SAID: "not in the conversation",
}


def marked_texts(
    note: Note, statements: Sequence[Statement], verdicts: Mapping[str, Verdict], turns: Sequence[Turn]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The text of every section with what was struck and amended marked beside the original; and what was added."""
    texts: list[str] = []
    for number, section in enumerate(note.sections):
        marked: list[str] = []
        at = 0
        for statement in statements:
            verdict = verdicts.get(statement.subject)
            if statement.section != number or verdict is None or not (verdict.struck or verdict.amended):
                continue
            marked.append(section.text[at : statement.start])
            marked.append(f"[struck: {statement.text}]" if verdict.struck else _amended(statement, verdict))
            at = statement.end
        texts.append("".join([*marked, section.text[at:]]))
    added = tuple(
        f"{verdict.amended} [in place of what was said: {turn.text}]" if verdict.amended else turn.text
        for turn, verdict in _added(verdicts, turns)
    )
    return tuple(texts), added


def _amended(statement: Statement, verdict: Verdict) -> str:
    return f"{verdict.amended} [in place of: {statement.text}]"


def corrected_text(
    note: Note, statements: Sequence[Statement], verdicts: Mapping[str, Verdict], turns: Sequence[Turn]
) -> str:
    """The sections with every statement as it was amended, without those that were struck, and what was added."""
    parts: list[str] = []
    for number, section in enumerate(note.sections):
        body = _body(section.text, [one for one in statements if one.section == number], verdicts)
        title = section.title or loinc_title(section.loinc_code) or ""
        if body.strip() or not section.text.strip():
            parts.append("\n".join(filter(None, (f"{title}:" if title else "", body.strip()))))
    added = _added(verdicts, turns)
    if added:
        words = [verdict.amended or turn.text for turn, verdict in added]
        parts.append("\n".join(["Added from the conversation:", *words]))
    return "\n\n".join(parts)


def _added(verdicts: Mapping[str, Verdict], turns: Sequence[Turn]) -> tuple[tuple[Turn, Verdict], ...]:
    return tuple(
        (turn, verdict)
        for turn in turns
        if (verdict := verdicts.get(turn_subject(turn.index))) is not None and verdict.word is VerdictWord.ADDED
    )


def _body(text: str, statements: Sequence[Statement], verdicts: Mapping[str, Verdict]) -> str:
    pieces: list[str] = []
    at = 0
    for statement in statements:
        verdict = verdicts.get(statement.subject)
        if verdict is None or not (verdict.struck or verdict.amended):
            continue
        pieces.append(text[at : statement.start])
        if verdict.struck:
            pieces[-1] = pieces[-1].rstrip(" -*•\t")
        else:
            pieces.append(verdict.amended or "")
        at = statement.end
    return "".join([*pieces, text[at:]])


def attestation_text(linked: Sequence[Linked], verdicts: Mapping[str, Verdict], *, name: str, at: datetime) -> str:
    """What can truly be said: how many statements were compared, with which outcome, by whom and when; what was changed
    and added, and how many doubtful statements nobody decided."""
    judged = [verdict for one in linked if (verdict := verdicts.get(one.statement.subject)) is not None]
    words = Counter(verdict.word for verdict in judged if verdict.word is not None)
    told = listed([f"{words[word]} {meaning}" for word, meaning in _TOLD.items() if words[word]])
    changed = sum(bool(verdict.amended) and not verdict.struck for verdict in judged)
    struck = sum(verdict.struck for verdict in judged)
    additions = [verdict for verdict in verdicts.values() if verdict.word is VerdictWord.ADDED]
    own = sum(verdict.amended is not None for verdict in additions)
    added = f"{len(additions)} added{f' ({own} in other words)' if own else ''}"
    open_ones = undecided(linked, verdicts)
    left = f"Doubtful and left undecided: {open_ones} of the statements. " if open_ones else ""
    return (
        f"{name} compared {sum(words.values())} of {len(linked)} statements of this note with the recorded "
        f"conversation on {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {told or 'none judged'}; {changed} amended, "
        f"{struck} struck and {added}. {left}This says what was said, not whether it is right."
    )
