"""What the words of a command line ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_player.errors import UsageError
from qa_player.model.start import Request, request_of


def test_nothing_a_session_and_a_link() -> None:
    assert request_of([]) is None
    assert request_of(["acme", "call/7"], 1.5) == Request("acme", "call/7", 1_500)
    assert request_of(["qa-player://acme/call%2F7?t=2"], 1.5) == Request("acme", "call/7", 1_500)


def test_a_file_is_named_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a call.wav").touch()
    monkeypatch.chdir(tmp_path)
    assert request_of(["a call.wav"], 3.0) == Request("", "", 3_000, str(tmp_path / "a call.wav"))
    assert request_of([str(tmp_path)]) == Request("", "", None, str(tmp_path))


@pytest.mark.parametrize("words", [["gone.wav"], ["a", "b", "c"], ["\0"], ["x" * 5_000], ["qa-player://acme"]])
def test_what_asks_for_nothing_that_can_be_opened(words: list[str]) -> None:
    with pytest.raises(UsageError):
        request_of(words)
