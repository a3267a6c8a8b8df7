"""Who speaks when in a recording, as it was measured."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0010"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "speech", _text("connection", key=True), _text("session_id", key=True), _text("payload"), sqlite_strict=True
    )


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)
