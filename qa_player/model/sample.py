"""Honest samples: which sessions are drawn, by a rule that anyone can follow again with nothing but SHA-256."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.canonical import sha256
from qa_player.model.session import Session
from qa_player.model.value import Count, CountFromOne, Instant, Name, OpaqueId, Sha256, ShortText, Value

MOST_DRAWN = 100_000


class Strata(StrEnum):
    """What a sample draws alike from: from all sessions as one, or from each agent's, day's or connection's."""

    NONE = "none"
    AGENT = "agent"
    DAY = "day"
    CONNECTION = "connection"


class Population(Value):
    """Which sessions a sample is drawn from; null narrows nothing. ``until`` is included."""

    connection: Name | None = None
    agent: ShortText | None = None
    since: Instant | None = None
    until: Instant | None = None


class Drawn(Value):
    """One session of a sample, and the stratum it was drawn from."""

    connection: Name
    session_id: OpaqueId
    stratum: ShortText


class Sample(Value):
    """What was drawn, and everything that is needed to draw it again.

    ``population_digest`` is the SHA-256 of the population's lines ``connection TAB session id``, sorted as UTF-8 bytes
    and each ended by a line feed; ``size`` is how many they were. ``count`` sessions were wanted of each stratum.
    """

    sample_id: OpaqueId
    seed: ShortText
    strata: Strata
    count: CountFromOne
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


def _line(session: Session) -> str:
    return f"{session.connection}\t{session.session_id}"
