"""Which part of a recording is in view: pure arithmetic of scrolling, zooming and following."""

from __future__ import annotations

from qa_player.ui.widgets.time_ruler import TimeScale

NEAREST_MS_PER_PIXEL = 1.0
FIRST_MS_PER_PIXEL = 104.0
"""At first about 80 seconds lie in an ordinary window: turns can be told apart and their words found."""

_TURN_PAGE_AT = 0.97
_PAGE_LEAD = 0.1


class TimeView:
    """A window of ``width`` pixels over ``duration_ms``; never shows what lies before zero or after the end."""

    def __init__(self) -> None:
        self.duration_ms = 0
        self.width = 1
        self._origin = 0.0
        self._ms_per_pixel = FIRST_MS_PER_PIXEL

    @property
    def scale(self) -> TimeScale:
        """The view as a scale; a recording shorter than the window fills it."""
        return TimeScale(self._origin, min(max(self._ms_per_pixel, NEAREST_MS_PER_PIXEL), self._whole))

    @property
    def start_ms(self) -> int:
        """The first moment in view."""
        return round(self._origin)

    @property
    def end_ms(self) -> int:
        """The last moment in view."""
        return min(round(self._origin + self.scale.ms_per_pixel * self.width), self.duration_ms)

    @property
    def fitted(self) -> bool:
        """Whether everything is in view."""
        return self._ms_per_pixel >= self._whole

    def resize(self, *, duration_ms: int | None = None, width: int | None = None) -> None:
        """Another length or another window; the first moment in view stays where it can."""
        self.duration_ms = self.duration_ms if duration_ms is None else duration_ms
        self.width = self.width if width is None else max(width, 1)
        self._settle()

    def show(self, start_ms: float, end_ms: float) -> None:
        """Bring a stretch into view, from edge to edge."""
        self._ms_per_pixel = (end_ms - start_ms) / self.width
        self._origin = start_ms
        self._settle()

    def zoom(self, factor: float, *, around_x: float) -> None:
        """Nearer for factors above 1; the moment at pixel ``around_x`` stays there."""
        before = self.scale
        around = before.origin_ms + around_x * before.ms_per_pixel
        self._ms_per_pixel = before.ms_per_pixel / factor
        if self.fitted:
            self.fit()
        self._origin = around - around_x * self.scale.ms_per_pixel
        self._settle()

    def fit(self) -> None:
        """Everything at once, also when the window grows."""
        self._ms_per_pixel = float("inf")
        self._origin = 0.0

    def scroll(self, pixels: float) -> None:
        """Later for positive ``pixels``."""
        self._origin += pixels * self.scale.ms_per_pixel
        self._settle()

    def reveal(self, position_ms: float) -> bool:
        """Turn the page when ``position_ms`` is outside of the view or at its end; whether that was so."""
        x = self.scale.x(position_ms)
        if 0 <= x < self.width * _TURN_PAGE_AT or (x >= 0 and self.end_ms >= self.duration_ms):
            return False
        before = self._origin
        self._origin = position_ms - _PAGE_LEAD * self.width * self.scale.ms_per_pixel
        self._settle()
        return self._origin != before

    @property
    def _whole(self) -> float:
        return max(self.duration_ms, 1) / self.width

    def _settle(self) -> None:
        room = self.duration_ms - self.width * self.scale.ms_per_pixel
        self._origin = max(min(self._origin, room), 0.0)
