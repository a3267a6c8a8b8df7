"""The trail handed on as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from parts.desk import Desk
from qa_player.errors import UsageError


async def test_a_trail_is_written_into_a_folder_that_exists_and_over_no_device(connected: Desk, tmp_path: Path) -> None:
    for place in (tmp_path / "none" / "trail.jsonl", tmp_path, Path("/dev/null")):
        with pytest.raises(UsageError):
            await connected.audit.export(place)
    assert await connected.events("trail.exported") == []
