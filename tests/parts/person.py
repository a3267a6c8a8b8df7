"""A person at the program: presses keys, reads what is on the screen, waits as a person does. See `parts.driver`."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from parts import process
from qa_player.demo.server import DemoServer

TESTS = Path(__file__).parents[1]
ANSWER_S = 30.0


class Person:
    """The one hand and eye of a test on a program in another process."""

    def __init__(self, program: subprocess.Popen[bytes], log: Path) -> None:
        self.program = program
        self._log = log
        self._buffer = b""

    def ask(self, do: str, **words: object) -> Any:
        """Have the driver do something; its answer."""
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.program.stdin.write(json.dumps({"do": do, **words}).encode() + b"\n")
            self.program.stdin.flush()
        deadline = time.monotonic() + ANSWER_S
        while b"\n" not in self._buffer:
            readable, _, _ = select.select([self.program.stdout], [], [], deadline - time.monotonic())
            piece = os.read(self.program.stdout.fileno(), 1 << 20) if readable else b""
            assert piece, f"the program did not answer to {do!r}: {self.errors()}"
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, where the focus is."""
        for key in keys:
            self.ask("key", key=key)

    def tab_to(self, name: str) -> None:
        """Press Tab until the keys are there."""
        for _ in range(30):
            if self.focus() == name:
                return
            self.press("Tab")
        raise AssertionError(f"Tab never comes to {name!r}")

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.ask("words", text=text)

    def said(self) -> str:
        """Every word on the screen."""
        return "\n".join(self.ask("labels"))

    def described(self, name: str) -> str:
        """The value of a label, empty while it is not there."""
        return self.ask("described", name=name) or ""

    def there(self, name: str) -> bool:
        """Whether a control of that name can be used now."""
        return bool(self.ask("there", name=name))

    def focus(self) -> str:
        """The name of what has the keys."""
        return str(self.ask("focus"))

    def until(self, condition: Callable[[], object], what: str, *, seconds: float = 20.0) -> None:
        """Look again and again until ``condition`` holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"never came: {what}; seen: {self.said()!r}; {self.errors()}")
            time.sleep(0.02)

    def until_open(self, subject: str) -> None:
        """Wait until the session with that title is open and its recording wholly here, the keys in the window."""
        self.until(lambda: self.ask("forward"), "the window in front")
        self.until(lambda: subject in self.ask("labels"), f"the session {subject!r}")
        self.until(lambda: self.described("Stream").startswith("Ready offline"), "the whole recording")
        self.until(lambda: self.focus() == "Transcript", "the focus on the transcript")

    def until_dialog_ends(self) -> None:
        """Wait until no dialog is in the way; the window has the keys again, as a window manager would give them."""
        self.until(lambda: not self.ask("dialog"), "the dialog's end")
        self.until(lambda: self.ask("forward"), "the window in front")

    def close(self) -> None:
        """Close the window and see the program end well, without a word on standard error."""
        self.ask("close")
        assert self.program.wait(20) == 0, self.errors()
        assert self.errors() == ""

    def errors(self) -> str:
        """What the program wrote on standard error."""
        return self._log.read_text("utf-8", "replace")


@contextlib.contextmanager
def at_the_program(
    home: Path,
    *,
    demo: DemoServer | None = None,
    request: tuple[str, str] | None = None,
    log: Path,
    wrapped: Callable[[list[str]], Sequence[str]] = list,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Person]:
    """The program on ``home`` with the sample connections of ``demo``, ended in any case; ``wrapped`` makes another
    command of the one that starts it."""
    program = process.start(
        wrapped([sys.executable, "-m", "parts.driver"]),
        environment={**os.environ, "PYTHONPATH": str(TESTS), **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        log=log,
    )
    assert program.stdin is not None
    connections = [] if demo is None else [_told(one) for one in demo.connections]
    ringing = [] if demo is None else list(demo.ringing)
    first = {"home": str(home), "request": request, "connections": connections, "ringing": ringing}
    program.stdin.write(json.dumps(first).encode() + b"\n")
    program.stdin.flush()
    try:
        yield Person(program, log)
    finally:
        process.stop(program)


def _told(connection: Any) -> dict[str, Any]:
    fields = ("name", "provider", "base_url", "options", "key")
    assert dataclasses.is_dataclass(connection)
    return {field: getattr(connection, field) for field in fields}
