"""Recordings read alongside a list of calls: each page is asked for once, and no further back than the calls go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from qa_player.providers.reading import mapping
from qa_player.providers.telephony.account import Account, objects_of
from qa_player.providers.telephony.records import Recorded, by_call, read_recording

MOST_PAGES = 500
"""Of recordings while calls are listed: 50,000 of them; what lies behind is found when its call is opened."""

_CLOCKS_AGREE = timedelta(minutes=5)


class Alongside:
    """The recordings of one listing, as far back as they were read and not yet given to a call.

    That the vendor lists the newest first is seen, not promised: where the times do not fall, all is read.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._waiting: dict[str, list[Recorded]] = {}
        self._given: set[str] = set()
        self._oldest = datetime.max.replace(tzinfo=UTC)
        self._falling = True
        self._offset = 0
        self._pages = 0
        self.at_end = False
        self.unreadable = 0

    async def read_back_to(self, moment: datetime | None) -> None:
        """Read until every recording of a call that began at ``moment`` or later is here; null reads all."""
        while not self.at_end and not self.reaches(moment):
            await self.read_page()

    def reaches(self, moment: datetime | None) -> bool:
        """Whether what was read goes further back than ``moment``."""
        return moment is not None and self._falling and self._oldest < moment - _CLOCKS_AGREE

    async def read_page(self) -> None:
        """Read one page more."""
        size = self._account.dialect.most_per_page
        received = objects_of(await self._account.recordings_page({}, self._offset, size))
        read = [read_recording(mapping(item)) for item in received]
        recorded = [one for one in read if one is not None]
        self.unreadable += len(read) - len(recorded)
        for one in recorded:
            self._falling = self._falling and one.added_at is not None and one.added_at <= self._oldest
            self._oldest = one.added_at or self._oldest
        for call_id, found in by_call(recorded).items():
            if call_id not in self._given:
                self._waiting.setdefault(call_id, []).extend(found)
        self._account.remember(recorded)
        self._offset += len(received)
        self._pages += 1
        self.at_end = len(received) < size or self._pages >= MOST_PAGES

    def take(self, call_id: str) -> Sequence[Recorded]:
        """The recordings of a call, given once."""
        self._given.add(call_id)
        return self._waiting.pop(call_id, [])

    def take_rest(self) -> list[Sequence[Recorded]]:
        """The recordings of calls that no list of calls has named."""
        return [self.take(call_id) for call_id in list(self._waiting)]

    def take_unreadable(self) -> int:
        """How many items could not be understood since this was asked last."""
        unreadable, self.unreadable = self.unreadable, 0
        return unreadable
