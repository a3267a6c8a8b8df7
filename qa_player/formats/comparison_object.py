"""What a calibration showed as a plain JSON object: the shape that `calibrate compare --json` prints."""

from __future__ import annotations

from fractions import Fraction

from qa_player.model.comparison import Comparison, Difference, Figures, PairFigures
from qa_player.model.scorecard import answer_text


def comparison_object(told: Comparison) -> dict[str, object]:
    """Shares and coefficients to four decimals, null where they cannot tell."""
    packet = told.packet
    return {
        "packet_id": packet.packet_id,
        "form_id": packet.form.form_id,
        "form_version": packet.form.version,
        "form_digest": packet.form_digest,
        "sessions": len(packet.sessions),
        "reviewers": list(told.reviewers),
        "overall": _figures(told.overall),
        "questions": [
            {"question_id": question.question_id, "title": question.title} | _figures(figures)
            for question, figures in told.questions
        ],
        "differences": [_difference(one) for one in told.differences],
    }


def _figures(figures: Figures) -> dict[str, object]:
    spans = figures.spans
    return {
        "units": figures.units,
        "not_applicable": figures.not_applicable,
        "agreement": _decimal(figures.agreed.share),
        "alpha_nominal": _decimal(figures.alpha),
        "alpha_ordinal": _decimal(figures.ordinal),
        "alpha_interval": _decimal(figures.interval),
        "pairs": [_pair(one) for one in figures.pairs],
        "spans": {
            "matched": spans.matched,
            "marked": spans.first + spans.second,
            "f1": _decimal(spans.f1),
            "shared_ms": spans.shared_ms,
            "covered_ms": spans.covered_ms,
            "time_shared": _decimal(spans.overlap),
        },
    }


def _pair(pair: PairFigures) -> dict[str, object]:
    return {
        "reviewers": [pair.first, pair.second],
        "units": pair.units,
        "agreement": _decimal(pair.share),
        "cohen_kappa": _decimal(pair.kappa),
    }


def _difference(one: Difference) -> dict[str, object]:
    return {
        "connection": one.session.connection,
        "session_id": one.session.session_id,
        "question_id": one.question.question_id,
        "title": one.question.title,
        "answers": [
            {
                "reviewer": reviewer,
                "option_id": answer.option_id,
                "does_not_apply": answer.does_not_apply,
                "answer": answer_text(one.question, answer),
                "comment": answer.comment,
                "evidence": [{"start_ms": span.start_ms, "end_ms": span.end_ms} for span in answer.spans],
            }
            for reviewer, answer in one.said.items()
        ],
    }


def _decimal(share: Fraction | None) -> float | None:
    return None if share is None else round(float(share), 4)
