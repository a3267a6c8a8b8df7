"""What Qt says goes into the log without its words: who spoke and where, and what a machine lacks is no warning."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLoggingCategory, qCritical, qInstallMessageHandler, qWarning

from parts.watch import UnexpectedLog
from qa_player.ui import crash


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Qt's messages go where the program sends them."""
    before = qInstallMessageHandler(crash._qt_said)
    with caplog.at_level(logging.INFO, logger="qa_player"):
        yield caplog
    qInstallMessageHandler(before)


def test_what_a_machine_lacks_is_no_warning(told: pytest.LogCaptureFixture) -> None:
    qWarning("PulseAudioService: pa_context_connect() failed")
    [record] = told.records
    assert (record.levelno, record.getMessage()) == (
        logging.INFO,
        "Qt: no sound server answers; a silent clock runs instead",
    )


def test_a_warning_names_its_speaker_and_quotes_nothing(told: pytest.LogCaptureFixture, watched: UnexpectedLog) -> None:
    with watched.expect("QPixmap::scaled"):
        qWarning("QPixmap::scaled: /home/anna/Jane Roe.png is a null pixmap")
    with watched.expect("no speaker named"):
        qCritical("Jane Roe was here")
    words = [record.getMessage() for record in told.records]
    assert [record.levelno for record in told.records] == [logging.WARNING, logging.ERROR]
    assert all("Jane" not in line and "anna" not in line for line in words)
    assert QLoggingCategory.defaultCategory().categoryName() in words[0]
