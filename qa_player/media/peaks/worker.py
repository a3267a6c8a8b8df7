"""A process beside the window that draws one stretch of one recording: asked by a line, answers in bytes, and ends.

Its line on standard input holds that recording's key and no other; nothing of it stands in arguments or environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import sys
from typing import BinaryIO

ANSWER = struct.Struct("<HQII")
"""Channels, samples, bytes of pairs and of landmarks; int8 [pairs, channels, 2] and landmarks follow."""

_NICE = 10


def main(asked: BinaryIO, answer: BinaryIO) -> int:
    """Draw what the line in ``asked`` names; 1 when it cannot be drawn."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(_NICE)
    from qa_player.errors import QaPlayerError
    from qa_player.media.cache.sealed_file import SealedFile, SealedPlace
    from qa_player.media.decode.landmarks import Landmarks
    from qa_player.media.decode.stretch import stretch_runs
    from qa_player.media.peaks.pyramid import Pyramid

    place = SealedPlace.from_json(asked.readline())
    told = json.loads(asked.readline())
    landmarks = Landmarks()
    pyramid = Pyramid(told["sample_rate"], told["channels"], expected=told["expected"])
    try:
        with SealedFile(place) as file:
            for run in stretch_runs(file, told["start"], told["end"], landmarks=landmarks):
                pyramid.add(run)
    except QaPlayerError:
        return 1
    count, finest = pyramid.finest()
    noted = landmarks.to_bytes()
    pairs = finest.tobytes()
    answer.write(ANSWER.pack(told["channels"], count, len(pairs), len(noted)) + pairs + noted)
    answer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
