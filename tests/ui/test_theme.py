"""Colours that can be read, in both themes, and a program that follows the desktop."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import fields

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from qa_player.files import resource
from qa_player.model.annotation import Severity
from qa_player.model.transcript import Role
from qa_player.ui import theme
from qa_player.ui.theme import DARK, LIGHT, Tokens

BOTH = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """WCAG 2's relative luminance."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@BOTH
def test_letters_can_be_read_wherever_they_stand(tokens: Tokens) -> None:
    letters = {"text": tokens.text, "muted": tokens.muted, "accent": tokens.accent, "good": tokens.good_text}
    letters |= {role: tokens.role_text(role) for role in Role}
    letters |= {str(severity): tokens.severity(severity) for severity in (None, *Severity)}
    grounds = {"surface": tokens.surface, "window": tokens.window, "selected": tokens.selected, "field": tokens.field}
    weak = {
        (letter, ground): round(contrast(letters[letter], grounds[ground]), 2)
        for letter, ground in itertools.product(letters, grounds)
        if contrast(letters[letter], grounds[ground]) < 4.5
    }
    assert weak == {}
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5
    assert contrast(tokens.on_accent, tokens.accent_hover) >= 4.5
    assert contrast(tokens.on_critical, tokens.critical) >= 4.5
    assert contrast(tokens.on_highlight, tokens.highlight) >= 4.5


@BOTH
def test_what_is_drawn_can_be_seen(tokens: Tokens) -> None:
    drawn = [tokens.accent, tokens.good, *(tokens.role(role) for role in Role)]
    assert min(contrast(colour, tokens.surface) for colour in drawn) >= 3


@BOTH
def test_every_token_is_a_colour(tokens: Tokens) -> None:
    wrong = [field.name for field in fields(tokens) if not re.fullmatch("#[0-9a-f]{6}", getattr(tokens, field.name))]
    assert wrong == ["name"]


@BOTH
def test_the_style_sheet_names_only_tokens_and_files_that_exist(tokens: Tokens) -> None:
    rules = theme.style_sheet(tokens)
    assert "$" not in rules.split("*/", 1)[1]
    pictures = re.findall(r'url\("([^"]+)"\)', rules)
    assert pictures
    for picture in pictures:
        assert resource("themes", tokens.name, picture.rsplit("/", 1)[1]).as_posix() == picture


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Unknown)
    theme.apply(qapp, "light")


def test_the_two_schemes_dress_every_widget(app: QApplication, qtbot: QtBot) -> None:
    button, label = QPushButton("Export"), QLabel("Saved")
    button.setProperty("kind", "primary")
    for widget in (button, label):
        qtbot.addWidget(widget)
        widget.resize(120, 40)
        widget.show()
    for scheme, tokens in (("dark", DARK), ("light", LIGHT)):
        assert theme.apply(app, scheme) is tokens  # type: ignore[arg-type]
        assert theme.tokens_for(label.palette()) is tokens
        assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(tokens.text)
        assert button.grab().toImage().pixelColor(60, 6) == QColor(tokens.accent)


def test_system_follows_the_desktop_and_a_choice_does_not(app: QApplication) -> None:
    changed = app.styleHints().colorSchemeChanged
    theme.apply(app, "system")
    for scheme, tokens in ((Qt.ColorScheme.Dark, DARK), (Qt.ColorScheme.Light, LIGHT), (Qt.ColorScheme.Dark, DARK)):
        changed.emit(scheme)
        assert theme.tokens_for(app.palette()) is tokens
    theme.apply(app, "light")
    changed.emit(Qt.ColorScheme.Light)
    changed.emit(Qt.ColorScheme.Dark)
    assert theme.tokens_for(app.palette()) is LIGHT


def test_the_shipped_font_is_used(app: QApplication) -> None:
    theme.apply(app, "light")
    assert QFontInfo(app.font()).family() == "Inter"
    assert resource("fonts", "OFL.txt").read_text("utf-8").startswith("Copyright")


def test_figures_of_a_clock_have_one_width(app: QApplication, qtbot: QtBot) -> None:
    theme.apply(app, "light")
    label = QLabel()
    qtbot.addWidget(label)
    label.setFont(theme.figures(app.font()))
    widths = {label.fontMetrics().horizontalAdvance(figure * 4) for figure in "0123456789"}
    assert len(widths) == 1
