"""What somebody is writing and has not kept yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0011"


def upgrade() -> None:
    """Make the table."""
    place = ("login", "connection", "session_id")
    op.create_table(
        "unfinished",
        *(sa.Column(name, sa.Text, primary_key=True, nullable=False) for name in place),
        sa.Column("payload", sa.Text, nullable=False),
        sqlite_strict=True,
    )
