"""Notes as they were received, and what was judged of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make both tables."""
    place = ("connection", "session_id", "digest")
    op.create_table("notes", *map(_key, place), _text("received_at"), _text("payload"), sqlite_strict=True)
    op.create_table("note_verdicts", *map(_key, (*place, "subject")), _text("payload"), sqlite_strict=True)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
