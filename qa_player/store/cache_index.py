"""The index of cached recordings: what the media cache knows of them, in the database."""

from __future__ import annotations

from sqlalchemy import Connection as Transaction
from sqlalchemy import Row, delete, insert, select

from qa_player.model.cache import CacheRecord
from qa_player.store.database import Database
from qa_player.store.payloads import from_json
from qa_player.store.tables import CACHE_RECORDS


def lengths_ms(db: Transaction, connection: str, session_id: str) -> dict[str, int]:
    """How long the parts of a session's recording are as their bytes say, by part id; only those fetched whole."""
    found = db.execute(
        select(CACHE_RECORDS.c.payload, CACHE_RECORDS.c.wrapped_key).where(
            CACHE_RECORDS.c.connection == connection, CACHE_RECORDS.c.session_id == session_id
        )
    )
    records = [_record(row) for row in found]
    return {record.part_id: record.facts.duration_ms for record in records if record.facts is not None}


class StoredCacheIndex:
    """Fits ``media.cache.CacheIndex``. Each call returns once its effect is committed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, cache_id: str) -> CacheRecord | None:
        """The record of one recording part, null when nothing is known of it."""
        return await self._database.read(lambda db: _load(db, cache_id))

    async def save(self, record: CacheRecord) -> None:
        """Keep ``record`` in place of the one with its id."""
        await self._database.write(lambda db: _save(db, record))

    async def delete(self, cache_id: str) -> None:
        """Forget one record; one that is not there is no error."""
        await self._database.write(lambda db: _delete(db, cache_id))

    async def all(self) -> tuple[CacheRecord, ...]:
        """Every record, by id."""
        return await self._database.read(_all)


def _load(db: Transaction, cache_id: str) -> CacheRecord | None:
    row = db.execute(
        select(CACHE_RECORDS.c.payload, CACHE_RECORDS.c.wrapped_key).where(CACHE_RECORDS.c.cache_id == cache_id)
    ).first()
    return None if row is None else _record(row)


def _save(db: Transaction, record: CacheRecord) -> None:
    _delete(db, record.cache_id)
    db.execute(
        insert(CACHE_RECORDS).values(
            cache_id=record.cache_id,
            connection=record.connection,
            session_id=record.session_id,
            # bytes have no spelling in JSON
            wrapped_key=record.wrapped_key,
            payload=record.model_copy(update={"wrapped_key": None}).model_dump_json(),
        )
    )


def _delete(db: Transaction, cache_id: str) -> None:
    db.execute(delete(CACHE_RECORDS).where(CACHE_RECORDS.c.cache_id == cache_id))


def _all(db: Transaction) -> tuple[CacheRecord, ...]:
    rows = db.execute(select(CACHE_RECORDS.c.payload, CACHE_RECORDS.c.wrapped_key).order_by(CACHE_RECORDS.c.cache_id))
    return tuple(_record(row) for row in rows)


def _record(row: Row[str, bytes | None]) -> CacheRecord:
    payload, wrapped_key = row
    return from_json(CacheRecord, payload).model_copy(update={"wrapped_key": wrapped_key})
