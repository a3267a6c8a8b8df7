"""What happened beside the sound, each kind told once for as long as it lasts."""

from __future__ import annotations

from collections.abc import Iterator

from qa_player.model.live import Marker, MarkerKind

TOGETHER_MS = 2_000
"""The same thing again within this time is the same marker, counted."""
MOST = 5_000


class Markers:
    """In the order in which they were noted; iterate for those that still hold, by place."""

    def __init__(self) -> None:
        self._noted: list[Marker] = []
        self._latest: dict[tuple[MarkerKind, str, str], int] = {}
        self.left_out = 0

    def __iter__(self) -> Iterator[Marker]:
        return iter(sorted(self._noted, key=lambda one: -1 if one.start_ms is None else one.start_ms))

    def __len__(self) -> int:
        return len(self._noted)

    def add(self, kind: MarkerKind, text: str, *, track: str = "", at_ms: int, alone: bool = False) -> None:
        """Note a moment; ``alone`` keeps it apart from others like it."""
        key = (kind, text, track)
        at = self._latest.get(key)
        if at is not None and not alone:
            known = self._noted[at]
            last_ms = known.end_ms if known.end_ms is not None else known.start_ms or 0
            if 0 <= at_ms - last_ms <= TOGETHER_MS:
                self._noted[at] = known.model_copy(
                    update={"end_ms": at_ms if at_ms > (known.start_ms or 0) else None, "count": known.count + 1}
                )
                return
        self._note(key, Marker(kind=kind, text=text, track=track, start_ms=at_ms))

    def gap(self, text: str, *, track: str, start_ms: int, end_ms: int, count: int) -> None:
        """Note a stretch for which silence stands."""
        marker = Marker(
            kind=MarkerKind.GAP, text=text, track=track, start_ms=start_ms, end_ms=end_ms, count=max(count, 1)
        )
        self._note((MarkerKind.GAP, text, track), marker)

    def filled(self, track: str, start_ms: int, end_ms: int) -> None:
        """What was missing came late: its gap shrinks, falls in two, or is gone."""
        for at in range(len(self._noted) - 1, -1, -1):
            gap = self._noted[at]
            if gap.kind is not MarkerKind.GAP or gap.track != track or gap.start_ms is None or gap.end_ms is None:
                continue
            if gap.start_ms - 1 <= start_ms and end_ms <= gap.end_ms + 1:
                del self._noted[at]
                self._latest.clear()
                for begin, end in ((gap.start_ms, start_ms), (end_ms, gap.end_ms)):
                    if end - begin > 1:
                        told = {"start_ms": begin, "end_ms": end, "count": 1, "text": "frames did not come; silence"}
                        self._noted.append(gap.model_copy(update=told))
                break
        self.add(MarkerKind.LATE, "frames that came late and stand where they belong", track=track, at_ms=start_ms)

    def _note(self, key: tuple[MarkerKind, str, str], marker: Marker) -> None:
        if len(self._noted) >= MOST:
            self.left_out += 1
            return
        self._latest[key] = len(self._noted)
        self._noted.append(marker)
