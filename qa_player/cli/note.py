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
    clock,
    plain,
    print_json,
    with_app,
)
from qa_player.errors import NotFoundError, UsageError
from qa_player.formats.note_object import judged_note_object
from qa_player.model.loinc import loinc_title
from qa_player.model.note import KeptNote, NoteOrigin

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.model.transcript import Turn
    from qa_player.services.verification.service import Checked


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
        opened = await app.library.open(connection, session_id)
        checked = await app.verification.load(kept, opened.turns)
        if as_json:
            print_json(_document(app, checked))
        else:
            _print_note(kept)
            _print_doubtful(checked)

    with_app(work, home=home, as_json=as_json)


def _document(app: App, checked: Checked) -> dict[str, object]:
    """The note and its verdicts, each statement with the turns it may rest on, and what stands in none."""
    kept, turns = checked.kept, {turn.index: turn for turn in checked.turns}
    told = judged_note_object(kept, app.verification.verdicts.values(), app.verification.attestation)
    linked = sorted(checked.linked, key=lambda one: one.statement.number)
    statements = [
        statement
        | {
            "doubt": one.doubt,
            "reasons": list(one.reasons),
            "candidates": [
                _turn_object(turns[found.turn_index]) | {"likeness": found.likeness} for found in one.candidates
            ],
        }
        for statement, one in zip(told["statements"], linked, strict=True)  # type: ignore[call-overload]
    ]
    unmentioned = [
        _turn_object(turns[one.turn_index]) | {"weight": one.weight, "reasons": list(one.reasons)}
        for one in checked.unmentioned
    ]
    place = {"connection": kept.connection, "session_id": kept.note.session_id}
    return place | told | {"statements": statements, "unmentioned": unmentioned}


def _turn_object(turn: Turn) -> dict[str, object]:
    return {"turn_index": turn.index, "start_ms": turn.start_ms, "text": turn.text}


def _print_doubtful(checked: Checked) -> None:
    turns = {turn.index: turn for turn in checked.turns}
    print("\nMost doubtful by the conversation, which says nothing about medicine:")
    for one in checked.linked[:5]:
        near = turns[one.candidates[0].turn_index] if one.candidates else None
        said = "nothing like it is said" if near is None else f"{clock(near.start_ms)} {plain(near.text, 100)}"
        print(f"  {plain(one.statement.text, 100)}\n    nearest: {said}")
        for reason in one.reasons:
            print(f"    {plain(reason)}")
    print("\nSaid, and perhaps not in the note:")
    for missed in checked.unmentioned[:5]:
        turn = turns[missed.turn_index]
        print(f"  {clock(turn.start_ms)} {plain(turn.text, 100)}")


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
