"""Tag sets that a team added, the newest state of each."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select

from qa_player.model.tag_set import TagSet
from qa_player.store.payloads import from_json
from qa_player.store.review_tables import TAG_SETS


def put(db: Transaction, tag_set: TagSet) -> None:
    """Keep a set in the place of the one that had its id."""
    db.execute(delete(TAG_SETS).where(TAG_SETS.c.set_id == tag_set.set_id))
    db.execute(insert(TAG_SETS).values(set_id=tag_set.set_id, payload=tag_set.model_dump_json()))


def everything(db: Transaction) -> tuple[TagSet, ...]:
    """Every set that was added here, by id."""
    payloads = db.execute(select(TAG_SETS.c.payload).order_by(TAG_SETS.c.set_id)).scalars()
    return tuple(from_json(TagSet, payload) for payload in payloads)
