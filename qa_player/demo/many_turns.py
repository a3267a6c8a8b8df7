"""A transcript of very many turns, the same each time it is made."""

from __future__ import annotations

from random import Random
from typing import Any

_OPENINGS = (
    "Right, so about the {thing}:",
    "I checked the {thing} again and",
    "For the {thing}, as far as I can see,",
    "Before we close the {thing},",
    "Coming back to the {thing},",
)
_MIDDLES = (
    "it was changed on the {number}th and has not moved since",
    "there are {number} entries and two of them look doubled",
    "the amount shown is {number} euros, which is not what we agreed",
    "someone noted reference {number} beside it",
    "the second line says {number}, the first says nothing",
)
_ENDINGS = (
    ", so could you read it back to me?",
    ". I will wait while you look.",
    ", and that is all I have on it.",
    "; please correct me if that is wrong.",
    ". Shall we go on?",
)
_THINGS = ("invoice", "delivery", "account", "meter reading", "contract", "refund", "router", "appointment", "address")


def many_turns(count: int, duration_ms: int, seed: int = 7) -> list[dict[str, Any]]:
    """``count`` turns of 3 to 60 words, spread evenly over ``duration_ms``, agent and caller in turn."""
    random = Random(seed)  # noqa: S311  # sample texts, no secret
    turns = []
    for index in range(count):
        sentences = [
            random.choice(parts).format(thing=random.choice(_THINGS), number=random.randint(2, 990))
            for _ in range(random.randint(1, 3))
            for parts in (_OPENINGS, _MIDDLES, _ENDINGS)
        ]
        turns.append(
            {
                "role": "assistant" if index % 2 == 0 else "user",
                "text": " ".join(sentences).replace(" ,", ",").replace(" .", ".").replace(" ;", ";"),
                "turn_index": index,
                "ts": round(index * duration_ms / count / 1_000, 3),
            }
        )
    return turns
