"""`qa-player queue`: what is to be reviewed, and samples that anyone can draw again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.running import (
    ConnectionArgument,
    HomeOption,
    JsonOption,
    SessionArgument,
    moment,
    plain,
    print_json,
    text_argument,
    with_app,
)
from qa_player.formats.sample_words import RULES, population_words
from qa_player.formats.session_object import instant_text
from qa_player.model.queue import Queued
from qa_player.model.review_state import ReviewState
from qa_player.model.sample import Population, Sample, Strata

if TYPE_CHECKING:
    from qa_player.app import App

commands = typer.Typer(help="What is to be reviewed, and samples that anyone can draw again.")
DueOption = Annotated[str | None, typer.Option("--due", help="A date by which it is to be reviewed.")]


@commands.command("list")
def list_queue(
    state: Annotated[ReviewState | None, typer.Option("--state", help="Only those in this state.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the queue in the order of work: what is lost first comes first."""

    async def work(app: App) -> None:
        found = [one for one in await app.queue.all() if state in (None, one.state)]
        if as_json:
            print_json([_told(one) for one in found])
            return
        for one in found:
            print(_line(one))

    with_app(work, home=home, as_json=as_json)


@commands.command("next")
def next_one(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say what is to be reviewed next."""

    async def work(app: App) -> None:
        found = await app.queue.next()
        if as_json:
            print_json(None if found is None else _told(found))
        else:
            print("Nothing is left in the queue." if found is None else _line(found))

    with_app(work, home=home, as_json=as_json)


@commands.command()
def sample(
    count: Annotated[int, typer.Option("--count", min=1, max=100_000, help="So many, of each stratum.")],
    seed: Annotated[str, typer.Option("--seed", help="Any text; the same one draws the same.", callback=text_argument)],
    connection: Annotated[
        str | None, typer.Option("--connection", help="Only from this connection.", callback=text_argument)
    ] = None,
    agent: Annotated[str | None, typer.Option("--agent", help="Only of this agent.", callback=text_argument)] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only sessions since this date.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only sessions until this date, included.")] = None,
    by: Annotated[Strata, typer.Option("--by", help="Draw so many of each.")] = Strata.NONE,
    due: DueOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw sessions that are kept here into the queue; prints what is needed to draw them again."""

    async def work(app: App) -> None:
        await app.knowing.need_connection(connection)
        population = Population(
            connection=connection,
            agent=agent,
            since=moment(since, "--since"),
            until=moment(until, "--until", end_of_day=True),
        )
        drawn = await app.queue.sample(
            population, seed=seed, count=count, strata=by, due_at=moment(due, "--due", end_of_day=True)
        )
        if as_json:
            print_json(drawn.model_dump(mode="json"))
        else:
            _print_sample(drawn)

    with_app(work, home=home, as_json=as_json)


@commands.command()
def samples(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the samples that were drawn, with what is needed to draw them again."""

    async def work(app: App) -> None:
        found = await app.queue.samples()
        if as_json:
            print_json([one.model_dump(mode="json") for one in found])
            return
        for one in found:
            _print_sample(one)

    with_app(work, home=home, as_json=as_json)


@commands.command()
def add(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    due: DueOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put one session into the queue."""

    async def work(app: App) -> None:
        added = await app.queue.add(connection, session_id, due_at=moment(due, "--due", end_of_day=True))
        if as_json:
            print_json({"added": added})
        else:
            print("It is in the queue." if added else "It was in the queue already.")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def remove(
    connection: ConnectionArgument, session_id: SessionArgument, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Take one session out of the queue; nothing else of it changes."""

    async def work(app: App) -> None:
        await app.queue.remove(connection, session_id)
        if as_json:
            print_json({"removed": True})

    with_app(work, home=home, as_json=as_json)


def _told(one: Queued) -> dict[str, object]:
    item, session = one.item, one.session
    return {
        "connection": item.connection,
        "session_id": item.session_id,
        "title": "" if session is None else session.title,
        "state": one.state.value,
        "due_at": instant_text(item.due_at),
        "lost_at": instant_text(one.lost_at),
        "added_at": instant_text(item.added_at),
        "added_by": item.added_by,
        "sample_id": item.sample_id,
    }


def _line(one: Queued) -> str:
    title = "" if one.session is None else plain(one.session.title, 60)
    lost = "" if one.lost_at is None else f"  lost {one.lost_at.date().isoformat()}"
    due = "" if one.item.due_at is None else f"  due {one.item.due_at.date().isoformat()}"
    place = f"{plain(one.item.connection, 40)} {plain(one.item.session_id, 60)}"
    return f"{place}  {title}  {one.state.value.replace('_', ' ')}{due}{lost}"


def _print_sample(sample: Sample) -> None:
    by = "" if sample.strata is Strata.NONE else f" of each {sample.strata.value}"
    day = sample.drawn_at.isoformat(timespec="seconds")
    how = f"seed {plain(sample.seed, 80)}" if sample.rule is None else f"by rule, {RULES[sample.rule]}"
    print(f"Drawn {day} by {plain(sample.drawn_by, 80)}: {sample.count}{by}, {how}")
    print(f"from {sample.size:,} sessions, sha256 of their list {sample.population_digest}")
    print(f"they were {plain(population_words(sample.population), 300)}")
    for one in sample.drawn:
        stratum = f"  {plain(one.stratum, 60)}" if one.stratum else ""
        print(f"  {plain(one.connection, 40)} {plain(one.session_id, 60)}{stratum}")
