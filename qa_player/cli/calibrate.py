"""`qa-player calibrate`: several people judge the same sessions alone, by files, and see how far they agree."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.forms import bytes_of, print_form
from qa_player.cli.running import (
    ConnectionArgument,
    HomeOption,
    JsonOption,
    clock,
    plain,
    print_json,
    refuse_faulty,
    text_argument,
    told,
    with_app,
)
from qa_player.formats.calibration_file import read_packet, read_written
from qa_player.formats.comparison_object import comparison_object
from qa_player.formats.evaluation_form import form_object
from qa_player.model.comparison import Comparison, Difference, Figures
from qa_player.model.scorecard import answer_text

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.services.audited_file import AuditedFile

commands = typer.Typer(help="Several people judge the same sessions alone, and see how far they agree.")
PacketArgument = Annotated[Path, typer.Argument(metavar="PACKET", help="A packet that `calibrate pack` wrote.")]
OutOption = Annotated[Path, typer.Option("--out", help="The file to write.")]


@commands.command()
def pack(
    connection: ConnectionArgument,
    sessions: Annotated[list[str], typer.Argument(metavar="SESSION…", help="The sessions' ids.")],
    form: Annotated[str, typer.Option("--form", help="The form's id.", callback=text_argument)],
    out: OutOption,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a packet of sessions and a form for others to judge; nobody's scores are in it."""
    for session_id in sessions:
        text_argument(session_id)

    async def work(app: App) -> None:
        found = await app.forms.named(form)
        places = [(connection, session_id) for session_id in sessions]
        _written(await app.calibration.pack(places, found, path=out), as_json=as_json)

    with_app(work, home=home, as_json=as_json)


@commands.command()
def show(packet: PacketArgument, as_json: JsonOption = False) -> None:
    """Print what a packet asks: the form's questions with their ids, and what was said in each session."""
    with told(as_json=as_json):
        asked = read_packet(bytes_of(packet, "packet"))
        if as_json:
            print_json(asked.model_dump(mode="json") | {"form": form_object(asked.form)})
            return
        print_form(asked.form)
        for session in asked.sessions:
            print(f"\n{plain(session.connection, 40)} {plain(session.session_id, 60)}  {plain(session.title, 80)}")
            for turn in session.turns:
                who = plain(turn.speaker or turn.role.value, 40)
                print(f"  {clock(turn.start_ms)} {who}: {plain(turn.text, 2_000)}")


@commands.command()
def take(packet: PacketArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Take a packet's form in and put those of its sessions that are known here into the queue, to score them."""

    async def work(app: App) -> None:
        taken = await app.calibration.take(read_packet(bytes_of(packet, "packet")), app.forms, app.queue)
        if as_json:
            print_json({"form_id": taken.form.form_id, "version": taken.form.version, "queued": taken.queued})
            return
        print(f"{plain(taken.form.title, 80)}, version {taken.form.version}, can be answered now.")
        print(f"{taken.queued} of {taken.sessions} sessions are known here and in the queue.")
        for one in taken.missing:
            print(f"Not known here: {plain(one.connection, 40)} {plain(one.session_id, 60)}  {plain(one.title, 80)}")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def answer(
    packet: PacketArgument,
    out: OutOption,
    answers: Annotated[
        Path | None, typer.Option("--answers", help="A JSON file with a list `sessions` of `session_id` and `answers`.")
    ] = None,
    from_store: Annotated[
        bool, typer.Option("--from-store", help="Take the scorecards that you submitted on these sessions.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Seal your answers to a packet; only who made the packet can open them."""
    if (answers is None) != from_store:
        raise typer.BadParameter("give --answers or --from-store, one of them.")

    async def work(app: App) -> None:
        asked = read_packet(bytes_of(packet, "packet"))
        if answers is None:
            sessions = await app.calibration.from_store(asked)
        else:
            given = read_written(bytes_of(answers, "answers"), asked)
            if given.faults:
                said = "The answers cannot be taken; nothing was written."
                refuse_faulty(said, "Mend the file and give it again.", given.faults, as_json=as_json)
            sessions = given.sessions
        _written(await app.calibration.answer(asked, sessions, path=out), as_json=as_json)

    with_app(work, home=home, as_json=as_json)


@commands.command()
def compare(
    packet: PacketArgument,
    answers: Annotated[list[Path], typer.Argument(metavar="ANSWERS…", help="The sealed answers of each person.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open everybody's answers and say how far they agree, on which question and where they differ."""

    async def work(app: App) -> None:
        asked = read_packet(bytes_of(packet, "packet"))
        found = await app.calibration.compare(asked, [bytes_of(path, "answers") for path in answers])
        if as_json:
            print_json(comparison_object(found))
        else:
            _print(found)

    with_app(work, home=home, as_json=as_json)


def _written(file: AuditedFile, *, as_json: bool) -> None:
    if as_json:
        print_json({"path": str(file.path), "sha256": file.sha256, "bytes": file.bytes})
    else:
        print(f"Wrote {file.bytes:,} bytes, sha256 {file.sha256}.")


def _print(found: Comparison) -> None:
    form = found.packet.form
    print(f"{plain(form.title, 80)}, version {form.version}: {len(found.packet.sessions)} sessions")
    print(f"judged by {', '.join(plain(name, 80) for name in found.reviewers)}\n")
    print("judged    same   alpha ordinal interval spans F1  time  question")
    for question, figures in found.questions:
        print(f"{_row(figures)}  {plain(question.title, 80)}")
    print(f"{_row(found.overall)}  in all\n")
    for pair in found.overall.pairs:
        names = f"{plain(pair.first, 80)} and {plain(pair.second, 80)}"
        print(f"{names}: {_percent(pair.share)} the same of {pair.units}, Cohen's kappa {_number(pair.kappa)}")
    for one in found.differences:
        _print_difference(one)


def _row(figures: Figures) -> str:
    coefficients = f"{_number(figures.alpha):>7} {_number(figures.ordinal):>7} {_number(figures.interval):>8}"
    spans = f"{_number(figures.spans.f1):>8} {_percent(figures.spans.overlap):>5}"
    return f"{figures.units:>6} {_percent(figures.agreed.share):>7} {coefficients} {spans}"


def _print_difference(one: Difference) -> None:
    print(f"\n{plain(one.session.connection, 40)} {plain(one.session.session_id, 60)}  {plain(one.question.title, 80)}")
    for reviewer, answer in one.said.items():
        spans = "".join(f"  {clock(span.start_ms)} to {clock(span.end_ms)}" for span in answer.spans)
        comment = f"  {plain(answer.comment, 200)}" if answer.comment else ""
        print(f"  {plain(reviewer, 80)}: {plain(answer_text(one.question, answer), 80)}{spans}{comment}")


def _number(coefficient: Fraction | None) -> str:
    return "-" if coefficient is None else f"{float(coefficient):.3f}"


def _percent(share: Fraction | None) -> str:
    return "-" if share is None else f"{float(share):.0%}"
