"""Colours declared once: tokens for light and dark, and the palette and style sheet that are made from them."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from string import Template
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from qa_player.errors import StorageError
from qa_player.files import resource

if TYPE_CHECKING:
    # the first window is painted before the values' library is loaded
    from qa_player.model.annotation import Severity
    from qa_player.model.tag_set import TagColour
    from qa_player.model.transcript import Role

Scheme = Literal["system", "light", "dark"]

FAMILY = "Inter"
_FONT_FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf")
_KEEPER = "qa_player_theme"
_OKABE_ITO = {
    "blue": "#0072b2",
    "sky-blue": "#56b4e9",
    "bluish-green": "#009e73",
    "yellow": "#f0e442",
    "orange": "#e69f00",
    "vermillion": "#d55e00",
    "reddish-purple": "#cc79a7",
    "grey": "#8593a6",
}


@dataclass(frozen=True)
class Tokens:
    """Every colour on screen, as ``#rrggbb``. Names ending in ``_text`` are for letters: at least 4.5 : 1 on
    ``surface``, ``window`` and ``selected``; the plain ones beside them are for areas (Okabe–Ito).
    """

    name: Literal["light", "dark"]
    window: str
    """Behind panels."""
    surface: str
    """Panels, cards, lists."""
    field: str
    """Where one types, and what is under the pointer."""
    border: str
    border_strong: str
    """The edge of what can be pressed, under the pointer."""
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    """Letters on ``accent``."""
    selected: str
    """The selected or active row."""
    highlight: str
    """Behind found text; the letters on it are ``on_highlight``."""
    on_highlight: str
    agent: str
    agent_text: str
    user: str
    user_text: str
    system: str
    system_text: str
    tool: str
    tool_text: str
    third_party: str
    third_party_text: str
    unknown: str
    unknown_text: str
    good: str
    good_text: str
    minor: str
    major: str
    critical: str
    on_critical: str

    def role(self, role: Role) -> str:
        """The colour of what ``role`` says: sound and turn bars."""
        return str(getattr(self, role.value))

    def role_text(self, role: Role) -> str:
        """The colour of the name of ``role``."""
        return str(getattr(self, f"{role.value}_text"))

    def severity(self, severity: Severity | None) -> str:
        """The colour of a finding: bands, edges and words; without a severity it is only noted."""
        return self.good_text if severity is None else str(getattr(self, severity.value))

    def mark(self, shade: Severity | TagColour | None) -> str:
        """The colour of an area for an annotation: of its severity, or of its tag, the same in light and dark."""
        tag = None if shade is None else _OKABE_ITO.get(shade.value)
        return tag or str(getattr(self, "good_text" if shade is None else shade.value))


LIGHT = Tokens(
    name="light",
    window="#f6f7f9",
    surface="#ffffff",
    field="#f6f7f9",
    border="#e2e5ea",
    border_strong="#c3c9d2",
    text="#1b2430",
    muted="#5f6b7a",
    accent="#3355d8",
    accent_hover="#2747c2",
    on_accent="#ffffff",
    selected="#eef2ff",
    highlight="#ffe39a",
    on_highlight="#1b2430",
    agent="#0072b2",
    agent_text="#006aa6",
    user="#d55e00",
    user_text="#b04d00",
    system="#8a7f9e",
    system_text="#6a5f80",
    tool="#009e73",
    tool_text="#00795a",
    third_party="#cc79a7",
    third_party_text="#a1487a",
    unknown="#8593a6",
    unknown_text="#5f6b7a",
    good="#009e73",
    good_text="#00795a",
    minor="#8f5c10",
    major="#b04d00",
    critical="#c0392b",
    on_critical="#ffffff",
)

DARK = Tokens(
    name="dark",
    window="#14181f",
    surface="#1b212b",
    field="#14181f",
    border="#2c3542",
    border_strong="#465366",
    text="#e6eaf0",
    muted="#93a0b2",
    accent="#7c97ff",
    accent_hover="#95abff",
    on_accent="#14181f",
    selected="#26304a",
    highlight="#ffe39a",
    on_highlight="#1b2430",
    agent="#56b4e9",
    agent_text="#56b4e9",
    user="#e69f00",
    user_text="#e69f00",
    system="#a79bc0",
    system_text="#b4a9cb",
    tool="#35c997",
    tool_text="#35c997",
    third_party="#cc79a7",
    third_party_text="#dd93ba",
    unknown="#7f8da1",
    unknown_text="#93a0b2",
    good="#35c997",
    good_text="#35c997",
    minor="#e0b050",
    major="#ff9f5a",
    critical="#ff7b6b",
    on_critical="#14181f",
)


def apply(app: QApplication, scheme: Scheme) -> Tokens:
    """Dress ``app`` and keep it dressed: with ``system`` it follows the desktop when that changes.

    May be called again at any time; every widget gets a palette change. Returns the tokens now in force.
    """
    keeper = app.findChild(_Keeper, _KEEPER)
    if keeper is None:
        keeper = _Keeper(app)
    return keeper.set_scheme(scheme)


def tokens_for(palette: QPalette) -> Tokens:
    """The tokens behind a widget's palette: nobody needs to be told of a change but by Qt itself."""
    # style sheets put a widget's own background and letters into most roles, but never into this one
    return DARK if palette.color(QPalette.ColorRole.Light).lightness() < 128 else LIGHT


