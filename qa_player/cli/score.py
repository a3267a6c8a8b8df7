"""`qa-player score`: a session's scorecards, or a form answered from a file and submitted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.forms import bytes_of
from qa_player.cli.running import (
    ConnectionArgument,
    HomeOption,
    JsonOption,
    SessionArgument,
    plain,
    print_json,
    refuse_faulty,
    text_argument,
    with_app,
)
from qa_player.formats.answers_file import read_answers
from qa_player.formats.scorecard_object import scorecard_object
from qa_player.model.form import percent
from qa_player.model.scorecard import Scorecard

if TYPE_CHECKING:
    from qa_player.app import App


def score(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    form: Annotated[str | None, typer.Option("--form", help="The form's id.", callback=text_argument)] = None,
    answers: Annotated[Path | None, typer.Option("--answers", help="A JSON file with an object `answers`.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a session's scorecards; with --form and --answers answer a form and submit it, whole or not at all."""
    if (form is None) != (answers is None):
        raise typer.BadParameter("--form and --answers belong together.")

    async def work(app: App) -> None:
        if form is None or answers is None:
            await _list(app, connection, session_id, as_json=as_json)
            return
        card = await _submit(app, connection, session_id, form, answers, as_json=as_json)
        if as_json:
            print_json(scorecard_object(card))
        else:
            print(_line(card))

    with_app(work, home=home, as_json=as_json)


async def _submit(app: App, connection: str, session_id: str, form: str, answers: Path, *, as_json: bool) -> Scorecard:
    found = await app.forms.named(form)
    answered = read_answers(bytes_of(answers, "answers"), found)
    if answered.faults:
        said = "The answers cannot be taken; nothing was kept."
        refuse_faulty(said, "Mend the file and give it again.", answered.faults, as_json=as_json)
    await app.scoring.load(await app.library.open(connection, session_id))
    return await app.scoring.take(found, answered.answers, absent=answered.absent)


async def _list(app: App, connection: str, session_id: str, *, as_json: bool) -> None:
    cards = await app.scoring.of_session(connection, session_id)
    if not cards:
        await app.knowing.need_session(connection, session_id)
    if as_json:
        print_json([scorecard_object(card) for card in cards])
        return
    for card in cards:
        print(_line(card))


def _line(card: Scorecard) -> str:
    result = card.result
    if result is None:
        told = "a draft"
    else:
        told = "not scored" if result.score is None else percent(result.score)
        if result.passed is not None:
            told += ", passed" if result.passed else ", not passed"
    return f"{plain(card.form.title, 80)} (version {card.form.version}) by {plain(card.author, 80)}: {told}"
