"""What is written down of a bug: its kind and where in the code it happened, nothing of what was shown or said."""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_log = logging.getLogger("qa_player")
_LEVELS = {
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

_OF_THE_MACHINE = (
    ("PulseAudioService: pa_context_connect", "no sound server answers; a silent clock runs instead"),
    ("Couldn't load pipewire", "no PipeWire here"),
    ("Couldn't load va", "no video acceleration here"),
)
"""What Qt warns of that is no fault: a part this machine does not have, told on the screen where a person misses it."""

_SPEAKER = re.compile(r"(?:Q[A-Z]|[A-Z]\w+Service\b)\w*(?:::~?\w+)*(?=[:( ])")
"""The class or function of Qt's that most of its messages begin with; it quotes nothing of the person's."""


def report(error: BaseException) -> str:
    """Kind and places of ``error`` and of all that it contains or that caused it; no message, no values."""
    lines = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        lines.append(type(one).__qualname__)
        for frame in traceback.extract_tb(one.__traceback__):
            lines.append(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}")
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return "\n".join(lines)


def keep_log(file: Path) -> None:
    """Write the program's log to ``file``, for us alone, at most 2 × 1 MB."""
    root = logging.getLogger()
    if any(isinstance(handler, logging.handlers.RotatingFileHandler) for handler in root.handlers):
        return
    handle = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.close(handle)
    handler = logging.handlers.RotatingFileHandler(file, maxBytes=1_000_000, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def catch(told: Callable[[BaseException], object]) -> None:
    """From now on every error that nobody handled is written down and ``told``."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        write_down(error)
        told(error)

    sys.excepthook = hook
    qInstallMessageHandler(_qt_said)


def write_down(error: BaseException) -> None:
    """Put a report of ``error`` into the log."""
    _log.error("bug\n%s", report(error))


def _qt_said(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Qt's own words may quote paths and texts: only their category and place are kept, and which part of it spoke.

    Released builds of Qt name no file: then the speaker is all there is to find the cause by.
    """
    level = _LEVELS.get(kind)
    if level is None:
        return
    for beginning, meaning in _OF_THE_MACHINE:
        if message.startswith(beginning):
            _log.info("Qt: %s", meaning)
            return
    speaker = _SPEAKER.match(message)
    place = f"{Path(context.file).name}:{context.line}" if context.file else "no place named"
    _log.log(level, "Qt %s %s, %s", context.category, place, speaker.group() if speaker else "no speaker named")
