"""Sittings: which stretches of a recording were heard, each time a session was open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table and the way to a session's rows."""
    op.create_table(
        "sittings",
        sa.Column("sitting_id", sa.Text, primary_key=True),
        _text("connection"),
        _text("session_id"),
        _text("payload"),
        sqlite_strict=True,
    )
    op.create_index("sittings_by_session", "sittings", ["connection", "session_id"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
