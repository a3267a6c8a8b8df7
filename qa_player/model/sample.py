"""Honest samples: which sessions are drawn, by a rule that anyone can follow again with nothing but SHA-256."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.canonical import sha256
from qa_player.model.listing import SessionChip, SessionFilter
from qa_player.model.session import Session
from qa_player.model.value import Count, CountFromOne, Instant, Name, OpaqueId, Sha256, ShortText, Value

MOST_DRAWN = 100_000


class Strata(StrEnum):
    """What a sample draws alike from: from all sessions as one, or from each agent's, day's or connection's."""

    NONE = "none"
    AGENT = "agent"
    DAY = "day"
    CONNECTION = "connection"


class Rule(StrEnum):
    """What a person takes first where chance does not choose; sessions that do not tell come last, and alike ones in
    the order of their connections and ids."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"
    LOST_FIRST = "lost_first"
    """Those whose recording is lost first."""


class Population(Value):
    """Which sessions a sample is drawn from; null or empty narrows nothing. ``until`` is included; ``text``, ``chips``
    and ``sample_id`` narrow as in the list of sessions, by how things stood when it was drawn."""

    connection: Name | None = None
    agent: ShortText | None = None
    since: Instant | None = None
    until: Instant | None = None
    text: ShortText = ""
    chips: tuple[SessionChip, ...] = ()
    sample_id: OpaqueId | None = None


def population_of(wanted: SessionFilter) -> Population:
    """What a list of sessions shows, as a population."""
    return Population(
        connection=wanted.connection,
        text=wanted.text,
        chips=tuple(sorted(wanted.chips)),
        sample_id=wanted.sample_id,
    )


class Outlook(Value):
    """Before anything is drawn: the population has ``size`` sessions, in so many ``strata``; ``drawn`` would be."""

    size: Count
    strata: Count
    drawn: Count


class Drawn(Value):
    """One session of a sample, and the stratum it was drawn from."""

    connection: Name
    session_id: OpaqueId
    stratum: ShortText


class Sample(Value):
    """What was drawn, and everything that is needed to draw it again.

    ``population_digest`` is the SHA-256 of the population's lines ``connection TAB session id``, sorted as UTF-8 bytes
    and each ended by a line feed; ``size`` is how many they were. ``count`` sessions were wanted of each stratum.
    ``rule`` is null where chance chose by the seed; where a rule did, there is no seed.
    """

    sample_id: OpaqueId
    seed: ShortText
    strata: Strata
    count: CountFromOne
    rule: Rule | None = None
    population: Population
    size: Count
    population_digest: Sha256
    drawn_at: Instant
    drawn_by: ShortText
    drawn: Annotated[tuple[Drawn, ...], Field(max_length=MOST_DRAWN)]


_STRATA: Mapping[Strata, Callable[[Session], str]] = {
    Strata.NONE: lambda _session: "",
    Strata.AGENT: lambda session: session.agent or "",
    Strata.DAY: lambda session: "" if session.started_at is None else session.started_at.date().isoformat(),
    Strata.CONNECTION: lambda session: session.connection,
}


def _last(at: datetime | None, *, backwards: bool = False) -> tuple[bool, float]:
    """Sorts by a time, those without one at the end."""
    return at is None, 0.0 if at is None else -at.timestamp() if backwards else at.timestamp()


_RULES: Mapping[Rule, Callable[[Session], tuple[bool, float]]] = {
    Rule.NEWEST: lambda session: _last(session.started_at, backwards=True),
    Rule.OLDEST: lambda session: _last(session.started_at),
    Rule.LONGEST: lambda session: (session.duration_ms is None, -(session.duration_ms or 0)),
    Rule.LOST_FIRST: lambda session: _last(session.retention_deadline),
}


def population_digest(sessions: Iterable[Session]) -> str:
    """The digest that says which sessions were to choose from."""
    lines = sorted(_line(session).encode("utf-8", "surrogatepass") for session in sessions)
    return sha256(b"".join(line + b"\n" for line in lines))


def draw(sessions: Sequence[Session], *, seed: str, count: int, strata: Strata = Strata.NONE) -> tuple[Drawn, ...]:
    """Of each stratum the ``count`` sessions whose SHA-256 over ``seed LF connection TAB session id`` is least.

    So every session has the same chance, whoever draws gets the same ones, and a session more or less in the population
    changes at most one place. Strata come in the order of their names.
    """
    of: dict[str, list[tuple[str, Session]]] = {}
    for session in sessions:
        ticket = sha256(f"{seed}\n{_line(session)}".encode("utf-8", "surrogatepass"))
        of.setdefault(_STRATA[strata](session), []).append((ticket, session))
    return tuple(
        Drawn(connection=session.connection, session_id=session.session_id, stratum=stratum)
        for stratum in sorted(of)
        for _, session in sorted(of[stratum], key=lambda one: one[0])[:count]
    )


def take(sessions: Sequence[Session], *, rule: Rule, count: int, strata: Strata = Strata.NONE) -> tuple[Drawn, ...]:
    """Of each stratum the ``count`` sessions that ``rule`` takes first: no chance, and no seed."""
    of: dict[str, list[Session]] = {}
    for session in sorted(sessions, key=lambda one: (*_RULES[rule](one), _line(one))):
        of.setdefault(_STRATA[strata](session), []).append(session)
    return tuple(
        Drawn(connection=session.connection, session_id=session.session_id, stratum=stratum)
        for stratum in sorted(of)
        for session in of[stratum][:count]
    )


def outlook(sessions: Iterable[Session], *, count: int, strata: Strata = Strata.NONE) -> Outlook:
    """What a draw from ``sessions`` comes to, whichever they are."""
    sizes = Counter(_STRATA[strata](session) for session in sessions)
    return Outlook(size=sizes.total(), strata=len(sizes), drawn=sum(min(count, size) for size in sizes.values()))


def _line(session: Session) -> str:
    return f"{session.connection}\t{session.session_id}"
