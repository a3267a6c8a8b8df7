"""What weighs in a sentence: its numbers and doses, drugs, sides, and which of its words are denied."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from qa_player.services.verification.words import (
    BREAKS,
    DRUG_ENDINGS,
    DRUGS,
    NEGATORS,
    ONES,
    SAME,
    STOP,
    TENS,
    UNITS,
)

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+(?:[.,]\d+)*|[.!?;,]|%")
_SIDES = {"left": "left", "right": "right", "bilateral": "both", "both": "both"}
_NO_SIDE_BEFORE = frozenset(
    ["all", "that's", "you're", "is", "quite", "i", "have", "has", "had", "he", "she", "they", "was", "we", "about"]
)
_NO_SIDE_AFTER = frozenset(
    [
        "there",
        "here",
        "now",
        "away",
        "back",
        "after",
        "before",
        "then",
        "in",
        "at",
        ".",
        ",",
        "?",
        "!",
        "the",
        "my",
        "it",
    ]
)
_REACH = 7
"""How many words after it a negation denies."""


@dataclass(frozen=True)
class Marks:
    """``stems`` are the content words; ``denied`` those of them that are denied. ``doses`` are (number, unit)."""

    stems: frozenset[str]
    denied: frozenset[str]
    numbers: frozenset[str]
    doses: frozenset[tuple[str, str]]
    drugs: frozenset[str]
    sides: frozenset[str]
    is_question: bool
    answer: bool | None = field(default=None)
    """What it begins with: yes, no, or neither."""


@lru_cache(maxsize=20_000)
def marks_of(text: str) -> Marks:
    """Read ``text`` (the first 20,000 characters count)."""
    pieces = _joined([piece.lower().replace("’", "'") for piece in _TOKEN.findall(text[:20_000])])
    numbers, doses, rest = _numbers(pieces)
    stems: set[str] = set()
    denied: set[str] = set()
    affirmed: set[str] = set()
    reach = 0
    for at, piece in enumerate(rest):
        if piece in NEGATORS:
            reach = _REACH
            if piece not in ("stopped", "quit"):
                continue
        if piece in ".!?;" or piece in BREAKS:
            reach = 0
        if not piece[0].isalpha() or piece in STOP or (piece in _SIDES and _is_side(rest, at)):
            continue
        word = stem(piece)
        stems.add(word)
        (denied if reach > 0 else affirmed).add(word)
        reach -= 1
    return Marks(
        stems=frozenset(stems),
        denied=frozenset(denied - affirmed),
        numbers=frozenset(numbers),
        doses=frozenset(doses),
        drugs=frozenset(stem(piece) for piece in rest if is_drug(piece)),
        sides=frozenset(_SIDES[piece] for at, piece in enumerate(rest) if piece in _SIDES and _is_side(rest, at)),
        is_question=text.rstrip().endswith("?"),
        answer=_answer(rest),
    )


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its usual endings, brought to the one that either side uses.

    >>> stem("swelling"), stem("smoker"), stem("exercises"), stem("locked")
    ('swollen', 'smok', 'exercis', 'lock')
    """
    word = SAME.get(word, word)
    for ending, least in (("ing", 5), ("ness", 5), ("ed", 4), ("es", 4), ("ly", 4), ("s", 4)):
        if word.endswith(ending) and len(word) - len(ending) >= least - 1 and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if word.endswith("e") and len(word) > 4:
        word = word[:-1]
    same = SAME.get(word, word)
    return same[:-1] if same != word and same.endswith("e") and len(same) > 5 else same


def as_written(text: str, word: str) -> str:
    """The word of ``text`` that ``word`` is the stem of, else the stem itself.

    >>> as_written("She is an active smoker.", stem("smoker"))
    'smoker'
    """
    pieces = _joined([piece.lower().replace("’", "'") for piece in _TOKEN.findall(text[:20_000])])
    return next((piece for piece in pieces if piece[0].isalpha() and stem(piece) == word), word)


def is_drug(piece: str) -> bool:
    """Whether a word is a medicine, as far as its ending or a short list tells."""
    return piece in DRUGS or (len(piece) > 6 and piece.endswith(DRUG_ENDINGS))


def _joined(pieces: list[str]) -> list[str]:
    """``x ray`` and ``x-ray`` are one word."""
    joined: list[str] = []
    for piece in pieces:
        if piece == "ray" and joined and joined[-1] == "x":
            joined[-1] = "xray"
        elif piece == "x-ray":
            joined.append("xray")
        elif "-" in piece and all(part in ONES or part in TENS for part in piece.split("-")):
            joined += piece.split("-")
        else:
            joined.append(piece)
    return joined


def _numbers(pieces: list[str]) -> tuple[set[str], set[tuple[str, str]], list[str]]:
    """Numbers in digits, those with a unit after them, and the other pieces in their order."""
    numbers: set[str] = set()
    doses: set[tuple[str, str]] = set()
    rest: list[str] = []
    at = 0
    while at < len(pieces):
        value, length = _number_at(pieces, at)
        if not length:
            rest.append(pieces[at])
            at += 1
            continue
        at += length
        unit = UNITS.get(pieces[at]) if at < len(pieces) else None
        if pieces[at - 1] == "one" and length == 1 and unit is None:
            continue  # no one, one moment, touched one
        numbers.add(value)
        if unit is not None:
            doses.add((value, unit))
            at += 1
    return numbers, doses, rest


def _number_at(pieces: list[str], at: int) -> tuple[str, int]:
    """The number that begins at a piece, and how many pieces it takes; 0 for none."""
    if pieces[at][0].isdigit():
        digits = pieces[at].replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+", pieces[at]) else pieces[at]
        digits = digits.replace(",", ".")
        return (digits.rstrip("0").rstrip(".") if "." in digits else digits.lstrip("0") or "0"), 1
    total = current = length = 0
    for place in range(at, min(at + 8, len(pieces))):
        piece = pieces[place]
        if piece in TENS and current % 100 == 0:
            current += TENS[piece]
        elif piece in ONES and (current % 100 == 0 or (current % 10 == 0 and ONES[piece] < 10)):
            current += ONES[piece]
        elif piece == "hundred":
            current = max(current, 1) * 100
        elif piece == "thousand":
            total, current = (total + max(current, 1)) * 1_000, 0
        elif piece == "and" and length and pieces[place - 1] in ("hundred", "thousand"):
            continue
        else:
            break
        length = place - at + 1
    return (str(total + current), length) if length else ("", 0)


def _is_side(pieces: list[str], at: int) -> bool:
    before = pieces[at - 1] if at else ""
    after = pieces[at + 1] if at + 1 < len(pieces) else "."
    return before not in _NO_SIDE_BEFORE and (after not in _NO_SIDE_AFTER or before == "the")


def _answer(pieces: list[str]) -> bool | None:
    first = next((piece for piece in pieces if piece[0].isalpha()), "")
    if first in ("yes", "yeah", "yep", "right", "correct", "exactly", "sometimes"):
        return True
    return False if first in ("no", "nope", "never", "none", "not") else None
