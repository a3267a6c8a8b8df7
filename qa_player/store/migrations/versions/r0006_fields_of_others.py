"""What another program's file says of an annotation and we have no field for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the column; what is there has none of it."""
    op.add_column("annotations", sa.Column("extra", sa.Text, nullable=False, server_default="{}"))
