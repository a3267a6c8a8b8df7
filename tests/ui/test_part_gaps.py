"""Gaps and joins of a recording in several parts: where they are, and that they are seen there and nowhere else."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from qa_player.errors import GoneError
from qa_player.model.playback import PartPlace
from qa_player.ui.widgets.part_gaps import Gap, gaps_of
from qa_player.ui.widgets.seek_bar import SeekBar
from qa_player.ui.widgets.waveform import Waveform

GONE = GoneError("This part of the recording is gone for good.", "The other parts can still be heard.")


def test_gaps_joins_and_parts_that_are_gone() -> None:
    parts = (
        PartPlace("a", 0, 10_000),
        PartPlace("b", 10_000, 5_000),
        PartPlace("c", 20_000, 5_000, GONE),
        PartPlace("d", 25_000, None),
        PartPlace("e", None, None),
    )
    assert gaps_of(parts) == (
        Gap(10_000, 10_000, ""),
        Gap(15_000, 20_000, "Nothing was recorded"),
        Gap(20_000, 25_000, "Part 3 cannot be heard"),
        Gap(25_000, 25_000, ""),
    )
    assert gaps_of(parts[:1]) == gaps_of(()) == ()
    assert gaps_of((PartPlace("a", 0, 0, GONE), PartPlace("b", 0, 9_000))) == (Gap(0, 0, ""),)


def _columns_that_differ(one: QImage, other: QImage) -> list[int]:
    return [
        x for x in range(one.width()) if any(one.pixel(x, y) != other.pixel(x, y) for y in range(0, one.height(), 2))
    ]


@pytest.mark.parametrize("kind", [Waveform, SeekBar])
def test_a_gap_is_seen_where_it_is_and_nowhere_else(qapp: QApplication, kind: type[Waveform] | type[SeekBar]) -> None:
    picture = kind()
    picture.resize(800, 160)
    picture.set_duration(8_000)
    if isinstance(picture, Waveform):
        picture.set_view(0, 8_000)
    before = picture.grab().toImage()
    picture.set_gaps((Gap(2_000, 4_000, "Nothing was recorded"), Gap(6_000, 6_000, "")))
    changed = _columns_that_differ(before, picture.grab().toImage())
    assert [x for x in changed if x < 450] == list(range(changed[0], changed[0] + 201))
    assert changed[0] == pytest.approx(200, abs=1)
    assert [x for x in changed if x >= 450] == [pytest.approx(600, abs=1)]
    picture.set_gaps(())
    assert _columns_that_differ(before, picture.grab().toImage()) == []
    picture.deleteLater()