def figures(font: QFont) -> QFont:
    """``font`` with figures of one width, so that a running clock does not tremble."""
    tabular = QFont(font)
    tabular.setFeature(QFont.Tag("tnum"), 1)
    return tabular


def mix(over: str, under: str, share: float) -> QColor:
    """The opaque colour of ``over`` at ``share`` (0 to 1) on ``under``."""
    top, ground = QColor(over), QColor(under)
    return QColor.fromRgbF(
        top.redF() * share + ground.redF() * (1 - share),
        top.greenF() * share + ground.greenF() * (1 - share),
        top.blueF() * share + ground.blueF() * (1 - share),
    )


def palette_of(tokens: Tokens) -> QPalette:
    """What Fusion draws with where no rule of the style sheet says otherwise."""
    roles = QPalette.ColorRole
    chosen = {
        roles.Window: tokens.window,
        roles.WindowText: tokens.text,
        roles.Base: tokens.surface,
        roles.AlternateBase: tokens.field,
        roles.Text: tokens.text,
        roles.Button: tokens.surface,
        roles.ButtonText: tokens.text,
        roles.BrightText: tokens.on_accent,
        roles.ToolTipBase: tokens.text,
        roles.ToolTipText: tokens.surface,
        roles.PlaceholderText: tokens.muted,
        roles.Highlight: tokens.accent,
        roles.HighlightedText: tokens.on_accent,
        roles.Accent: tokens.accent,
        roles.Link: tokens.accent,
        roles.LinkVisited: tokens.accent,
        roles.Light: tokens.surface,
        roles.Midlight: tokens.field,
        roles.Mid: tokens.border,
        roles.Dark: tokens.border_strong,
        roles.Shadow: tokens.border_strong,
    }
    palette = QPalette()
    for role, colour in chosen.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, mix(tokens.muted, tokens.surface, 0.7))
    return palette


def style_sheet(tokens: Tokens) -> str:
    """The rules of resources/themes/app.qss with the names of tokens replaced by their colours."""
    names = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    rules = Template(resource("themes", "app.qss").read_text("utf-8"))
    return rules.substitute(names, icons=resource("themes", tokens.name).as_posix())


class _Keeper(QObject):
    """Lives as a child of the application: remembers the scheme that was asked for and follows the desktop."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName(_KEEPER)
        self._app = app
        self._scheme: Scheme = "system"
        self._dressed: Tokens | None = None
        self._desktop = app.styleHints().colorScheme()
        app.setStyle("Fusion")
        _use_own_font(app)
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def set_scheme(self, scheme: Scheme) -> Tokens:
        self._scheme = scheme
        return self._dress()

    def _follow(self, desktop: Qt.ColorScheme) -> None:
        self._desktop = desktop
        self._dress()

    def _dress(self) -> Tokens:
        dark = self._desktop == Qt.ColorScheme.Dark if self._scheme == "system" else self._scheme == "dark"
        tokens = DARK if dark else LIGHT
        if tokens is not self._dressed:
            self._dressed = tokens
            self._app.setPalette(palette_of(tokens))
            self._app.setStyleSheet(style_sheet(tokens))
        return tokens


def _use_own_font(app: QApplication) -> None:
    """Inter, shipped with the program; a program without it still runs on the system's font."""
    try:
        loaded = [QFontDatabase.addApplicationFont(str(resource("fonts", name))) for name in _FONT_FILES]
    except StorageError:
        loaded = []
    font = app.font()
    if loaded and min(loaded) >= 0:
        font.setFamily(FAMILY)
    font.setPointSizeF(13.0 if sys.platform == "darwin" else 9.75)
    app.setFont(font)
