"""`qa-player results`: what scorecards came to across sessions, each version of a form by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.running import HomeOption, JsonOption, moment, plain, print_json, text_argument, with_app
from qa_player.formats.results_file import figure, spent
from qa_player.formats.results_row import results_object
from qa_player.model.results import METHOD, By, Row

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.services.results import Told


def results(
    form: Annotated[str | None, typer.Option("--form", help="Only of this form.", callback=text_argument)] = None,
    by: Annotated[By, typer.Option("--by", help="What each row tells of.")] = By.FORM,
    since: Annotated[str | None, typer.Option("--since", help="Only sessions since this date.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only sessions until this date, included.")] = None,
    connection: Annotated[
        str | None, typer.Option("--connection", help="Only of this connection.", callback=text_argument)
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="A file to write: .csv, .xlsx or .html.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what submitted scorecards came to, with the population and 95 % intervals; versions are never mixed."""

    async def work(app: App) -> None:
        from qa_player.services.results import Asked, facts

        asked = Asked(
            by=by,
            form_id=form,
            connection=connection,
            since=moment(since, "--since"),
            until=moment(until, "--until", end_of_day=True),
        )
        told = await app.results.gather(asked)
        if not told.blocks:
            await app.knowing.need_connection(connection)
        file = None if out is None else await app.results.export(told, out)
        if as_json:
            document = results_object(told.blocks, by, facts(told))
            written = None if file is None else {"path": str(file.path), "sha256": file.sha256, "bytes": file.bytes}
            print_json(document | ({} if written is None else {"file": written}))
        elif file is not None:
            print(f"Wrote {file.bytes:,} bytes, sha256 {file.sha256}.")
        else:
            _print(told)

    with_app(work, home=home, as_json=as_json)


def _print(told: Told) -> None:
    if not told.blocks:
        print("No scorecard was submitted on any of these sessions.")
        return
    for block in told.blocks:
        print(f"{plain(block.form.title, 80)}, version {block.form.version}: {block.scorecards} scorecards")
        for row in block.rows:
            _print_row(row)
        print()
    print(METHOD)


def _print_row(row: Row) -> None:
    score = "not scored" if row.score is None else f"mean {figure(row.score.interval, 1)}"
    share = row.passed or row.failing
    word = "passed" if row.passed is not None else "failing"
    part = "" if share is None else f"  {word} {share.part} of {share.whole}, {figure(share.interval)}"
    apply = f"  does not apply {row.not_applicable}" if row.not_applicable else ""
    time = "" if row.time_ms is None else f"  {spent(row.time_ms)}"
    print(f"  {plain(row.label, 60)}: {row.scorecards} of {row.population}  {score}{part}{apply}{time}")
