"""A process that ends at its first paint: what it had loaded by then, and what it had cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = """
import json, os, sys
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow

class Eye(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            os.write(1, json.dumps(sorted(sys.modules)).encode())
            os._exit(0)
        return False

app = QApplication(["qa-player"])
eye = Eye()
app.installEventFilter(eye)
"""
BARE = """
window = QMainWindow()
window.resize(1440, 900)
window.show()
app.exec()
"""
OURS = """
from qa_player.__main__ import main
sys.argv = ["qa-player", "--home", {home!r}]
main()
"""


@dataclass(frozen=True)
class FirstPaint:
    """``cpu_s`` is user and system time of the whole process, Python's own start included."""

    modules: frozenset[str]
    cpu_s: float


def first_paint(of: str) -> FirstPaint:
    """Run `BARE`, or `OURS` with its home filled in, to its first paint."""
    program = subprocess.Popen([sys.executable, "-c", _PROGRAM + of], stdout=subprocess.PIPE)
    assert program.stdout is not None
    with program.stdout as out:
        told = out.read()
    _, status, used = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    assert program.returncode == 0
    return FirstPaint(frozenset(json.loads(told)), used.ru_utime + used.ru_stime)


def ours(home: Path) -> str:
    """The program on ``home``."""
    return OURS.format(home=str(home))
