"""`qa-player export`: the review of one session in any format, or one thing of many sessions in one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.progress import shown_progress
from qa_player.cli.running import (
    ConnectionArgument,
    HomeOption,
    JsonOption,
    moment,
    plain,
    print_json,
    text_argument,
    with_app,
)
from qa_player.errors import UsageError
from qa_player.formats.registry import FORMATS
from qa_player.model.handed_on import What

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.services.handing_on import HandedOn


def export(
    connection: ConnectionArgument,
    form: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}; of many sessions jsonl, csv or txt.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    session_id: Annotated[
        str | None,
        typer.Argument(metavar="SESSION", help="The session's id; left out for many.", callback=text_argument),
    ] = None,
    what: Annotated[What | None, typer.Option("--what", help="What is written of many sessions.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Sessions not before this date or instant.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Sessions not after this date or instant.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a session's review to a file, or with --what one thing of many sessions; whole or not at all.

    Of many sessions, what is not kept here yet is asked of the provider and kept: a run that was ended early goes on
    where it was when it is started again, and a later one asks only for what is new.
    """

    async def work(app: App) -> None:
        if session_id is not None:
            if what is not None or since is not None or until is not None:
                raise UsageError("One session is written whole.", "Leave out --what, --since and --until.")
            await _one(app, connection, session_id, form, out, as_json=as_json)
            return
        if what is None:
            raise UsageError("Which session, or what of many?", "Name a session, or --what and a file for many.")
        from qa_player.services.handing_on import Wanted

        wanted = Wanted(connection, what, moment(since, "--since"), moment(until, "--until", end_of_day=True))
        with shown_progress("Sessions", pieces=True) as progress:
            told = await app.handing_on.hand_on(wanted, format=form, path=out, progress=progress)
        _tell(told, what, as_json=as_json)

    with_app(work, home=home, as_json=as_json)


async def _one(app: App, connection: str, session_id: str, form: str, out: Path, *, as_json: bool) -> None:
    if form == "pdf":
        # Qt is loaded for this alone; what it is has to live as long as one prints
        from qa_player.ui.print_pdf import enough_of_qt, print_pdf

        app.exchange.print_pdf, _qt = print_pdf, enough_of_qt()
    exported = await app.exchange.export(connection, session_id, format=form, path=out)
    if as_json:
        print_json(
            {
                "path": str(exported.path),
                "sha256": exported.sha256,
                "bytes": exported.bytes,
                "not_carried": list(exported.lost),
            }
        )
    else:
        print(f"Wrote {exported.bytes:,} bytes, sha256 {exported.sha256}.")
        for lost in exported.lost:
            print(f"Not carried by {form}: {lost}", file=sys.stderr)


def _tell(told: HandedOn, what: What, *, as_json: bool) -> None:
    for session_id, error in told.refused:
        print(f"{plain(session_id, 80)}: {error.message}", file=sys.stderr)
    if told.undated:
        print(f"Left out, because nobody knows when they were: {told.undated} sessions.", file=sys.stderr)
    if told.private:
        print(f"Left out, because they are private: {told.private} annotations.", file=sys.stderr)
    if as_json:
        print_json(
            {
                "path": str(told.path),
                "sha256": told.sha256,
                "bytes": told.bytes,
                "sessions": told.sessions,
                "lines": told.lines,
                "unchanged": told.already,
                "undated": told.undated,
                "private": told.private,
                "refused": [{"session_id": one, "kind": error.kind} for one, error in told.refused],
            }
        )
        return
    of = {What.TRANSCRIPTS: "turns", What.ANNOTATIONS: "annotations", What.SCORES: "scorecards"}[what]
    news = " Nothing in it is new." if told.already else ""
    print(f"Wrote {told.lines:,} {of} of {told.sessions:,} sessions, sha256 {told.sha256}.{news}")
