"""`qa-player timing`: the clock between a transcript and its recording shown, set, measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.progress import shown_share
from qa_player.cli.running import ConnectionArgument, HomeOption, JsonOption, SessionArgument, print_json, with_app
from qa_player.errors import UsageError
from qa_player.formats.session_object import timing_object

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.model.timing import Measurement, Timing, Unclear


def timing(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    offset: Annotated[
        float | None, typer.Option("--offset", help="Where the transcript's zero lies in the recording, in seconds.")
    ] = None,
    drift: Annotated[
        float | None, typer.Option("--drift", help="Millionths by which the recording's clock runs faster.")
    ] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="Find both from where speech sets in, and keep them.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show, set or measure the clock between transcript and audio."""

    async def work(app: App) -> None:
        if measure and (offset is not None or drift is not None):
            raise UsageError("A clock is either measured or set.", "Leave out --measure, or --offset and --drift.")
        found: Measurement | Unclear | None = None
        if measure:
            found = await _measured(app, connection, session_id)
        elif offset is not None or drift is not None:
            await _set(app, connection, session_id, offset, drift)
        _print(await app.timings.in_force(connection, session_id), found, as_json=as_json)

    with_app(work, home=home, as_json=as_json)


async def _set(app: App, connection: str, session_id: str, offset: float | None, drift: float | None) -> None:
    from qa_player.services.timing import set_by_person

    now = await app.timings.in_force(connection, session_id)
    if offset is not None and not math.isfinite(offset):
        raise UsageError("--offset is not a time.", "Give seconds, as in 1.37 or -0.5.")
    offset_ms = now.offset_ms if offset is None else round(offset * 1_000)
    await app.timings.keep(connection, session_id, set_by_person(offset_ms, now.drift_ppm if drift is None else drift))


async def _measured(app: App, connection: str, session_id: str) -> Measurement | Unclear:
    from qa_player.model.timing import Measurement

    session = await app.library.open(connection, session_id)
    with shown_share("Listening") as progress:
        found = await app.timings.measure(session, progress=progress)
    if isinstance(found, Measurement):
        await app.timings.keep(connection, session_id, found.timing(), measurement=found)
    return found


def _print(now: Timing, found: Measurement | Unclear | None, *, as_json: bool) -> None:
    from qa_player.model.timing import Measurement

    measured = found if isinstance(found, Measurement) else None
    unclear = None if found is None or isinstance(found, Measurement) else found
    if as_json:
        document = timing_object(now)
        if found is not None:
            document["measured"] = None if measured is None else measured.model_dump(mode="json")
            document["unclear"] = None if unclear is None else unclear.value
        print_json(document)
        return
    if unclear is not None:
        print(f"The clock cannot be told. {unclear.words} Nothing was changed.")
    if measured is not None:
        print(f"{measured.matched} of {measured.turns} turns fit, half of them within {measured.spread_ms} ms.")
    print(
        f"offset {now.offset_ms / 1_000:+.3f} s, drift {now.drift_ppm:+g} ppm ({now.origin.value}, {now.quality.value})"
    )
