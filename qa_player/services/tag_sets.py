"""Tag sets: the one that comes with the program, and those that a team adds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.canonical import digest
from qa_player.errors import ConflictError, FaultyFileError, NotFoundError
from qa_player.files import resource
from qa_player.model.tag_set import TagSet
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction

USUAL = "usual"
"""The set that is in force until a person chooses another."""


class TagSets:
    """Every set that can be in force here. Annotations hold their tag as text: no set changes any of them."""

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self._database = database
        self._trail = trail

    async def all(self) -> tuple[TagSet, ...]:
        """Every set: the usual one first, then by title."""
        from qa_player.store import tag_sets

        added = await self._database.read(tag_sets.everything)
        return (await asyncio.to_thread(_shipped), *sorted(added, key=lambda one: (one.title, one.set_id)))

    async def named(self, set_id: str) -> TagSet:
        """One set. Raises NotFoundError."""
        found = next((one for one in await self.all() if one.set_id == set_id), None)
        if found is None:
            raise NotFoundError("There is no tag set of that name.", "See `qa-player tags list`.")
        return found

    async def add(self, data: bytes) -> TagSet:
        """Take in a set from a file, in the place of one of its id that was added before.

        Raises FaultyFileError with all that is wrong with it, ConflictError for the id of the shipped set.
        """
        from qa_player.formats.tag_set_file import read_tag_set
        from qa_player.store import tag_sets

        added, lines = await asyncio.to_thread(read_tag_set, data)
        if added is None:
            more = f" There is more: {len(lines)} faults in all." if len(lines) > 1 else ""
            raise FaultyFileError(f"{lines[0]}{more}", "`qa-player tags check FILE` lists every fault.", lines)
        there = next((one for one in await self.all() if one.set_id == added.set_id), None)
        if there == added:
            return added
        if added.set_id == USUAL:
            raise ConflictError(f"The set {USUAL} comes with the program.", "Give yours a `set_id` of its own.")
        kept, action = added, "tag_set.added" if there is None else "tag_set.changed"

        def keep(transaction: Transaction) -> None:
            tag_sets.put(transaction, kept)
            detail: dict[str, JsonValue] = {"digest": digest(kept.model_dump(mode="json")), "tags": len(kept.tags)}
            self._trail.append(transaction, action, subject=kept.set_id, detail=detail)

        await self._database.write(keep)
        return added

    async def in_force(self, set_id: str) -> TagSet:
        """The set a person chose; the usual one where they chose none or theirs is not kept here."""
        known = {one.set_id: one for one in await self.all()}
        return known.get(set_id, known[USUAL])


def _shipped() -> TagSet:
    from qa_player.formats.tag_set_file import read_tag_set

    found, lines = read_tag_set(resource("tag_sets", f"{USUAL}.json").read_bytes())
    if found is None:
        raise ValueError(f"the shipped tag set is faulty: {lines[0]}")
    return found
