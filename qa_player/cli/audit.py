"""`qa-player audit`: checking the trail and reading it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.running import HomeOption, JsonOption, plain, print_json, with_app
from qa_player.errors import IntegrityError, UsageError
from qa_player.formats.audit_object import audit_object
from qa_player.formats.session_object import instant_text

if TYPE_CHECKING:
    from qa_player.app import App

commands = typer.Typer(help="Check and read the audit trail.")


@commands.command()
def verify(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check that the trail and the data it speaks of are what was written."""

    async def work(app: App) -> None:
        verdict = await app.audit.verify()
        if as_json:
            print_json(
                {
                    "consistent": verdict.consistent,
                    "end_proven": verdict.end_proven,
                    "entries": verdict.entries,
                    "anchored_at": instant_text(verdict.anchored_at),
                }
            )
        if not verdict.consistent:
            raise IntegrityError(
                verdict.damage or "The audit trail is damaged.", "Keep a copy of the database and restore a backup."
            )
        if not as_json:
            print(f"{verdict.entries} entries, consistent; its end is not proven without an anchor kept elsewhere.")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def show(
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the last so many.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the trail: who did what, when."""

    async def work(app: App) -> None:
        events = await app.audit.show(limit=limit)
        if as_json:
            print_json([audit_object(event) for event in events])
            return
        for event in events:
            where = " ".join(plain(part) for part in (event.connection, event.session_id, event.subject) if part)
            print(f"{event.sequence:>6}  {instant_text(event.at)}  {plain(event.actor)}  {event.action}  {where}")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def export(
    out: Annotated[Path, typer.Option("--out", help="The file to write, as JSON Lines.")],
    connection: Annotated[str | None, typer.Option("--connection", help="Only what touched this connection.")] = None,
    session: Annotated[str | None, typer.Option("--session", help="Only what touched this session of it.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the trail to a file, one event a line, whole or not at all."""

    async def work(app: App) -> None:
        if session is not None and connection is None:
            raise UsageError("A session is one of a connection.", "Name it with --connection.")
        written = await app.audit.export(out, connection=connection, session_id=session)
        if as_json:
            print_json(
                {
                    "path": str(written.path),
                    "events": written.events,
                    "bytes": written.bytes,
                    "sha256": written.sha256,
                }
            )
            return
        print(f"{plain(written.path.name)}: {written.events} events, {written.bytes:,} bytes, SHA-256 {written.sha256}")

    with_app(work, home=home, as_json=as_json)
