"""Words from outside: shown as they are, with what cannot be seen made visible, and never as markup."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolTip

from qa_player.model.start import Request
from qa_player.ui.crash import report
from qa_player.ui.instance import read_request
from qa_player.ui.widgets.text import (
    Label,
    ValueLabel,
    caption,
    isolated,
    one_line,
    shown,
    tooltip,
    utf16_offset,
)


@pytest.mark.parametrize("text", ["<b>x</b>", "&lt;", "&amp;", "5 < 6", "[a](b)", "<img src=x>", "", "naïve 😀"])
def test_what_can_be_seen_stays(text: str) -> None:
    assert shown(text) == one_line(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x00b\x1b", "a␀b␛"),
        ("\u202etxt.exe\u202c", "⟨RLO⟩txt.exe⟨PDF⟩"),
        ("\u2066x\u2069\u200b\ufeff", "⟨LRI⟩x⟨PDI⟩⟨ZWSP⟩⟨BOM⟩"),
        ("a\ud800b", "a\ufffdb"),
        ("\x85\u2028\u2029", "\n\n\n"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\U000e0041", "⟨TAG 41⟩"),
    ],
)
def test_what_cannot_be_seen_becomes_a_mark(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_one_line_is_one_line() -> None:
    assert one_line("a\nb\tc\r\nd") == "a⏎b␉c⏎d"


def test_words_from_right_to_left_cannot_turn_ours_around() -> None:
    assert isolated("שלום") == "\u2068שלום\u2069"
    assert isolated("plain – text") == "plain – text"


def test_a_tool_tip_shows_markup_as_text(qapp: QApplication) -> None:
    words = tooltip("<b>&amp;</b>\nx")
    assert words == "<span>&lt;b&gt;&amp;amp;&lt;/b&gt;<br>x</span>"
    assert tooltip("") == ""
    QToolTip.hideText()


def test_an_ampersand_is_no_short_cut() -> None:
    assert caption("R&D") == "R&&D"


def test_letters_that_count_twice_are_counted_twice() -> None:
    assert utf16_offset("a😀b", 2) == 3
    assert utf16_offset("abc", 2) == 2


def test_labels_are_plain_and_long_words_do_not_push_the_window(qapp: QApplication) -> None:
    label = Label("<b>x</b>", wrap=True)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.text() == "<b>x</b>"
    long = Label("y" * 5_000)
    assert long.minimumSizeHint().width() < 100
    wrapped = Label("z" * 5_000, wrap=True)
    assert wrapped.minimumSizeHint().width() < 600


def test_a_value_label_keeps_its_name(qapp: QApplication) -> None:
    label = ValueLabel("Position")
    label.show_value("0:07.00 / 1:00.00", text="0:07")
    assert (label.accessibleName(), label.accessibleDescription()) == ("Position", "0:07.00 / 1:00.00")
    assert label.text() == "0:07"


def test_a_report_of_a_bug_holds_nothing_of_what_was_said() -> None:
    try:
        try:
            raise KeyError("patient name")
        except KeyError as inner:
            raise ValueError("what was said") from inner
    except ValueError as error:
        told = report(ExceptionGroup("secret", [error]))
    assert "ValueError" in told
    assert "KeyError" in told
    assert "test_text.py" in told
    for content in ("patient", "said", "secret"):
        assert content not in told.replace("nothing_of_what_was_said", "")


@pytest.mark.parametrize("line", [b"", b"null", b"[]", b"{}", b'{"connection": 1, "session_id": "x", "at_ms": null}'])
def test_what_is_no_request_opens_nothing(line: bytes) -> None:
    assert read_request(line) is None


def test_a_request_comes_over_whole() -> None:
    assert read_request(b'{"connection": "a", "session_id": "b", "at_ms": 7}') == Request("a", "b", 7)
    file = Request("", "", 7, "/calls/a.wav")
    assert read_request(json.dumps(asdict(file)).encode()) == file
    assert read_request(b'{"connection": "", "session_id": "", "at_ms": null, "path": 7}') is None
