"""Tag sets that a team added, and whether an annotation is its author's alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Make the table and the column; what is there is for everybody."""
    op.create_table(
        "tag_sets",
        sa.Column("set_id", sa.Text, primary_key=True, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.add_column("annotations", sa.Column("private", _WHOLE, nullable=False, server_default="0"))
