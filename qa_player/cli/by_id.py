"""`qa-player sessions --ids FILE`: the sessions of a file of ids, where a bad one hides none of the others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qa_player.cli.running import plain, say_failure
from qa_player.errors import KeyRefusedError, QaPlayerError, QuotaError, RateLimitedError, StorageError, UsageError

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.model.session import Session

USELESS_TO_GO_ON = (KeyRefusedError, RateLimitedError, QuotaError, StorageError)
"""What the next id would meet as well."""


async def sessions_by_id(
    app: App, connection: str, path: Path, *, limit: int, as_json: bool
) -> tuple[list[Session], int]:
    """The sessions of the ids in a file, and the exit status: 0 when one was found and no key or quota failed.

    Each id that cannot be had is told in a line of its own on standard error; where the whole fails, a script is told
    in one error object. Raises UsageError for a file that cannot
    be read, NotFoundError for a connection that is not there.
    """
    await app.connections.named(connection)
    found: list[Session] = []
    troubles: list[tuple[str, QaPlayerError]] = []
    stopped = False
    for number, session_id in ids_of(path)[:limit]:
        try:
            found.append((await app.library.detail(connection, session_id, fresh=True)).session)
        except QaPlayerError as error:
            troubles.append((f"Line {number} ({plain(session_id, 80)}): {error.message}", error))
            stopped = isinstance(error, USELESS_TO_GO_ON)
            if stopped:
                break
    decisive = troubles[-1] if stopped else troubles[0] if troubles and not found else None
    _tell(troubles, decisive, as_json=as_json)
    return found, 0 if decisive is None else decisive[1].exit_status


def _tell(
    troubles: list[tuple[str, QaPlayerError]], decisive: tuple[str, QaPlayerError] | None, *, as_json: bool
) -> None:
    if as_json and decisive is not None:
        message, error = decisive
        faults = [message for message, _ in troubles] if len(troubles) > 1 else ()
        say_failure(error.kind, message, error.next_step, as_json=True, faults=faults)
        return
    for message, error in troubles:
        say_failure(error.kind, message, error.next_step, as_json=False)


def ids_of(path: Path) -> list[tuple[int, str]]:
    """Each id of a file once, with the number of its line; of a CSV, a JSON file, links, or a folder of webhook bodies
    with the number of its entry. Raises UsageError."""
    text = "" if path.is_dir() else _text(path)
    if path.is_dir() or _is_more_than_lines(text):
        from qa_player.services.bringing import sessions_named_in

        named, _ = sessions_named_in(path)
        return list(enumerate((one.session_id for one in named), 1))
    first: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            first.setdefault(line.strip(), number)
    return [(number, session_id) for session_id, number in first.items()]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UsageError("The file of ids cannot be read.", "Give a text file with one session id a line.") from None


def _is_more_than_lines(text: str) -> bool:
    from qa_player.formats.session_ids import is_table

    return text.lstrip().startswith(("{", "[")) or "qa-player:" in text or is_table(text.strip())
