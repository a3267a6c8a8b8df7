"""What several people answered to one calibration packet, laid side by side: figures per question and in all, and where
they differ.

"Does not apply" is a class of its own wherever answers are the same or not (percent, kappa, nominal alpha). It has no
place on a scale: ordinal and interval alpha leave it out. Questions that are answered in words are not compared; one
that a person's earlier answer left unasked is not judged by that person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from qa_player.model.agreement import NO_DATA, Agreed, Disagreement, agreed, cohen, interval, nominal, ordinal
from qa_player.model.calibration import Packet, PacketAnswers, PacketSession
from qa_player.model.form import Question, QuestionKind
from qa_player.model.scorecard import Answer
from qa_player.model.scoring import asked
from qa_player.model.span_agreement import SpanAgreement, compare, together

Place = tuple[str, str]
"""Connection and session id."""

Given = Mapping[str, Answer]
"""One session's answers to one question, by the people who gave one."""


@dataclass(frozen=True)
class PairFigures:
    """Two people on the ``units`` that both judged; ``kappa`` null where it cannot tell."""

    first: str
    second: str
    units: int
    share: Fraction | None
    kappa: Fraction | None


@dataclass(frozen=True)
class Figures:
    """``units`` were judged by two people at least, ``not_applicable`` judgements on them say that it does not apply.

    Coefficients are null where they cannot tell; ``ordinal`` and ``interval`` also where nothing is on a scale.
    """

    units: int
    not_applicable: int
    agreed: Agreed
    alpha: Fraction | None
    ordinal: Fraction | None
    interval: Fraction | None
    pairs: tuple[PairFigures, ...]
    spans: SpanAgreement


@dataclass(frozen=True)
class Difference:
    """One question of one session that was not answered alike; ``said`` by reviewer."""

    session: PacketSession
    question: Question
    said: Given

    @property
    def apart(self) -> Fraction:
        """How far apart the answers are, pair by pair and on the mean: 0 the same, 1 as far as can be. On a scale it is
        the steps between two answers out of all; anything else is the same or not."""
        pairs = list(combinations(self.said.values(), 2))
        return sum((_distance(self.question, *pair) for pair in pairs), Fraction(0)) / len(pairs)


@dataclass(frozen=True)
class Comparison:
    """``overall`` takes chance within each question (`model.agreement.Disagreement`)."""

    packet: Packet
    reviewers: tuple[str, ...]
    overall: Figures
    questions: tuple[tuple[Question, Figures], ...]
    differences: tuple[Difference, ...]

    @property
    def largest_first(self) -> tuple[Difference, ...]:
        """The differences, those that are furthest apart first; equal ones where the question is least agreed on."""
        share = {question.question_id: figures.agreed.share or Fraction(0) for question, figures in self.questions}
        return tuple(sorted(self.differences, key=lambda one: (-one.apart, share[one.question.question_id])))

    @property
    def least_agreed_first(self) -> tuple[tuple[Question, Figures], ...]:
        """The questions with their figures; those that nobody can tell of come last."""
        return tuple(sorted(self.questions, key=lambda one: (one[1].agreed.share is None, one[1].agreed.share or 0)))


def compared(packet: Packet, everybody: Sequence[PacketAnswers]) -> Comparison:
    """Of at least two people with different names, all of whom answered this packet."""
    reviewers = tuple(sorted(one.reviewer for one in everybody))
    given = {one.reviewer: dict(_given(packet, one)) for one in everybody}
    questions = [one for one in packet.form.questions() if one.kind is not QuestionKind.TEXT]
    sheets = []
    for question in questions:
        units = [_unit(given, session.place, question.question_id) for session in packet.sessions]
        sheets.append(_Sheet(question, [unit for unit in units if len(unit) > 1]))
    return Comparison(
        packet=packet,
        reviewers=reviewers,
        overall=_figures(sheets, reviewers),
        questions=tuple((sheet.question, _figures([sheet], reviewers)) for sheet in sheets),
        differences=tuple(_differences(packet, questions, given)),
    )


def judgement(answer: Answer) -> str | None:
    """The class an answer falls in: its option; null where the question does not apply."""
    return None if answer.does_not_apply else answer.option_id


