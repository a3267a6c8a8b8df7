"""What the rows of a transcript show: each text is made when it is first wanted, for most of thousands never are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from qa_player.model.transcript import FOLD_AT

FOLDED_LENGTH = 600
"""A longer turn than `FOLD_AT` shows so many characters until it is unfolded."""


class ShownTexts:
    """``make(row)`` gives the text of a row; the same one is given until it is forgotten."""

    def __init__(self, count: int, make: Callable[[int], str]) -> None:
        self._count, self._make = count, make
        self._made: dict[int, str] = {}

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, row: int) -> str:
        text = self._made.get(row)
        if text is None:
            if not 0 <= row < self._count:
                raise IndexError(row)
            text = self._made[row] = self._make(row)
        return text

    def __iter__(self) -> Iterator[str]:
        return (self[row] for row in range(self._count))

    def forget(self, row: int) -> None:
        """This one is another by now."""
        self._made.pop(row, None)

    def lengths(self, whole: list[int]) -> list[int]:
        """About how long each is in characters; ``whole`` are the lengths of what they are made of."""
        about = [FOLDED_LENGTH if length > FOLD_AT else length for length in whole]
        for row, text in self._made.items():
            about[row] = len(text)
        return about
