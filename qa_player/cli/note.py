"""`qa-player note`: the AI-written note of a session, beside what was said."""

from __future__ import annotations

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
    with_app,
)
from qa_player.errors import NotFoundError, UsageError
from qa_player.formats.note_object import note_object
from qa_player.model.loinc import loinc_title
from qa_player.model.note import KeptNote, NoteOrigin

if TYPE_CHECKING:
    from qa_player.app import App


def note(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    file: Annotated[
        Path | None, typer.Option("--file", help="Take the note from this file, text or JSON, instead.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the AI-written note of a session."""

    async def work(app: App) -> None:
        if file is not None:
            data = _bytes_of(file)
            await app.library.detail(connection, session_id)
            await app.notes.take(connection, session_id, data, origin=NoteOrigin.FILE)
        kept = await app.notes.open(connection, session_id)
        if kept is None:
            raise NotFoundError("This session has no note.", "Give one with `--file`.")
        if as_json:
            print_json({"connection": connection, "session_id": session_id} | note_object(kept))
        else:
            _print_note(kept)

    with_app(work, home=home, as_json=as_json)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise UsageError("The file of the note cannot be read.", "Give a text file or a JSON file.") from None


def _print_note(kept: KeptNote) -> None:
    for section in kept.note.sections:
        title = section.title or loinc_title(section.loinc_code) or "Note"
        code = f"  (LOINC {section.loinc_code})" if section.loinc_code else ""
        print(f"{plain(title)}{plain(code)}")
        for line in section.text.split("\n"):
            print(f"  {plain(line)}")
        for snippet in section.evidence:
            print(f"  > {plain(snippet, 200)}")
