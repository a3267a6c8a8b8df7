"""The command line as a person meets it: the installed program in a process of its own, and everything it says."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parts import process
from parts.secret_service import SecretService

PROGRAM = Path(sys.executable).with_name("qa-player")


@dataclass(frozen=True)
class Outcome:
    """What a command left: its status, what it printed, and what it said on standard error."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document of standard output; AssertionError when something else stands there or it failed."""
        assert self.status == 0, self.err
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line that tells of a failure; AssertionError when there is none, or more than that."""
        assert self.status != 0
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        return lines[0]

    @property
    def error(self) -> dict[str, Any]:
        """The error object that ``--json`` puts in the place of the sentence."""
        told = json.loads(self.sentence)
        assert set(told) == {"error"}, told
        assert set(told["error"]) - {"faults"} == {"kind", "message", "next"}, told
        assert all(told["error"].values()), told
        return dict(told["error"])


class QaPlayer:
    """``qa_player("show", …)`` runs one command to its end in ``home``, under a keychain and an environment."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        self.environment = dict(environment)

    def __call__(
        self,
        *arguments: str | bytes | Path,
        typed: str | bytes = b"",
        under: tuple[str, ...] = (),
        **environment: str,
    ) -> Outcome:
        """Run to the end; ``typed`` is its standard input, ``under`` the command that it runs in."""
        ended = subprocess.run(
            [*under, *self.command(*arguments)],
            env=self.surroundings(**environment),
            input=typed.encode() if isinstance(typed, str) else typed,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Outcome(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def start(self, *arguments: str | bytes | Path, **environment: str) -> subprocess.Popen[bytes]:
        """Let it run; end it with `finished` or ``process.stop``."""
        return process.start(
            self.command(*arguments),
            environment=self.surroundings(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def command(self, *arguments: str | bytes | Path) -> list[str | bytes | Path]:
        return [str(PROGRAM), *arguments]

    def surroundings(self, **environment: str) -> dict[str, str]:
        """This process's environment and the home; compiled modules are used, as on a person's machine."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, **self.environment, "QA_PLAYER_HOME": str(self.home), **environment}

    def connect(self, name: str, base_url: str, key: str) -> Outcome:
        """Add a connection to a stand-in for Oshara."""
        return self(
            "connection", "add", name, "--provider", "oshara", "--base-url", base_url, "--key-stdin", typed=key + "\n"
        )


def finished(running: subprocess.Popen[bytes], seconds: float = 30) -> Outcome:
    """What a started command left, once it has ended by itself."""
    out, err = running.communicate(timeout=seconds)
    process.stop(running)
    return Outcome(running.returncode, out.decode(), err.decode())


@contextlib.contextmanager
def keychain_of_its_own() -> Iterator[SecretService]:
    """A real, open keychain for the length of the block, in a folder whose name is short enough for sockets."""
    with tempfile.TemporaryDirectory(dir=os.environ["XDG_RUNTIME_DIR"]) as folder:
        service = SecretService(Path(folder))
        service.start()
        try:
            yield service
        finally:
            service.stop()
