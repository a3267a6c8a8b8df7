"""Sends the window to ui.main and everything else to the command line.

The window must paint before slow libraries are loaded, so its way does not even load the command line's.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """The program: `qa-player`, with or without a command."""
    try:
        sys.exit(_run(sys.argv[1:]))
    except KeyboardInterrupt:
        # while still loading; what runs tells of its interrupts itself
        sys.stderr.write("Interrupted. Nothing was begun.\n")
        sys.exit(130)


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
    from argparse import ArgumentParser

    parser = ArgumentParser(
        prog="qa-player open" if arguments[:1] == ["open"] else "qa-player",
        description="Open the window, on a session if one is named.",
    )
    parser.add_argument("--home", type=Path, help="keep every file under this folder")
    parser.add_argument("--at", type=float, metavar="SECONDS", help="where to begin")
    parser.add_argument(
        "what", nargs="*", metavar="CONNECTION SESSION", help="or a file, a folder, or a qa-player:// link"
    )
    named = parser.parse_args([word for at, word in enumerate(arguments) if (at, word) != (0, "open")])
    return _opened(named.home, named.what, named.at)


def _opened(home: Path | None, words: list[str], at_s: float | None) -> int:
    from qa_player.errors import QaPlayerError
    from qa_player.files import home_at
    from qa_player.model.start import Start, request_of
    from qa_player.ui.main import run

    try:
        return run(Start(home_at(home), request_of(words, at_s)))
    except QaPlayerError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status


if __name__ == "__main__":
    main()
