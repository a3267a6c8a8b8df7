"""A place in a journal that goes on: what comes after it is read from the disk, or from what is not there yet.

Nothing is kept for whoever reads slowly: what they have not had stands in the journal.
"""

from __future__ import annotations

from qa_player.errors import IntegrityError
from qa_player.live.journal import Entry, Journal


class Cursor:
    """``place`` is how many entries were passed."""

    def __init__(self, journal: Journal, place: int) -> None:
        self.place = 0
        self._journal = journal
        self._skip = place
        self._record = self._at = 0

    def read(self, most_bytes: int) -> list[Entry]:
        """The entries that follow, up to so many bytes or a little more; none where there are no more yet. Blocks."""
        found: list[Entry] = []
        while most_bytes > 0:
            last = self._record >= self._journal.last
            entries = self._entries()[self._at :]
            passed = min(self._skip, len(entries))
            self._skip -= passed
            self._pass(passed)
            taken = 0
            for entry in entries[passed:]:
                if most_bytes <= 0:
                    break
                most_bytes -= len(entry.data)
                found.append(entry)
                taken += 1
            self._pass(taken)
            if passed + taken < len(entries) or last:
                break
            self._record, self._at = self._record + 1, 0
        return found

    def _entries(self) -> list[Entry]:
        try:
            return self._journal.record(self._record)
        except IntegrityError:
            # what is damaged is missing at the listener's, too, and the digest says so
            return []

    def _pass(self, count: int) -> None:
        self.place += count
        self._at += count
