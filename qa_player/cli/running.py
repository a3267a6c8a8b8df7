"""How every command runs: its home, its graph, its output, and one line when it fails."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa_player.errors import QaPlayerError, UsageError
from qa_player.files import home_at
from qa_player.model.start import Start

if TYPE_CHECKING:
    from qa_player.app import App

HomeOption = Annotated[Path | None, typer.Option("--home", help="Keep every file under this folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
ConnectionArgument = Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection's name.")]
SessionArgument = Annotated[str, typer.Argument(metavar="SESSION", help="The session's id.")]

INTERRUPTED = 130


def with_app(work: Callable[[App], Awaitable[None]], *, home: Path | None, as_json: bool) -> None:
    """Open the home, do ``work`` and close again; leaves the process with the status of what failed."""

    async def opened_work() -> None:
        from qa_player.app import keeps_keys_in_memory, opened

        if keeps_keys_in_memory():
            print("The keychain lives in this process only: keys are gone when it ends.", file=sys.stderr)
        async with opened(Start(home_at(home))) as app:
            await work(app)

    carry_out(opened_work(), as_json=as_json)


def carry_out(work: Coroutine[Any, Any, None], *, as_json: bool) -> None:
    """Run ``work`` to its end; known trouble becomes one line and its exit status."""
    try:
        asyncio.run(work)
    except QaPlayerError as error:
        say_failure(error.kind, error.message, error.next_step, as_json=as_json)
        raise typer.Exit(error.exit_status) from None
    except KeyboardInterrupt:
        say_failure("interrupted", "Interrupted.", "What was finished is kept; run it again to go on.", as_json=as_json)
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(0) from None
    except Exception as bug:
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        say_failure(
            "unexpected",
            f"Something unexpected went wrong ({type(bug).__name__}).",
            "Please report it with `qa-player doctor --bundle FILE`.",
            as_json=as_json,
        )
        raise typer.Exit(1) from None


def say_failure(kind: str, message: str, next_step: str, *, as_json: bool) -> None:
    """One line on standard error: words for a person, or the error object for a script."""
    if as_json:
        print(json.dumps({"error": {"kind": kind, "message": message, "next": next_step}}), file=sys.stderr)
    else:
        print(plain(f"{message} {next_step}"), file=sys.stderr)


def print_json(document: object) -> None:
    """The one document of standard output."""
    print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2))


def plain(text: str, width: int | None = None) -> str:
    """Text from outside on one line of a terminal: control characters shown as marks, never obeyed."""
    shown = "".join(
        character if character.isprintable() else chr(0x2400 + ord(character)) if ord(character) < 0x20 else "\ufffd"
        for character in text
    )
    return shown if width is None or len(shown) <= width else shown[: width - 1] + "…"


def milliseconds(seconds: float, name: str) -> int:
    """Decimal seconds of the command line as whole milliseconds; raises UsageError for what is no time."""
    if not math.isfinite(seconds) or not 0 <= seconds <= 10_000_000:
        raise UsageError(f"{name} is not a time in a recording.", "Give seconds of 0 or more, as in 12.5.")
    return round(seconds * 1_000)


def moment(text: str | None, name: str, *, end_of_day: bool = False) -> datetime | None:
    """A date (its whole UTC day) or an instant of ISO 8601; without a zone it is UTC. Raises UsageError."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{name} is not a date.", "Give a date as 2026-05-28, or an instant as 2026-05-28T14:20:00Z."
        ) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    if end_of_day and len(text) <= len("2026-05-28") and instant.time() == time():
        instant += timedelta(days=1) - timedelta(milliseconds=1)
    return instant.astimezone(UTC)


def clock(position_ms: int | None) -> str:
    """``m:ss.cc``, with hours past an hour; a dash for no time."""
    if position_ms is None:
        return "-"
    minutes, rest = divmod(position_ms // 10, 6_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 100:02}.{rest % 100:02}"
    return f"{hours}:{minutes:02}:{seconds}" if hours else f"{minutes}:{seconds}"
