"""Results across sessions: what submitted scorecards came to, by question, agent, week, reviewer or sample.

Only cards that count are in it: submitted, and not replaced by another. Each version of a form stands in a block of its
own; versions are never mixed, for another version asks or weighs something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from qa_player.model.form import Form, Question
from qa_player.model.interval import Interval, mean, wilson
from qa_player.model.sample import Sample
from qa_player.model.scorecard import Answer, Scorecard
from qa_player.model.scoring import answers_of, asked, failing
from qa_player.model.session import Session

METHOD = (
    "All intervals are at 95 %. Shares: Wilson's score interval. Mean scores: Student's t, cut at 0 and 100 %; none"
    " where the scores are one or all the same. They hold for scorecards drawn by chance, one of each session, from a"
    " population far larger than their number."
)

Place = tuple[str, str]
"""Connection and session id."""


class By(StrEnum):
    """What each row tells of."""

    FORM = "form"
    QUESTION = "question"
    AGENT = "agent"
    WEEK = "week"
    REVIEWER = "reviewer"
    SAMPLE = "sample"


class Known(NamedTuple):
    """A session of the population: every one that is kept here and that the filters leave."""

    connection: str
    session_id: str
    agent: str | None
    started_at: datetime | None


class Judged(NamedTuple):
    """A scorecard, its session (null where it is not kept here any more), and how long in milliseconds its author had
    that session open; null where nobody knows."""

    card: Scorecard
    session: Session | None
    time_ms: int | None

    @property
    def place(self) -> Place:
        return self.card.connection, self.card.session_id


@dataclass(frozen=True)
class Share:
    """``part`` of ``whole``, with its interval from 0 to 1."""

    part: int
    whole: int
    interval: Interval


@dataclass(frozen=True)
class Mean:
    """Of ``n`` scores, with its interval in percent."""

    n: int
    interval: Interval


@dataclass(frozen=True)
class Row:
    """``population`` counts the sessions that the row could tell of, ``sessions`` and ``scorecards`` those it does.

    ``passed`` is null for a question, ``failing`` (answers that are a reproach) for anything else; both null where
    nothing could pass or fail, ``score`` where nothing is scored. ``time_ms`` is null where nobody knows it of any,
    else that of the ``timed`` scorecards of which it is known.
    """

    label: str
    population: int
    sessions: int
    scorecards: int
    score: Mean | None
    passed: Share | None
    failing: Share | None
    not_applicable: int
    time_ms: int | None
    timed: int


@dataclass(frozen=True)
class Block:
    """One version of a form; ``digest`` tells two of the same number apart."""

    form: Form
    digest: str
    scorecards: int
    rows: tuple[Row, ...]


def blocks(
    judged: Sequence[Judged], by: By, *, population: Sequence[Known], samples: Sequence[Sample] = ()
) -> tuple[Block, ...]:
    """Of the cards that count among ``judged``, by the form's title and version."""
    versions: dict[str, list[Judged]] = {}
    for one in _counting(judged):
        versions.setdefault(one.card.form_digest, []).append(one)
    found = [
        Block(of[0].card.form, digest, len(of), tuple(_rows(of, by, population, samples)))
        for digest, of in versions.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.form.title, one.form.form_id, one.form.version, one.digest)))


def week_of(started_at: datetime | None) -> str:
    """The ISO week in UTC, ``2026-W48``; empty for nobody knows when."""
    if started_at is None:
        return ""
    year, week, _ = started_at.isocalendar()
    return f"{year}-W{week:02}"


def sample_name(sample: Sample) -> str:
    """How a row names a sample."""
    named = sample.seed if sample.rule is None else f"by rule, {sample.rule.value.replace('_', ' ')}"
    return f"{named} ({sample.drawn_at.date().isoformat()}, {len(sample.drawn)} drawn)"


def _counting(judged: Sequence[Judged]) -> list[Judged]:
    replaced = {one.card.replaces for one in judged}
    return [one for one in judged if one.card.submitted_at is not None and one.card.scorecard_id not in replaced]


