"""`qa-player tags`: the sets of tags that a team marks with, as files to share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.forms import bytes_of
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
from qa_player.files import place_to_write, write_whole
from qa_player.formats.tag_set_file import read_tag_set, tag_set_file, tag_set_object
from qa_player.model.tag_set import TagSet
from qa_player.settings import write_settings

if TYPE_CHECKING:
    from qa_player.app import App

commands = typer.Typer(help="The sets of tags that one marks with.")
SetArgument = Annotated[str, typer.Argument(metavar="SET", help="The set's id.", callback=text_argument)]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A tag set as a JSON file.")]


@commands.command("list")
def list_sets(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the sets; the one in force is marked."""

    async def work(app: App) -> None:
        in_force = await app.tag_sets.in_force(app.settings.tag_set)
        sets = await app.tag_sets.all()
        if as_json:
            print_json([_told(one) | {"in_force": one.set_id == in_force.set_id} for one in sets])
            return
        for one in sets:
            mark = "*" if one.set_id == in_force.set_id else " "
            print(f"{mark} {one.set_id}  {plain(one.title, 80)}, {len(one.tags)} tags")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def show(set_id: SetArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Print a set with its keys, colours and what the tags mean."""

    async def work(app: App) -> None:
        found = await app.tag_sets.named(set_id)
        if as_json:
            print_json(tag_set_object(found))
            return
        print(f"{plain(found.title)}  {found.set_id}")
        for tag in found.tags:
            key = "-" if tag.key is None else tag.key
            print(f"  {key}  {plain(tag.name)}  {tag.colour.value}  {plain(tag.description, 200)}".rstrip())

    with_app(work, home=home, as_json=as_json)


@commands.command()
def check(file: FileArgument, as_json: JsonOption = False) -> None:
    """Say everything that is wrong with a tag set in a file; keeps nothing."""
    with told(as_json=as_json):
        found, faults = read_tag_set(bytes_of(file, "tag set"))
        if found is None:
            said = f"The tag set has {len(faults)} {'fault' if len(faults) == 1 else 'faults'}."
            refuse_faulty(said, "Mend what is said and check it again.", faults, as_json=as_json)
        if as_json:
            print_json(_told(found))
        else:
            print(f"{plain(found.title, 80)}: nothing is wrong with it.")


@commands.command()
def add(file: FileArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Take in a set, in the place of one of its id; no annotation changes by it."""

    async def work(app: App) -> None:
        added = await app.tag_sets.add(bytes_of(file, "tag set"))
        if as_json:
            print_json(_told(added))
        else:
            print(f"{added.set_id} can be used now: `qa-player tags use {added.set_id}`.")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def export(
    set_id: SetArgument,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a set as a file that `tags add` takes."""

    async def work(app: App) -> None:
        found = await app.tag_sets.named(set_id)
        write_whole(place_to_write(out), tag_set_file(found))
        if as_json:
            print_json({"path": str(out)} | _told(found))
        else:
            print(f"Wrote {found.set_id}.")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def use(set_id: SetArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Let a set be in force: its keys and colours, from the window's next start on."""

    async def work(app: App) -> None:
        found = await app.tag_sets.named(set_id)
        write_settings(app.home, app.settings.model_copy(update={"tag_set": found.set_id}))
        if as_json:
            print_json(_told(found) | {"in_force": True})
        else:
            print(f"{found.set_id} is in force from the window's next start on.")

    with_app(work, home=home, as_json=as_json)


def _told(tag_set: TagSet) -> dict[str, object]:
    return {"set_id": tag_set.set_id, "title": tag_set.title, "tags": len(tag_set.tags)}
