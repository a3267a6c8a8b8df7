"""A relay beside stand-in carriers; see ``parts.switchboard``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parts.desk import Desk
from parts.loop import Loop
from parts.switchboard import Switchboard, carriers


@pytest.fixture
def board(loop: Loop, desk: Desk) -> Iterator[Switchboard]:
    """The relay runs, both carriers are connected."""
    with carriers() as servers:
        board = Switchboard(desk, servers)
        loop.run(board.open())
        yield board
        loop.run(desk.live.stop_serving())
        board.close()
