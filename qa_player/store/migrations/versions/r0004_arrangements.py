"""What a person said of how the parts of a recording belong together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "arrangements",
        sa.Column("connection", sa.Text, primary_key=True),
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("payload", sa.Text, nullable=False),
        sqlite_strict=True,
    )
