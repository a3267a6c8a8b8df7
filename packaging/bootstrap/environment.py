"""The environment in .venv: finds a Python that fits, installs what the lock names, heals what was left half done."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, NamedTuple, Optional, Sequence, Tuple

from bootstrap.steps import reason, run, said, say

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
PROGRAMS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
LOCK = ROOT / "requirements.lock"
STAMP = ENVIRONMENT / "qa-player-set-up"
UNFINISHED = ENVIRONMENT / "qa-player-unfinished"
LOG = ENVIRONMENT / "qa-player-set-up.log"
PYTHONS = ((3, 13), (3, 12), (3, 11))
ITSELF = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]


def program(name: str) -> str:
    """The path of a program of .venv."""
    return str(PROGRAMS / name)


class Python(NamedTuple):
    """An interpreter that was really run."""

    path: str
    version: Tuple[int, int]
    can_make_environments: bool


def find_python(ask: "Optional[Ask]" = None) -> Optional[Python]:
    """The newest Python that fits; one that can make environments goes before one that cannot."""
    commands = [["python{}.{}".format(*version)] for version in PYTHONS]
    commands += [[sys.executable], ["python3"], ["python"]]
    if os.name == "nt":
        commands += [["py", "-{}.{}".format(*version)] for version in PYTHONS]
    answers = [(ask or ask_python)(command) for command in commands]
    found = [python for python in answers if python is not None and python.version in PYTHONS]
    return max(found, key=lambda python: (python.can_make_environments, python.version), default=None)


def can_be_made(base: Optional[Python]) -> bool:
    """Whether .venv can be made with ``base`` on this machine."""
    return base is not None and (base.can_make_environments or shutil.which("uv") is not None)


PROBE = """
import os, sys, ctypes, ssl, venv, zlib
try:
    import ensurepip
except ImportError:
    ensurepip = None
base = getattr(sys, "_base_executable", None) or sys.executable
print(sys.version_info[0], sys.version_info[1], int(ensurepip is not None), os.path.realpath(base))
"""


def ask_python(command: Sequence[str]) -> Optional[Python]:
    """An interpreter as it tells of itself; None when it is absent, a hollow shim or without modules we need."""
    try:
        answer = subprocess.run(
            [*command, "-I", "-c", PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    major, minor, can_make_environments, path = answer.stdout.strip().split(None, 3)
    return Python(path, (int(major), int(minor)), can_make_environments == "1")


Ask = Callable[[Sequence[str]], Optional[Python]]


def fingerprint() -> str:
    """What the environment was made from, and where: its programs hold their own path."""
    recipe = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    return "{}\n{}".format(recipe.hexdigest(), ROOT)


def is_set_up() -> bool:
    """Whether nothing is to be done; asks no program, so that a start is quick."""
    return not UNFINISHED.exists() and Path(program("python")).exists() and stamp() == fingerprint()


def stamp() -> str:
    with contextlib.suppress(OSError):
        return STAMP.read_text("utf-8")
    return ""


def set_up(base: Python) -> None:
    """Make .venv or renew it; one that was left unfinished, was moved or cannot be renewed is made anew."""
    moved = stamp() != "" and stamp().partition("\n")[2] != str(ROOT)
    inside = None if moved or UNFINISHED.exists() else ask_python([program("python")])
    try:
        if inside is not None and inside.version in PYTHONS and fill(base, fresh=False):
            return
        if fill(base, fresh=True):
            return
        LOG.write_text("\n".join(said), "utf-8")
    except OSError as error:
        say("The folder .venv cannot be written ({}).".format(error.strerror))
        say("Start again as the owner of this checkout, with room on the disk.")
        sys.exit(1)
    say("The packages could not be installed. {}".format(reason("\n".join(said))))
    say("Check the network and start again; every word is in {}.".format(LOG.relative_to(ROOT)))
    sys.exit(1)


def fill(base: Python, fresh: bool) -> bool:
    """Put the locked packages and the program into .venv; whether that was done to its end."""
    python = program("python")
    if fresh:
        say("Making .venv with Python {}.{}".format(*base.version))
        shutil.rmtree(str(ENVIRONMENT), ignore_errors=True)
        ENVIRONMENT.mkdir(exist_ok=True)
    UNFINISHED.write_text("")
    if fresh and run([base.path, "-m", "venv", "--without-pip", str(ENVIRONMENT)]) != 0:
        return False
    say("Installing the packages of {}: some 400 MB, once".format(LOCK.name))
    if not (fill_with_uv(python) or fill_with_pip(python)):
        return False
    STAMP.write_text(fingerprint(), "utf-8")
    UNFINISHED.unlink()
    return True


def fill_with_uv(python: str) -> bool:
    uv = shutil.which("uv")
    if uv is None:
        return False
    locked = ["--require-hashes", "--no-build", "--compile-bytecode", str(LOCK)]
    sync = [uv, "pip", "sync", "--python", python, *locked]
    return run(sync) == 0 and run([uv, "pip", "install", "--python", python, *ITSELF]) == 0


def fill_with_pip(python: str) -> bool:
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    locked = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK)]
    return run([python, "-m", "ensurepip"]) == 0 and run(pip + locked) == 0 and run(pip + ITSELF) == 0
