"""`qa-player import` and `transcript`: what others marked or wrote down, and which transcript of a session is shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.running import (
    ConnectionArgument,
    HomeOption,
    JsonOption,
    SessionArgument,
    plain,
    print_json,
    text_argument,
    with_app,
)
from qa_player.errors import UsageError
from qa_player.formats.annotation_readers import ANNOTATION_READERS
from qa_player.formats.contents import Contents
from qa_player.formats.readers import READERS
from qa_player.formats.session_object import instant_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qa_player.app import App
    from qa_player.services.transcripts import Known

_FORMATS = ", ".join(dict.fromkeys([*ANNOTATION_READERS, *READERS]))


def take_in(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    file: Annotated[Path, typer.Argument(help="A file with annotations or a transcript.")],
    form: Annotated[str | None, typer.Option("--format", help=f"Found out when left out: {_FORMATS}.")] = None,
    contents: Annotated[
        Contents | None, typer.Option("--as", help="What it is taken in as; found out when left out.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add the annotations or the transcript of a file to a session; what could not be carried is told.

    A transcript is kept beside the provider's own, and shown where there is none; see `qa-player transcript`.
    """

    async def work(app: App) -> None:
        kind = contents or await app.transcripts.contents(connection, session_id, file, form)
        if kind is Contents.TRANSCRIPT:
            await _transcript(app, connection, session_id, file, form, as_json=as_json)
        else:
            await _annotations(app, connection, session_id, file, form, as_json=as_json)

    with_app(work, home=home, as_json=as_json)


def transcript(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    use: Annotated[
        str | None,
        typer.Option(
            "--use", help="Show this one: `provider`, or the beginning of a file's SHA-256.", callback=text_argument
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file", help="The beginning of the SHA-256 of a file to write to --out.", callback=text_argument
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write a file as it was taken in.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which transcripts a session has, choose one, or get a file back as it was taken in."""

    async def work(app: App) -> None:
        if (file is None) is not (out is None):
            raise UsageError("A file is written with --file and --out.", "Give both, or neither.")
        if file is not None and out is not None:
            await app.transcripts.give_back(connection, session_id, file, out)
        if use is not None:
            known = await app.transcripts.use(connection, session_id, use)
        else:
            known = await app.transcripts.known(connection, session_id)
        rows = _rows(known)
        if as_json:
            print_json(rows)
            return
        for row in rows:
            mark = "*" if row["in_force"] else " "
            print(f"{mark} {row['sha256'] or 'provider':<64}  {row['turns']:>6} turns  {row['format'] or ''}")

    with_app(work, home=home, as_json=as_json)


async def _transcript(
    app: App, connection: str, session_id: str, file: Path, form: str | None, *, as_json: bool
) -> None:
    taken = await app.transcripts.take_in(connection, session_id, file, form=form)
    given = taken.given
    _tell(given.problems, given.not_carried)
    if taken.after_end:
        print(f"Turns that begin after the recording ends: {taken.after_end}.", file=sys.stderr)
    if as_json:
        print_json(
            {
                "contents": "transcript",
                "format": given.format,
                "turns": len(given.turns),
                "sha256": given.sha256,
                "in_force": taken.in_force,
                "already_there": taken.already,
                "after_end": taken.after_end,
                "problems": list(given.problems),
                "not_carried": list(given.not_carried),
            }
        )
        return
    where = "It is shown now." if taken.in_force else "It is kept beside the one that is shown."
    print(f"Took in a transcript of {len(given.turns)} turns from {given.format}. {where}")
    if not taken.in_force:
        print(f"To show it: --use {given.sha256[:12]} of `qa-player transcript`.", file=sys.stderr)


async def _annotations(
    app: App, connection: str, session_id: str, file: Path, form: str | None, *, as_json: bool
) -> None:
    imported = await app.imports.annotations(connection, session_id, file, format=form)
    _tell(imported.refused, imported.not_carried)
    if as_json:
        print_json(
            {
                "contents": "annotations",
                "format": imported.format,
                "added": imported.added,
                "already_there": imported.already_there,
                "refused": list(imported.refused),
                "not_carried": list(imported.not_carried),
            }
        )
        return
    there = f", {imported.already_there} were there already" if imported.already_there else ""
    print(f"Added {imported.added} annotations from {imported.format}{there}.")


def _tell(problems: Iterable[str], not_carried: Iterable[str]) -> None:
    for problem in problems:
        print(plain(problem, 300), file=sys.stderr)
    for lost in not_carried:
        print(f"Not carried: {plain(lost, 100)}", file=sys.stderr)


def _rows(known: Known) -> list[dict[str, object]]:
    """The provider's own first, then those of files in the order in which they were taken in."""
    own = known.own
    rows: list[dict[str, object]] = [
        {
            "from": "provider",
            "sha256": None,
            "format": None,
            "turns": len(own.turns),
            "transcript_digest": own.transcript_digest,
            "taken_in_at": None,
            "taken_in_by": None,
            "in_force": known.in_force == own.transcript_digest,
            "not_carried": [],
        }
    ]
    return rows + [
        {
            "from": "file",
            "sha256": one.sha256,
            "format": one.format,
            "turns": len(one.turns),
            "transcript_digest": one.transcript_digest,
            "taken_in_at": instant_text(one.taken_in_at),
            "taken_in_by": one.taken_in_by,
            "in_force": known.in_force == one.transcript_digest,
            "not_carried": list(one.not_carried),
        }
        for one in known.given
    ]
