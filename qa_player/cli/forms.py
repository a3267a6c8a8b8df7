"""`qa-player forms`: the forms that scorecards are answered on, in the shape of Amazon Connect's evaluation forms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.running import (
    HomeOption,
    JsonOption,
    plain,
    print_json,
    refuse_faulty,
    text_argument,
    told,
    with_app,
)
from qa_player.errors import UsageError
from qa_player.files import place_to_write, write_whole
from qa_player.formats.evaluation_form import form_file, form_object, read_form
from qa_player.formats.form_words import form_lines
from qa_player.model.form import Form

if TYPE_CHECKING:
    from qa_player.app import App

commands = typer.Typer(help="The forms that scorecards are answered on.")
FormArgument = Annotated[str, typer.Argument(metavar="FORM", help="The form's id.", callback=text_argument)]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A form as a JSON file.")]
VersionOption = Annotated[int | None, typer.Option("--version", help="Not the newest but this one.")]


@commands.command("list")
def list_forms(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List every version of every form."""

    async def work(app: App) -> None:
        forms = await app.forms.all()
        if as_json:
            print_json([_told(form) for form in forms])
            return
        for form in forms:
            print(f"{form.form_id}  version {form.version}  {plain(form.title, 80)}")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def show(
    form: FormArgument, version: VersionOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Print a form with its questions, answers and weights."""

    async def work(app: App) -> None:
        found = await app.forms.named(form, version)
        if as_json:
            print_json(form_object(found))
        else:
            print_form(found)

    with_app(work, home=home, as_json=as_json)


@commands.command()
def check(file: FileArgument, as_json: JsonOption = False) -> None:
    """Say everything that is wrong with a form in a file; keeps nothing."""
    with told(as_json=as_json):
        form, faults = read_form(bytes_of(file, "form"))
        if form is None:
            said = f"The form has {len(faults)} {'fault' if len(faults) == 1 else 'faults'}."
            refuse_faulty(said, "Mend what is said and check it again.", faults, as_json=as_json)
        if as_json:
            print_json(_told(form))
        else:
            print(f"{plain(form.title, 80)}: nothing is wrong with it.")


@commands.command()
def add(file: FileArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Take in a version of a form; a version that is there never changes."""

    async def work(app: App) -> None:
        added = await app.forms.add(bytes_of(file, "form"))
        if as_json:
            print_json(_told(added))
        else:
            print(f"{added.form_id} version {added.version} can be answered now.")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def export(
    form: FormArgument,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    version: VersionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a form as a file that Amazon Connect's API and `forms add` take."""

    async def work(app: App) -> None:
        found = await app.forms.named(form, version)
        write_whole(place_to_write(out), form_file(found))
        if as_json:
            print_json({"path": str(out)} | _told(found))
        else:
            print(f"Wrote version {found.version} of {found.form_id}.")

    with_app(work, home=home, as_json=as_json)


def bytes_of(path: Path, what: str) -> bytes:
    """Raises UsageError when the file cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        raise UsageError(f"The file of the {what} cannot be read.", "Name a file that exists.") from None


def _told(form: Form) -> dict[str, object]:
    questions = list(form.questions())
    return {"form_id": form.form_id, "version": form.version, "title": form.title, "questions": len(questions)}


def print_form(form: Form) -> None:
    """Its questions with their ids, answers and weights, for a person."""
    for line in form_lines(form):
        print(plain(line))
