"""Test processes that run side by side leave each other alone where one has to be alone."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from parts import quiet


def test_who_listens_is_alone_and_gets_in_however_busy_the_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", f"quiet-{threading.get_native_id()}")
    inside: set[int] = set()
    stop, busy = threading.Event(), threading.Event()

    def others() -> None:
        for number in count():
            with quiet.room_for(alone=False):
                inside.add(number)
                busy.set()
                inside.remove(number)
            if stop.is_set():
                return

    threads = [threading.Thread(target=others) for _ in range(2)]
    try:
        for thread in threads:
            thread.start()
        for _ in range(20):
            assert busy.wait(10)
            with quiet.room_for(alone=True):
                busy.clear()
                assert not inside
                assert not busy.wait(0.01), "somebody came in"
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        quiet.clear()


def test_one_process_by_itself_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_TESTRUNUID", raising=False)
    with quiet.room_for(alone=True), quiet.room_for(alone=True):
        pass
