"""Samples as they were drawn, and the queue of sessions to be reviewed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make both tables."""
    op.create_table("samples", _text("sample_id", key=True), _text("payload"), sqlite_strict=True)
    place = (_text("connection", key=True), _text("session_id", key=True))
    op.create_table("queue", *place, _text("payload"), sqlite_strict=True)


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)
