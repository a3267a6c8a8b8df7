"""What an engine plays that is not a file: a recording that still comes in, read as it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from qa_player.media.engine.programme import Placed
from qa_player.media.engine.timeline import Sound


class Soundtrack(Protocol):
    """Sound in its order. ``seek`` and ``read`` belong to one thread; ``read`` is null at the end."""

    def seek(self, position_ms: float) -> None: ...
    def read(self) -> Sound | None: ...
    def close(self) -> None: ...


class Places(Protocol):
    """What lies where, as far as is known; ``length`` is null while unknown, and whether it is exact."""

    def placed(self) -> Sequence[Placed]: ...
    def length(self) -> tuple[float | None, bool]: ...


class Growing(Soundtrack, Places, Protocol):
    """Both in one: ``read`` waits for what has not come yet, and raises ReadCancelled when nobody wants it any more."""


MakeGrowing = Callable[[Callable[[], bool]], Growing]
"""Makes one; its reads end when the function it is handed says true."""
