"""`qa-player delays`: how long the agent took to answer, and who interrupted whom."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.progress import shown_share
from qa_player.cli.running import (
    ConnectionArgument,
    HomeOption,
    JsonOption,
    SessionArgument,
    clock,
    print_json,
    with_app,
)
from qa_player.errors import UsageError
from qa_player.formats.delay_rows import delays_csv, delays_object
from qa_player.model.transcript import Role

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.model.connection import Sides
    from qa_player.model.delay import Delays
    from qa_player.services.library import OpenSession

_MOST_SHOWN = 10


def delays(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    measure: Annotated[
        bool, typer.Option("--measure", help="Fetch the recording and listen to it; what is found is kept.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table and nothing else.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell how long the agent took to answer, and who interrupted whom."""

    async def work(app: App) -> None:
        if as_csv and as_json:
            raise UsageError("It is either a table or a JSON document.", "Leave out --csv or --json.")
        session, found = await _found(app, connection, session_id, measure=measure)
        if as_json:
            print_json(delays_object(found))
        elif as_csv:
            sys.stdout.write(delays_csv(session.session_id, found))
        else:
            _print(found, session.connection.sides)

    with_app(work, home=home, as_json=as_json)


async def _found(app: App, connection: str, session_id: str, *, measure: bool) -> tuple[OpenSession, Delays]:
    if not measure:
        described = await app.connections.named(connection)
        session = await app.library.placed(described, await app.library.detail(connection, session_id))
        return session, await app.delays.of(session)
    session = await app.library.open(connection, session_id)
    with shown_share("Listening") as progress:
        return session, await app.delays.listen(session, progress=progress)


def _print(found: Delays, sides: Sides) -> None:
    if found.basis is None:
        print("Nothing is known of delays and interruptions: the transcript does not say when turns end.")
        print("With --measure the recording is listened to.")
        return
    names = {Role.AGENT: sides.agent, Role.USER: sides.user}
    if found.median_ms is not None:
        print(
            f"{len(found.answers)} answers, median {_seconds(found.median_ms)}, "
            f"slowest {_seconds(found.slowest[0].delay_ms)} ({found.basis.value})"
        )
        for answer in found.slowest[:_MOST_SHOWN]:
            told = "" if answer.told_ms is None else f", {_seconds(answer.told_ms)} by the provider"
            print(f"  {clock(answer.from_ms)}  turn {answer.agent_turn} after {_seconds(answer.delay_ms)}{told}")
    told = "" if found.told_interruptions is None else f"; {found.told_interruptions} by the provider's count"
    by = ", ".join(f"{name} {found.by(role)}" for role, name in names.items())
    print(f"{len(found.interruptions)} interruptions ({by}){told}")
    for one in found.interruptions:
        lasts = "" if one.overlap_ms is None else f", both for {_seconds(one.overlap_ms)}"
        print(f"  {clock(one.at_ms)}  {names[one.role]} in turn {one.turn} over turn {one.interrupted_turn}{lasts}")


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1_000:.2f} s"
