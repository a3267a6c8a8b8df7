"""`qa-player annotate` and `annotations`: judging from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.correcting import print_displaced
from qa_player.cli.running import (
    ConnectionArgument,
    HomeOption,
    JsonOption,
    SessionArgument,
    clock,
    milliseconds,
    plain,
    print_json,
    text_argument,
    with_app,
)
from qa_player.formats.annotation_row import annotation_row
from qa_player.model.annotation import Severity

if TYPE_CHECKING:
    from qa_player.app import App


def annotate(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    start: Annotated[float, typer.Option("--start", help="Seconds from the start of the recording.")],
    tag: Annotated[str, typer.Option("--tag", help="What it is, in a word or two.", callback=text_argument)],
    end: Annotated[float | None, typer.Option("--end", help="Where it ends; left out for a moment.")] = None,
    severity: Annotated[Severity | None, typer.Option("--severity", help="How bad it is.")] = None,
    text: Annotated[str, typer.Option("--text", help="What is to be said about it.", callback=text_argument)] = "",
    private: Annotated[bool, typer.Option("--private", help="Keep it out of every export.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add an annotation to a session."""

    async def work(app: App) -> None:
        start_ms = milliseconds(start, "--start")
        end_ms = None if end is None else milliseconds(end, "--end")
        await app.review.load(await app.library.open(connection, session_id))
        added = await app.review.annotate(
            start_ms=start_ms, end_ms=end_ms, tag=tag, severity=severity, text=text, private=private
        )
        if as_json:
            print_json({"annotation_id": added.annotation_id})
        else:
            print(f"Saved as {added.annotation_id}.")

    with_app(work, home=home, as_json=as_json)


def list_annotations(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    displaced: Annotated[
        bool, typer.Option("--displaced", help="Only those whose words are elsewhere in the transcript now, or gone.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a session's annotations by their start."""

    async def work(app: App) -> None:
        if displaced:
            await print_displaced(app, connection, session_id, as_json=as_json)
            return
        kept = await app.review.of_session(connection, session_id)
        if not kept:
            await app.knowing.need_session(connection, session_id)
        if as_json:
            # private ones stand in no export; the others have its fields and no more
            print_json([annotation_row(one) | ({"private": True} if one.private else {}) for one in kept])
            return
        for annotation in kept:
            until = f"–{clock(annotation.end_ms)}" if annotation.end_ms is not None else ""
            severity = f" ({annotation.severity.value})" if annotation.severity else ""
            private = " [private]" if annotation.private else ""
            words = f"{plain(annotation.tag)}{severity}{private}  {plain(annotation.text, 200)}"
            print(f"{clock(annotation.start_ms)}{until}  {words}")

    with_app(work, home=home, as_json=as_json)
