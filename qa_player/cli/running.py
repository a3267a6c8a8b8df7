"""How every command runs: its home, its graph, its output, and one line when it fails."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import math
import os
import re
import sys
import unicodedata
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from qa_player.errors import FaultyFileError, QaPlayerError, StorageError, UsageError
from qa_player.files import folder_named, home_at, storage_errors
from qa_player.model.start import Start

if TYPE_CHECKING:
    from qa_player.app import App

INTERRUPTED = 130

_OBEYED_BY_TERMINALS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters that JSON lets stand as they are; escaped they are the same document."""

_JOINERS = "\u200c\u200d"
"""Invisible, and part of how some scripts and pictures are written."""


def text_argument(text: str | None) -> str | None:
    """Refuse bytes that are no text; only names of files may hold them."""
    try:
        (text or "").encode()
    except UnicodeEncodeError:
        raise typer.BadParameter("it is not text in UTF-8.") from None
    return text


HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Keep every file under this folder.", parser=folder_named, metavar="DIRECTORY"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
ConnectionArgument = Annotated[
    str, typer.Argument(metavar="CONNECTION", help="The connection's name.", callback=text_argument)
]
SessionArgument = Annotated[str, typer.Argument(metavar="SESSION", help="The session's id.", callback=text_argument)]


def with_app(work: Callable[[App], Awaitable[None]], *, home: Path | None, as_json: bool) -> None:
    """Open the home, do ``work`` and close again; leaves the process with the status of what failed."""

    # ten thousand turns are a million objects, none of them garbage: going through them took a third of the time
    gc.set_threshold(100_000, 20, 20)

    async def opened_work() -> None:
        from qa_player.app import keeps_keys_in_memory, opened

        async with opened(Start(home_at(home))) as app:
            if keeps_keys_in_memory():
                print("The keychain lives in this process only: keys are gone when it ends.", file=sys.stderr)
            await work(app)

    carry_out(opened_work(), as_json=as_json)


def carry_out(work: Coroutine[Any, Any, None], *, as_json: bool) -> None:
    """Run ``work`` to its end; known trouble becomes one line and its exit status."""
    with told(as_json=as_json):
        asyncio.run(work)


@contextlib.contextmanager
def told(*, as_json: bool) -> Iterator[None]:
    """Tell of whatever fails in one line, and end with its status (``typer.Exit``)."""
    try:
        yield
        sys.stdout.flush()
    except FaultyFileError as error:
        say_failure(error.kind, error.message, error.next_step, as_json=as_json, faults=error.faults)
        raise typer.Exit(error.exit_status) from None
    except QaPlayerError as error:
        _failed(error.kind, error.message, error.next_step, as_json=as_json, status=error.exit_status)
    except KeyboardInterrupt:
        next_step = "What was finished is kept; run it again to go on."
        _failed("interrupted", "Interrupted.", next_step, as_json=as_json, status=INTERRUPTED)
    except BrokenPipeError:
        _print_no_more()
        raise typer.Exit(0) from None
    except OSError as error:
        _print_no_more()
        told_as = _storage_error(error)
        _failed(told_as.kind, told_as.message, told_as.next_step, as_json=as_json, status=told_as.exit_status)
    except (typer.Exit, TyperException):
        raise
    except Exception as bug:
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        message = f"Something unexpected went wrong ({type(bug).__name__})."
        next_step = "Please report it with `qa-player doctor --bundle FILE`."
        _failed("unexpected", message, next_step, as_json=as_json, status=1)


def _failed(kind: str, message: str, next_step: str, *, as_json: bool, status: int) -> NoReturn:
    say_failure(kind, message, next_step, as_json=as_json)
    raise typer.Exit(status) from None


def _print_no_more() -> None:
    """What is left to be printed when the process ends goes nowhere: nobody reads it, or no disk takes it."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _storage_error(error: OSError) -> StorageError:
    try:
        with storage_errors():
            raise error
    except StorageError as known:
        return known


def refuse_faulty(message: str, next_step: str, faults: Sequence[str], *, as_json: bool) -> NoReturn:
    """Print each fault of a file for a person, and raise them all as FaultyFileError, which tells them to a script."""
    if not as_json:
        for fault in faults:
            print(plain(fault, 300))
    raise FaultyFileError(message, next_step, faults)


def say_failure(kind: str, message: str, next_step: str, *, as_json: bool, faults: Sequence[str] = ()) -> None:
    """One line on standard error: words for a person, or the error object for a script, with the faults of a file."""
    if as_json:
        told = {"kind": kind, "message": message, "next": next_step} | ({"faults": list(faults)} if faults else {})
        print(json.dumps({"error": told}), file=sys.stderr)
    else:
        print(plain(f"{message} {next_step}"), file=sys.stderr)


def print_json(document: object, *, one_line: bool = False) -> None:
    """The one document of standard output; on one line where a reader waits for a line and not for the end."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False) if one_line else _spread_out(document)
    print(_OBEYED_BY_TERMINALS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def _spread_out(document: object) -> str:
    """JSON with an indent, which ``json`` itself is slow to write."""
    from pydantic_core import PydanticSerializationError, to_json

    try:
        return to_json(document, indent=2, inf_nan_mode="null").decode()
    except (PydanticSerializationError, ValueError):
        return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)


def plain(text: str, width: int | None = None) -> str:
    """Text from outside on one line of a terminal: control characters shown as marks, never obeyed."""
    shown = text if text.isprintable() else "".join(map(_shown, text))
    return shown if width is None or len(shown) <= width else shown[: width - 1] + "…"


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS or unicodedata.category(character) == "Zs":
        return character
    return chr(0x2400 + ord(character)) if ord(character) < 0x20 else "\ufffd"


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
