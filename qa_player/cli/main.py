"""All commands in one place, and the one way out for wrong usage."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from qa_player import __version__
from qa_player.cli import (
    audit,
    cache,
    calibrate,
    connection,
    correcting,
    delays,
    demo,
    dispute,
    doctor,
    export,
    forms,
    importing,
    live,
    note,
    provider,
    queue,
    recording,
    results,
    review,
    score,
    search,
    session,
    tags,
    timing,
)
from qa_player.cli.running import INTERRUPTED, say_failure, told
from qa_player.errors import UsageError

commands = typer.Typer(
    name="qa-player",
    help="Hear a recorded conversation, read its transcript in step, judge it, hand on the judgement.\n\n"
    "Without a command the window opens; `qa-player open --help` tells how to open it on a session.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
commands.add_typer(connection.commands, name="connection")
commands.add_typer(audit.commands, name="audit")
commands.add_typer(cache.commands, name="cache")
commands.add_typer(calibrate.commands, name="calibrate")
commands.add_typer(dispute.commands, name="dispute")
commands.add_typer(forms.commands, name="forms")
commands.add_typer(provider.commands, name="provider")
commands.add_typer(queue.commands, name="queue")
commands.add_typer(tags.commands, name="tags")
commands.add_typer(live.commands, name="live")
commands.command()(demo.demo)
commands.command()(session.sessions)
commands.command()(session.show)
commands.command()(recording.fetch)
commands.command()(recording.peaks)
commands.command()(recording.clip)
commands.command()(timing.timing)
commands.command()(delays.delays)
commands.command()(review.annotate)
commands.command("annotations")(review.list_annotations)
commands.command()(correcting.correct)
commands.command()(correcting.reanchor)
commands.command()(export.export)
commands.command("import")(importing.take_in)
commands.command()(importing.transcript)
commands.command()(note.note)
commands.command()(score.score)
commands.command()(results.results)
commands.command()(search.search)
commands.command()(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"qa-player {__version__}")
        raise typer.Exit()


@commands.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main(arguments: list[str]) -> int:
    """Run one command; returns the process's exit status."""
    _open_streams()
    as_json = "--json" in arguments
    try:
        with told(as_json=as_json):
            outcome = commands(arguments, prog_name="qa-player", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except typer.Exit as ended:
        return ended.exit_code
    except TyperException as wrong:
        message = " ".join(wrong.format_message().split())
        asked = getattr(getattr(wrong, "ctx", None), "command_path", "qa-player")
        say_failure("usage", message.rstrip(".") + ".", f"See `{asked} --help`.", as_json=as_json)
        return UsageError.exit_status
    except typer.Abort:
        return INTERRUPTED


def _open_streams() -> None:
    """UTF-8 whatever the locale says; a stream that was closed at the start takes everything and keeps nothing."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 -- for as long as the process lives
        getattr(sys, name).reconfigure(encoding="utf-8", errors="backslashreplace")