def _rows(judged: Sequence[Judged], by: By, population: Sequence[Known], samples: Sequence[Sample]) -> Iterable[Row]:
    if by is By.QUESTION:
        return _by_question(judged, population)
    return _by_sample(judged, samples) if by is By.SAMPLE else _by_key(judged, _KEYS[by], population)


def _by_question(judged: Sequence[Judged], population: Sequence[Known]) -> Iterable[Row]:
    given: dict[str, list[tuple[Judged, Answer]]] = {}
    for one in judged:
        for question, answer in _asked(one.card):
            if answer.given:
                given.setdefault(question.question_id, []).append((one, answer))
    for question in judged[0].card.form.questions():
        yield _of_question(question, given.get(question.question_id, []), len(population))


def _by_sample(judged: Sequence[Judged], samples: Sequence[Sample]) -> Iterable[Row]:
    for sample in samples:
        drawn = {(one.connection, one.session_id) for one in sample.drawn}
        of = [one for one in judged if one.place in drawn]
        if of:
            yield _of_cards(sample_name(sample), of, sample.size)


def _by_key(judged: Sequence[Judged], key: _Key, population: Sequence[Known]) -> Iterable[Row]:
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(key.of_card(one), []).append(one)
    sizes = Counter(map(key.of_known, population))
    for name in sorted(groups, key=lambda name: (not name, name)):
        yield _of_cards(name or "not known", groups[name], sizes[name] if key.splits else len(population))


class _Key(NamedTuple):
    """What a card and a session of the population are grouped by; ``splits`` says that it parts the population, too."""

    of_card: Callable[[Judged], str]
    of_known: Callable[[Known], str]
    splits: bool


_KEYS: Mapping[By, _Key] = {
    By.FORM: _Key(lambda _: "all", lambda _: "all", False),
    By.REVIEWER: _Key(lambda one: one.card.author, lambda _: "", False),
    By.AGENT: _Key(
        lambda one: "" if one.session is None else one.session.agent or "", lambda known: known.agent or "", True
    ),
    By.WEEK: _Key(
        lambda one: week_of(None if one.session is None else one.session.started_at),
        lambda known: week_of(known.started_at),
        True,
    ),
}


def _of_cards(label: str, judged: Sequence[Judged], population: int) -> Row:
    results = [one.card.result for one in judged if one.card.result is not None]
    passed = [one.passed for one in results if one.passed is not None]
    times = {(one.place, one.card.author): one.time_ms for one in judged if one.time_ms is not None}
    return Row(
        label=label,
        population=population,
        sessions=len({one.place for one in judged}),
        scorecards=len(judged),
        score=_mean([one.score / 100 for one in results if one.score is not None]),
        passed=_share(passed),
        failing=None,
        not_applicable=sum(answer.does_not_apply for one in judged for _, answer in _asked(one.card)),
        time_ms=sum(times.values()) if times else None,
        timed=len(times),
    )


def _of_question(question: Question, given: Sequence[tuple[Judged, Answer]], population: int) -> Row:
    options = [option for _, answer in given if (option := question.option(answer.option_id)) is not None]
    can_fail = any(option.failing for option in question.options)
    reproaches = [failing(question, answer) for _, answer in given if not answer.does_not_apply]
    return Row(
        label=question.title,
        population=population,
        sessions=len({one.place for one, _ in given}),
        scorecards=len(given),
        score=_mean([float(option.score) for option in options if option.score is not None]),
        passed=None,
        failing=_share(reproaches) if can_fail else None,
        not_applicable=sum(answer.does_not_apply for _, answer in given),
        time_ms=None,
        timed=0,
    )


def _asked(card: Scorecard) -> list[tuple[Question, Answer]]:
    return [(one, card.answer(one.question_id)) for one in asked(card.form, answers_of(card))]


def _mean(scores: Sequence[float]) -> Mean | None:
    return Mean(len(scores), mean(scores, least=0.0, most=100.0)) if scores else None


def _share(marks: Sequence[bool]) -> Share | None:
    return Share(sum(marks), len(marks), wilson(sum(marks), len(marks))) if marks else None
