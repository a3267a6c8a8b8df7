"""`qa-player demo`: the stand-in providers with spoken sample sessions, with or without the window."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.running import HomeOption, JsonOption, print_json, say_failure
from qa_player.errors import QaPlayerError
from qa_player.files import Home
from qa_player.model.start import OfferedConnection, Start

if TYPE_CHECKING:
    from qa_player.demo.server import DemoServer


def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Only serve, and print the sample connections.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open the window on sample sessions, in a folder that is thrown away."""
    from qa_player.demo.server import DemoServer

    try:
        with DemoServer() as server:
            if headless:
                _serve(server.connections + server.logins)
                return
            status = _window(server, home)
    except QaPlayerError as error:
        say_failure(error.kind, error.message, error.next_step, as_json=as_json)
        raise typer.Exit(error.exit_status) from None
    raise typer.Exit(status)


def _serve(connections: Sequence[OfferedConnection]) -> None:
    """Print the sample connections, their keys included, and wait for an interrupt."""
    stop = threading.Event()
    for interrupt in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interrupt, lambda *_: stop.set())
    fields = ("name", "provider", "base_url", "options", "key")
    print_json({"connections": [{field: getattr(offered, field) for field in fields} for offered in connections]})
    sys.stdout.flush()
    stop.wait()


def _window(server: DemoServer, home: Path | None) -> int:
    from qa_player.ui.main import run

    with tempfile.TemporaryDirectory(prefix="qa-player-demo-", ignore_cleanup_errors=True) as folder:
        return run(Start(Home(home or Path(folder)), demo=server, ringing=server.ringing))
