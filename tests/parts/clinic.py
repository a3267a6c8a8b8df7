"""Clinic visits of a test's own at the stand-in for Suki, and a desk that is connected to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from parts.desk import Desk
from qa_player.demo.server import DemoServer
from qa_player.demo.visits import Visit
from qa_player.model.secret import Secret

CLINIC = "clinic"


def visit(session_id: str, *media: Path, said: tuple[str, ...] = ("Hello.",), **told: Any) -> Visit:
    """A visit of an hour ago: each of ``said`` takes a second; ``told`` are fields of a sample visit's file."""
    fields: dict[str, Any] = {
        "session_id": session_id,
        "title": f"Visit of {session_id}",
        "turns": [
            {"text": text, "start_ms": at * 1_000, "end_ms": at * 1_000 + 800, "recording": 0}
            for at, text in enumerate(said)
        ],
        "length_ms": 1_600,
        "recordings": [
            {"media": str(path), "length_ms": 1_600, "wall_ms": place * 1_600} for place, path in enumerate(media)
        ],
        "recording": "ready" if media else "none",
    }
    return Visit(fields | told, datetime.now(UTC) - timedelta(hours=1))


async def connect(desk: Desk, server: DemoServer) -> None:
    """Add the connection ``clinic`` to a stand-in's Suki."""
    offered = next(one for one in server.connections if one.provider == "suki")
    await desk.connections.add(
        name=CLINIC,
        provider="suki",
        base_url=offered.base_url,
        options=dict(offered.options),
        key=Secret(offered.key),
    )
