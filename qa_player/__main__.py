"""Sends the window to ui.main and everything else to the command line.

The window must paint before slow libraries are loaded, so its way does not even load the command line's.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from argparse import Namespace


def main() -> None:
    """The program: `qa-player`, with or without a command."""
    try:
        sys.exit(_run(sys.argv[1:]))
    except KeyboardInterrupt:
        # while still loading; what runs tells of its interrupts itself
        sys.stderr.write(_INTERRUPTED_OBJECT if "--json" in sys.argv else "Interrupted. Nothing was begun.\n")
        sys.exit(130)


_INTERRUPTED_OBJECT = '{"error": {"kind": "interrupted", "message": "Interrupted.", "next": "Nothing was begun."}}\n'
"""Written out: what would make it may be what was just being loaded."""


def _run(arguments: list[str]) -> int:
    arguments = _home_last(arguments)
    if not arguments or arguments[0] == "open" or arguments[0].startswith("--home"):
        return _window(arguments)
    from qa_player.cli.main import main as command_line

    return command_line(arguments)


def _home_last(arguments: list[str]) -> list[str]:
    """`--home DIR` may stand before the command, too."""
    words = 2 if arguments[:1] == ["--home"] else 1 if arguments and arguments[0].startswith("--home=") else 0
    return arguments[words:] + arguments[:words]


def _window(arguments: list[str]) -> int:
    from qa_player.errors import QaPlayerError

    try:
        return _opened(arguments)
    except QaPlayerError as error:
        from qa_player.cli.running import say_failure

        say_failure(error.kind, error.message, error.next_step, as_json="--json" in arguments)
        return error.exit_status


def _opened(arguments: list[str]) -> int:
    from qa_player.files import home_at
    from qa_player.model.start import Start, request_of

    named = _named(arguments)
    start = Start(home_at(named.home), request_of(named.what, named.at))
    from qa_player.ui.main import run

    return run(start)


def _named(arguments: list[str]) -> Namespace:
    from argparse import ArgumentParser

    from qa_player.errors import UsageError
    from qa_player.files import folder_named

    class Parser(ArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise UsageError(f"{message[:1].upper()}{message[1:]}.", "See `qa-player open --help`.")

    parser = Parser(
        prog="qa-player open" if arguments[:1] == ["open"] else "qa-player",
        description="Open the window, on a session if one is named.",
    )
    parser.add_argument("--home", type=folder_named, help="keep every file under this folder")
    parser.add_argument("--at", type=float, metavar="SECONDS", help="where to begin")
    parser.add_argument(
        "what", nargs="*", metavar="CONNECTION SESSION", help="or a file, a folder, or a qa-player:// link"
    )
    return parser.parse_args([word for at, word in enumerate(arguments) if (at, word) != (0, "open")])


if __name__ == "__main__":
    main()
