"""A review as a page that a person would sign: one HTML file without any outside address, for reading and printing.

Everything from outside is escaped by the template's own rule; control and direction characters become visible marks, so
that no text can turn around what stands beside it.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from qa_player.files import resource
from qa_player.formats.note_object import judged_note_object
from qa_player.formats.provenance import provenance
from qa_player.formats.scorecard_object import scorecard_object
from qa_player.formats.session_object import instant_text
from qa_player.formats.tiers import speaker_of
from qa_player.model.annotation import Annotation
from qa_player.model.correction import corrected_texts
from qa_player.model.review import Review
from qa_player.model.scorecard import Scorecard
from qa_player.model.statement import VerdictWord, turn_subject

if TYPE_CHECKING:
    from jinja2 import Template

_WORDS = {"supported": "supported", "partly": "partly", "contradicted": "contradicted", "not_said": "not said"}


def write(review: Review) -> bytes:
    """UTF-8. The same words serve for print."""
    session = review.session
    corrected = corrected_texts(review.turns, review.annotations)
    kept = [session.connection, session.agent or "", instant_text(session.started_at) or "", _length(review)]
    page = _template().render(
        title=seen(session.title or session.session_id),
        subtitle=seen(" · ".join(filter(None, kept))),
        facts=[(name, seen(value)) for name, value in _facts(review)],
        cards=[_card(card, review.scorecards) for card in review.scorecards],
        annotations=[_annotation(one) for one in review.annotations],
        statements=list(_statements(review)),
        additions=list(_additions(review)),
        attestation="" if review.note_attestation is None else _attested(review),
        turns=[
            {
                "time": clock(turn.start_ms),
                "speaker": seen(speaker_of(turn)),
                "text": seen(corrected.get(turn.index, turn.text)),
                "received": seen(turn.text) if turn.index in corrected else "",
            }
            for turn in review.turns
        ],
        provenance=[(name.capitalize(), seen(value)) for name, value in provenance(review).items()],
    )
    return page.encode("utf-8", "replace")


def clock(position_ms: int | None) -> str:
    """``m:ss.cc``; a dash for no time."""
    if position_ms is None:
        return "–"
    minutes, rest = divmod(position_ms // 10, 6_000)
    return f"{minutes}:{rest // 100:02}.{rest % 100:02}"


@functools.cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(resource("reports", "review.html").read_text("utf-8"))


def _facts(review: Review) -> Iterator[tuple[str, str]]:
    yield "Session", review.session.session_id
    yield "Reviewed by", ", ".join(dict.fromkeys([card.author for card in review.scorecards])) or review.exported_by
    yield "Annotations", str(len(review.annotations))
    if review.session.retention_deadline is not None:
        yield "Recording kept until", instant_text(review.session.retention_deadline) or ""


def _length(review: Review) -> str:
    return "" if review.session.duration_ms is None else clock(review.session.duration_ms)


def _card(card: Scorecard, among: Sequence[Scorecard]) -> dict[str, object]:
    """``among`` are all of the session's: one of them may count in place of this one."""
    told = scorecard_object(card)
    replaced = any(one.replaces == card.scorecard_id for one in among)
    sections = told["sections"]
    return {
        "title": seen(f"{card.form.title}, version {card.form.version}"),
        "result": f"{_result(card)} It does not count: a later one replaced it." if replaced else _result(card),
        "by": seen(f"by {card.author}, {instant_text(card.submitted_at or card.updated_at)}"),
        "sections": [
            {
                "title": seen(section["title"]),
                "score": _percent(section["score_percent"]),
                "answers": _answers(section),
            }
            for section in sections  # type: ignore[attr-defined]
        ],
    }


def _answers(section: dict[str, object]) -> list[dict[str, object]]:
    return [
        {
            "question": seen(one["title"]),
            "answer": "not applicable" if one["does_not_apply"] else seen(one["answer"] or "not answered"),
            "failing": one["failing"],
            "evidence": seen(_evidence(one)),
        }
        for one in section["answers"]  # type: ignore[attr-defined]
        if one["asked"]
    ]


def _evidence(answer: dict[str, object]) -> str:
    spans = [f"{clock(span['start_ms'])}–{clock(span['end_ms'])}" for span in answer["evidence"]]  # type: ignore[attr-defined]
    absent = ["nowhere in the recording, all of which was heard"] if answer["absent"] else []
    return "; ".join(filter(None, [", ".join(spans + absent), str(answer["comment"])]))


def _result(card: Scorecard) -> str:
    if card.result is None:
        return "Draft, not submitted."
    told = _percent(None if card.result.score is None else card.result.score / 100) or "Not scored"
    outcome = {True: ", passed", False: ", not passed", None: ""}[card.result.passed]
    return f"{told}{outcome}."


def _percent(share: object) -> str:
    return f"{share:g} %" if isinstance(share, int | float) else ""


def _annotation(one: Annotation) -> dict[str, object]:
    until = f"–{clock(one.end_ms)}" if one.end_ms is not None else ""
    return {
        "time": clock(one.start_ms) + until,
        "tag": seen(one.tag),
        "severity": one.severity.value if one.severity is not None else "",
        "quote": seen(one.quote),
        "text": seen(one.text),
        "author": seen(one.author),
        "at": instant_text(one.created_at),
    }


def _statements(review: Review) -> Iterator[dict[str, object]]:
    if review.note is None:
        return
    told = judged_note_object(review.note, review.note_verdicts, review.note_attestation)
    for one in told["statements"]:  # type: ignore[attr-defined]
        verdict = one["verdict"]
        yield {
            "text": seen(one["text"]),
            "verdict": "" if verdict is None else _WORDS.get(verdict, verdict),
            "instead": "Struck" if one["struck"] else seen(one["amended"] or ""),
        }


def _additions(review: Review) -> Iterator[dict[str, object]]:
    """What was added to the note, in the order in which it was said."""
    verdicts = {verdict.subject: verdict for verdict in review.note_verdicts}
    for turn in review.turns:
        verdict = verdicts.get(turn_subject(turn.index))
        if verdict is not None and verdict.word is VerdictWord.ADDED:
            words = verdict.amended or turn.text
            said = turn.text if verdict.amended else ""
            yield {"time": clock(turn.start_ms), "words": seen(words), "said": seen(said)}


def _attested(review: Review) -> str:
    signed = review.note_attestation
    return "" if signed is None else seen(f"{signed.text} {signed.author}, {instant_text(signed.at)}")


def seen(text: object) -> str:
    """``text`` with what is not seen made visible, and lines kept apart by a mark."""
    return "".join(_letter(letter) for letter in str(text))


def _letter(letter: str) -> str:
    if letter.isprintable() or letter in "\u200c\u200d":
        return letter
    if letter in "\n\r\t":
        return " "
    category = unicodedata.category(letter)
    if category == "Zs":
        return letter
    return f"⟨{ord(letter):X}⟩" if category in ("Cc", "Cf") else "\ufffd"
