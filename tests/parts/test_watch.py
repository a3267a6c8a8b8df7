"""The watch bites: each thing that no test may do unseen fails a test that does it, and only that one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

OFFENCES = {
    "logs": ("logging.getLogger('x').warning('careful')", "logged: WARNING x: careful"),
    "silences": (
        "logging.getLogger('y'); logging.config.dictConfig({'version': 1})",
        "switched off a logger: y",
    ),
    "leaves_thread": ("threading.Thread(target=time.sleep, args=[4], name='idler').start()", "left a thread: idler"),
    "reaches_out": (
        "try: socket.create_connection(('192.0.2.1', 80))\n    except OSError: pass",
        "reached for the network: 192.0.2.1",
    ),
    "resolves": (
        "try: socket.getaddrinfo('example.org', 80)\n    except OSError: pass",
        "reached for the network: example.org",
    ),
    "leaves_task": (
        "asyncio.get_running_loop().create_task(asyncio.sleep(9), name='sleeper')",
        "left running: sleeper",
    ),
    "leaves_window": ("global kept; kept = QWidget(); kept.setObjectName('stray')", "left a window: QWidget 'stray'"),
    "warns_from_qt": ("qWarning('beware')", "beware"),
    "warns": ("import warnings; warnings.warn('old', DeprecationWarning)", "DeprecationWarning: old"),
    "fails_in_slot": ("QTimer.singleShot(0, lambda: 1 / 0); await asyncio.sleep(0.05)", "ZeroDivisionError"),
}

PROGRAM = """
import asyncio, logging, logging.config, socket, threading, time
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QWidget
"""

INNOCENT = """
async def test_innocent(qapp, expect_log):
    with expect_log("^expected$"):
        logging.getLogger("x").error("expected")
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reader.read()
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
    widget = QWidget()
    widget.show()
    widget.close()
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("watched") / "test_offences.py"
    tests = [f"async def test_{name}(qapp):\n    {body}\n" for name, (body, _) in OFFENCES.items()]
    file.write_text("\n".join([PROGRAM, *tests, INNOCENT]))
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "conftest", "-rfEp", str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=False,
        cwd=file.parent,
    )
    return run.stdout + run.stderr


@pytest.mark.parametrize("name", OFFENCES)
def test_an_offence_fails_its_test(report: str, name: str) -> None:
    assert OFFENCES[name][1] in report
    assert re.search(rf"^(FAILED|ERROR) .*::test_{name}\b", report, re.MULTILINE)


def test_the_innocent_passes(report: str) -> None:
    assert re.search(r"^PASSED .*::test_innocent\b", report, re.MULTILINE)
    assert not re.search(r"^(FAILED|ERROR) .*::test_innocent\b", report, re.MULTILINE)
