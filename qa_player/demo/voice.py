"""Samples of a call as a carrier has them: the two sides of a sample conversation, and their bytes in each codec."""

from __future__ import annotations

import json
import wave
from functools import cache
from typing import TYPE_CHECKING

from qa_player.files import resource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 8_000
CALLER = "user"


@cache
def sides(name: str) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """What the caller says (inbound) and what he hears (outbound) in a shipped conversation, at 8 kHz."""
    import numpy as np

    told = json.loads(resource("demo", "sessions", f"{name}.json").read_text("utf-8"))
    with wave.open(str(resource("demo", "recordings", f"{name}.wav"))) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
    inbound, outbound = np.zeros_like(sound), np.zeros_like(sound)
    for turn in told["turns"]:
        stretch = slice(turn["start_ms"] * RATE // 1_000, turn["end_ms"] * RATE // 1_000)
        (inbound if turn["role"] == CALLER else outbound)[stretch] = sound[stretch]
    return inbound, outbound


def told(samples: NDArray[np.int16], content_type: str, *, big_endian: bool) -> bytes:
    """``samples`` as the bytes of a payload."""
    if "mulaw" in content_type:
        return mulaw(samples)
    return samples.astype(">i2" if big_endian else "<i2").tobytes()


def mulaw(samples: NDArray[np.int16]) -> bytes:
    """G.711 by its segments, as the standard's own text has it."""
    import numpy as np

    wide = samples.astype(np.int32)
    sign = np.where(wide < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(wide), 32_635) + 0x84
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    steps = ~(sign | (exponent << 4) | mantissa) & 0xFF
    return bytes(np.asarray(steps, np.uint8).tobytes())


def at_16k(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Twice the samples a second, by straight lines."""
    import numpy as np

    between = np.arange(2 * len(samples)) / 2
    return np.asarray(np.interp(between, np.arange(len(samples)), samples), np.int16)
