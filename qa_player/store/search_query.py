"""What a person types, as the full-text index is asked: whatever is typed is words, never the index's own language."""

from __future__ import annotations

import re

from qa_player.errors import UsageError

_PIECE = re.compile(r'"([^"]*)"?|(\S+)')
MOST_WORDS = 50


def expression(text: str) -> str:
    """All words of ``text``; ``"in quotes"`` next to each other; ``*`` at the end of a word for its beginnings.

    Raises UsageError when there is no word in it.
    """
    asked = []
    for phrase, word in _PIECE.findall(text.replace("\x00", " "))[:MOST_WORDS]:
        begins = word.endswith("*")
        words = phrase or word.rstrip("*").replace('"', " ")
        if any(letter.isalnum() for letter in words):
            asked.append(f'"{words}"' + (" *" if begins else ""))
    if not asked:
        raise UsageError("There is no word to seek.", "Give a word of at least one letter or digit.")
    return " AND ".join(asked)
