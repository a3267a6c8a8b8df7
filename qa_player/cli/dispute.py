"""`qa-player dispute`: questions of a scorecard are contested, decided of one by one, and the decisions applied."""

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
    clock,
    plain,
    print_json,
    text_argument,
    told,
    with_app,
)
from qa_player.formats.dispute_file import dispute_object, read_dispute
from qa_player.formats.scorecard_object import scorecard_object
from qa_player.model.dispute import Contested, Decision, Dispute, quoted
from qa_player.model.form import percent
from qa_player.model.scorecard import Result, answer_text
from qa_player.model.scoring import result_of

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.services.audited_file import AuditedFile

commands = typer.Typer(help="Contest answers of a scorecard, decide of them, and let the decisions stand.")
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A dispute that `dispute open` wrote.")]
OutOption = Annotated[Path, typer.Option("--out", help="The file to write.")]


@commands.command("open")
def open_dispute(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    question: Annotated[list[str], typer.Option("--question", help="A contested question's id; may be repeated.")],
    text: Annotated[list[str], typer.Option("--text", help="Why, for each question in its turn.")],
    out: OutOption,
    scorecard: Annotated[
        str | None, typer.Option("--scorecard", help="Where there are several.", callback=text_argument)
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Contest answers of a submitted scorecard; the file goes to whoever decides."""
    for one in (*question, *text):
        text_argument(one)
    if len(question) != len(text):
        raise typer.BadParameter("--question and --text belong together, one of each.")

    async def work(app: App) -> None:
        reasons = list(zip(question, text, strict=True))
        file = await app.disputes.open(connection, session_id, reasons, scorecard_id=scorecard, path=out)
        _written(file, as_json=as_json)

    with_app(work, home=home, as_json=as_json)


@commands.command()
def answer(
    file: FileArgument,
    question: Annotated[str, typer.Option("--question", help="The contested question's id.", callback=text_argument)],
    decision: Annotated[Decision, typer.Option("--decision", help="What becomes of it.")],
    text: Annotated[str, typer.Option("--text", help="Why.", callback=text_argument)],
    out: OutOption,
    named: Annotated[
        str | None, typer.Option("--answer", help="The answer from now on, or n/a.", callback=text_argument)
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide of one contested question; --out may be the same file."""

    async def work(app: App) -> None:
        dispute = read_dispute(bytes_of(file, "dispute"))
        written = await app.disputes.answer(dispute, question, decision, named=named, text=text, path=out)
        _written(written, as_json=as_json)

    with_app(work, home=home, as_json=as_json)


@commands.command()
def show(file: FileArgument, as_json: JsonOption = False) -> None:
    """Print what is contested, on which evidence, and what was decided."""
    with told(as_json=as_json):
        dispute = read_dispute(bytes_of(file, "dispute"))
        if as_json:
            print_json(dispute_object(dispute))
        else:
            _print(dispute)


@commands.command()
def apply(file: FileArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Let the decisions stand: a new scorecard counts in place of the old one, which stays as it was."""

    async def work(app: App) -> None:
        card = await app.disputes.apply(read_dispute(bytes_of(file, "dispute")))
        if as_json:
            print_json({"scorecard": None if card is None else scorecard_object(card)})
        elif card is None:
            print("Everything was rejected; the scorecard stands.")
        else:
            print(f"A new scorecard counts now: {_score(card.result)}. The old one stays as it was.")

    with_app(work, home=home, as_json=as_json)


def _written(file: AuditedFile, *, as_json: bool) -> None:
    if as_json:
        print_json({"path": str(file.path), "sha256": file.sha256, "bytes": file.bytes})
    else:
        print(f"Wrote {file.bytes:,} bytes, sha256 {file.sha256}.")


def _print(dispute: Dispute) -> None:
    card, session = dispute.scorecard, dispute.session
    print(f"{plain(session.title, 80)}  {plain(session.connection, 40)} {plain(session.session_id, 60)}")
    print(f"{plain(card.form.title, 80)}, version {card.form.version}, by {plain(card.author, 80)}")
    print(f"Contested by {plain(dispute.opened_by, 80)} on {dispute.opened_at.date().isoformat()}")
    print(f"Score {_score(card.result)}, as decided so far {_score(result_of(card.form, dispute.answers()))}")
    for one in dispute.contested:
        _print_contested(dispute, one)


def _print_contested(dispute: Dispute, one: Contested) -> None:
    question = dispute.scorecard.form.question(one.question_id)
    if question is None:
        return
    before = dispute.scorecard.answer(one.question_id)
    print(f"\n{one.question_id}  {plain(question.title, 80)}: {plain(answer_text(question, before), 80)}")
    for turn in quoted(dispute.session.turns, (*before.spans, *one.spans)):
        print(f"  {clock(turn.start_ms)} {turn.role.value}: {plain(turn.text, 300)}")
    print(f"  {plain(one.text, 1_000)}")
    ruling = one.ruling
    if ruling is None:
        print("  Nothing is decided yet.")
        return
    becomes = "" if ruling.answer is None else f", now {plain(answer_text(question, ruling.answer), 80)}"
    print(f"  {ruling.decision.value} by {plain(ruling.decided_by, 80)}{becomes}: {plain(ruling.text, 1_000)}")


def _score(result: Result | None) -> str:
    if result is None or result.score is None:
        return "not scored"
    passed = "" if result.passed is None else ", passed" if result.passed else ", not passed"
    return percent(result.score) + passed
