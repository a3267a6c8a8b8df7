"""`qa-player correct` and `reanchor`: what was truly said in a turn, and annotations whose words are elsewhere now."""

from __future__ import annotations

from collections.abc import Sequence
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
from qa_player.errors import NotFoundError, UsageError
from qa_player.formats.annotation_row import annotation_row

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.model.annotation import Annotation
    from qa_player.services.reanchoring import Displaced


def correct(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    turn: Annotated[int, typer.Argument(metavar="TURN", min=0, help="The turn's index, as `show` prints it.")],
    text: Annotated[str, typer.Option("--text", help="What was truly said in it.", callback=text_argument)],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down what was truly said in a turn; what the provider heard stays beside it. Again, it is reworded."""

    async def work(app: App) -> None:
        if not text.strip():
            raise UsageError("The corrected text is empty.", "Give what was said with --text.")
        kept = await _corrected(app, connection, session_id, turn, text)
        if as_json:
            print_json(annotation_row(kept))
            return
        print(f"Turn {turn} as it was heard:  {plain(kept.quote, 5_000)}")
        print(f"Turn {turn} as it was said:   {plain(kept.text, 5_000)}")

    with_app(work, home=home, as_json=as_json)


def reanchor(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    annotation_id: Annotated[
        str | None,
        typer.Argument(metavar="ANNOTATION", help="One of `annotations --displaced`.", callback=text_argument),
    ] = None,
    turn: Annotated[
        int | None, typer.Option("--turn", min=0, help="The turn it belongs to; left out, the one that was found.")
    ] = None,
    same_words: Annotated[
        bool, typer.Option("--same-words", help="Take all whose very words are another turn by now.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let an annotation belong to the turn where its words are by now; see `annotations --displaced`."""

    async def work(app: App) -> None:
        if (annotation_id is None) is not same_words or (same_words and turn is not None):
            raise UsageError("Which annotations are meant?", "Name one, or give --same-words and no turn.")
        await app.review.load(await app.library.open(connection, session_id))
        wanted = _same_words(app) if annotation_id is None else {annotation_id: _turn_for(app, annotation_id, turn)}
        moved = [await app.review.reanchor(one, index) for one, index in wanted.items()]
        left = app.review.displaced()
        if as_json:
            print_json({"moved": [annotation_row(one) for one in moved], "displaced": displaced_rows(left)})
            return
        for one in moved:
            print(f"{one.annotation_id}  turn {one.turn_index}  {plain(one.quote, 200)}")
        print(f"{len(moved)} moved, {len(left)} left on words that are elsewhere or gone.")

    with_app(work, home=home, as_json=as_json)


async def print_displaced(app: App, connection: str, session_id: str, *, as_json: bool) -> None:
    """Those of a session's annotations that were made on words which are elsewhere by now, or gone. Moves none."""
    await app.review.load(await app.library.open(connection, session_id, fresh=True))
    found = app.review.displaced()
    if as_json:
        print_json(displaced_rows(found))
        return
    for one in found:
        where = "nowhere" if one.turn is None else f"{one.found.value}, turn {one.turn.index}"
        print(f"{one.annotation.annotation_id}  {plain(one.annotation.tag)}  {where}")
        print(f"  then: {plain(one.annotation.quote, 300)}")
        if one.turn is not None and one.turn.text != one.annotation.quote:
            print(f"  now:  {plain(one.turn.text, 300)}")


def displaced_rows(displaced: Sequence[Displaced]) -> list[dict[str, object]]:
    """The fields of each annotation, and ``found`` (elsewhere, reworded, nowhere) with the turn that was found."""
    return [
        {
            **annotation_row(one.annotation),
            "found": one.found.value,
            "found_turn_index": None if one.turn is None else one.turn.index,
            "found_text": None if one.turn is None else one.turn.text,
        }
        for one in displaced
    ]


async def _corrected(app: App, connection: str, session_id: str, turn: int, text: str) -> Annotation:
    from qa_player.model.correction import CORRECTION_TAG, correction_of

    session = await app.library.open(connection, session_id)
    await app.review.load(session)
    heard = next((one.text for one in session.turns if one.index == turn), None)
    before = correction_of(turn, [one for one in app.review.annotations if one.quote == heard])
    if before is None:
        return await app.review.annotate(start_ms=None, turn_index=turn, tag=CORRECTION_TAG, text=text, corrects=True)
    return await app.review.edit(
        before.annotation_id,
        tag=before.tag,
        severity=before.severity,
        text=text,
        start_ms=before.start_ms,
        end_ms=before.end_ms,
    )


def _same_words(app: App) -> dict[str, int]:
    from qa_player.services.reanchoring import Found

    return {
        one.annotation.annotation_id: one.turn.index
        for one in app.review.displaced()
        if one.found is Found.ELSEWHERE and one.turn is not None
    }


def _turn_for(app: App, annotation_id: str, turn: int | None) -> int:
    if annotation_id not in {one.annotation_id for one in app.review.annotations}:
        raise NotFoundError("This session has no such annotation.", "See `qa-player annotations --json`.")
    if turn is not None:
        return turn
    of = {one.annotation.annotation_id: one for one in app.review.displaced()}
    if annotation_id not in of:
        raise UsageError("This annotation stands on the words it was made on.", "Name a turn with --turn to move it.")
    found = of[annotation_id].turn
    if found is None:
        raise UsageError("Its words are nowhere in the transcript now.", "Name the turn it belongs to with --turn.")
    return found.index