def _distance(question: Question, one: Answer, other: Answer) -> Fraction:
    first, second = judgement(one), judgement(other)
    place = {option.option_id: number for number, option in enumerate(question.options)}
    if question.kind is QuestionKind.SCALE and first in place and second in place:
        return Fraction(abs(place[first] - place[second]), max(len(place) - 1, 1))
    return Fraction(first != second)


@dataclass(frozen=True)
class _Sheet:
    """A question and its units: those sessions that two people at least judged by it."""

    question: Question
    units: list[Given]

    def classes(self) -> list[list[str | None]]:
        return [[judgement(answer) for answer in unit.values()] for unit in self.units]

    def ranks(self) -> list[list[int]]:
        """The places of the answers among the question's, in its order; nothing where it is no scale."""
        if self.question.kind is not QuestionKind.SCALE:
            return []
        place = {option.option_id: number for number, option in enumerate(self.question.options)}
        return [[place[one] for one in unit if one in place] for unit in self.classes()]

    def numbers(self) -> list[list[int]]:
        """What the answers of a scale are worth; nothing where they are not scored."""
        options = self.question.options
        if not self.question.scored:
            return []
        return [[options[rank].score or 0 for rank in unit] for unit in self.ranks()]

    def pairs(self, first: str, second: str) -> list[tuple[str | None, str | None]]:
        both = (unit for unit in self.units if first in unit and second in unit)
        return [(judgement(unit[first]), judgement(unit[second])) for unit in both]

    def spans(self) -> Iterator[SpanAgreement]:
        for unit in self.units:
            for one, other in combinations(unit.values(), 2):
                yield compare(one.spans, other.spans)


def _given(packet: Packet, told: PacketAnswers) -> Iterator[tuple[Place, Mapping[str, Answer]]]:
    """What a person answered to the questions that were asked, by session."""
    for session in told.sessions:
        answers = {one.question_id: one for one in session.answers}
        open_now = {one.question_id for one in asked(packet.form, answers)}
        yield (
            session.place,
            {name: one for name, one in answers.items() if name in open_now and one.given},
        )


def _unit(given: Mapping[str, Mapping[Place, Mapping[str, Answer]]], place: Place, question_id: str) -> Given:
    found = {reviewer: sessions.get(place, {}).get(question_id) for reviewer, sessions in given.items()}
    return {reviewer: answer for reviewer, answer in sorted(found.items()) if answer is not None}


def _figures(sheets: Sequence[_Sheet], reviewers: Sequence[str]) -> Figures:
    classes = [sheet.classes() for sheet in sheets]
    return Figures(
        units=sum(map(len, classes)),
        not_applicable=sum(one is None for units in classes for unit in units for one in unit),
        agreed=agreed(unit for units in classes for unit in units),
        alpha=_sum(nominal(units) for units in classes).coefficient,
        ordinal=ordinal(sheets[0].ranks()).coefficient if len(sheets) == 1 else None,
        interval=interval(sheets[0].numbers()).coefficient if len(sheets) == 1 else None,
        pairs=tuple(_pair(sheets, first, second) for first, second in combinations(reviewers, 2)),
        spans=together(part for sheet in sheets for part in sheet.spans()),
    )


def _pair(sheets: Sequence[_Sheet], first: str, second: str) -> PairFigures:
    pairs = [sheet.pairs(first, second) for sheet in sheets]
    return PairFigures(
        first=first,
        second=second,
        units=sum(map(len, pairs)),
        share=agreed(pair for units in pairs for pair in units).share,
        kappa=_sum(cohen(units) for units in pairs).coefficient,
    )


def _sum(parts: Iterable[Disagreement]) -> Disagreement:
    total = NO_DATA
    for part in parts:
        total = total + part
    return total


def _differences(
    packet: Packet,
    questions: Sequence[Question],
    given: Mapping[str, Mapping[Place, Mapping[str, Answer]]],
) -> Iterator[Difference]:
    for session in packet.sessions:
        for question in questions:
            unit = _unit(given, session.place, question.question_id)
            if len({judgement(answer) for answer in unit.values()}) > 1:
                yield Difference(session, question, unit)
