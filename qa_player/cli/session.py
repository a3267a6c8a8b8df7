"""`qa-player sessions` and `show`: what a provider tells of its conversations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.running import (
    ConnectionArgument,
    HomeOption,
    JsonOption,
    SessionArgument,
    clock,
    moment,
    plain,
    print_json,
    text_argument,
    with_app,
)
from qa_player.formats.session_object import detail_object, instant_text, session_object

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.model.session import Session
    from qa_player.services.library import OpenSession


def sessions(
    connection: ConnectionArgument,
    since: Annotated[str | None, typer.Option("--since", help="Not before this date or instant.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Not after this date or instant.")] = None,
    agent: Annotated[str | None, typer.Option("--agent", help="Only this agent's.", callback=text_argument)] = None,
    query: Annotated[
        str, typer.Option("--query", help="Only with this text in title, agent or id.", callback=text_argument)
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="At most so many.")] = 200,
    ids: Annotated[Path | None, typer.Option("--ids", help="A file with one session id a line.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List sessions, newest first."""

    async def work(app: App) -> None:
        if ids is not None:
            from qa_player.cli.by_id import sessions_by_id

            found, status = await sessions_by_id(app, connection, ids, limit=limit, as_json=as_json)
            if found or not status:
                _print_sessions(found, as_json=as_json)
            if status:
                raise typer.Exit(status)
        else:
            from qa_player.providers.base import SessionQuery

            wanted = SessionQuery(
                agent=agent, since=moment(since, "--since"), until=moment(until, "--until", end_of_day=True)
            )
            found = await app.library.listing(connection, wanted, text=query, limit=limit)
            _print_sessions(found, as_json=as_json)

    with_app(work, home=home, as_json=as_json)


def show(
    connection: ConnectionArgument, session_id: SessionArgument, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Print one session: fields, turns, recording parts, timing. Touches no recording."""

    async def work(app: App) -> None:
        _print_session(await app.library.open(connection, session_id, fresh=True), as_json=as_json)

    with_app(work, home=home, as_json=as_json)


def _print_sessions(found: list[Session], *, as_json: bool) -> None:
    if as_json:
        from qa_player.model.timing import Timing, TimingOrigin, TimingQuality

        # nobody listed has been opened: its clock is not known yet
        unknown = Timing(quality=TimingQuality.UNKNOWN, origin=TimingOrigin.PROVIDER)
        print_json([session_object(session, timing=unknown) for session in found])
        return
    for session in found:
        started = instant_text(session.started_at) or "-"
        print(f"{started}  {clock(session.duration_ms):>9}  {plain(session.session_id)}  {plain(session.title, 60)}")


def _print_session(opened: OpenSession, *, as_json: bool) -> None:
    session = opened.detail.session
    if as_json:
        print_json(
            detail_object(
                session,
                turns=opened.turns,
                recordings=opened.parts,
                arranged=opened.arranged,
                timing=opened.timing,
                transcript_digest=opened.detail.transcript_digest,
                facts=opened.detail.facts,
            )
        )
        return
    print(f"{plain(session.title)}  ({session.state.value}, recording {session.recording_state.value})")
    print(f"{plain(session.session_id)}  {instant_text(session.started_at) or '-'}  {clock(session.duration_ms)}")
    if len(opened.parts) > 1:
        print(f"{len(opened.parts)} parts, {opened.arranged.arrangement.value}: {plain(opened.arranged.reason)}")
        for number, part in enumerate(opened.parts, start=1):
            print(f"part {number}: from {clock(part.start_ms)}, {clock(part.duration_ms)} long, {part.state.value}")
    for turn in opened.turns:
        flags = f"  [{', '.join(flag.value for flag in turn.flags)}]" if turn.flags else ""
        print(f"{turn.index:>4} {clock(turn.start_ms):>10} {turn.role.value:<8} {plain(turn.text, 5_000)}{flags}")
