"""Fetching all parts of a recording to their ends, and writing them out: one to a file, several into a folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from qa_player.errors import MediaError, NoRecordingError, QaPlayerError, UsageError
from qa_player.files import place_to_write
from qa_player.model.recording import MediaFacts
from qa_player.services.open_part import OpenPart

Progress = Callable[[int, int | None], None]
"""Told the bytes that are here, and all there are, null while that is not known."""


def check_place(out: Path, parts: int) -> None:
    """Raise UsageError for a folder or no place where one file is to be written, a file where several are."""
    if parts == 1 and out.is_dir():
        raise UsageError("This recording is one file, and a folder was named.", "Name a file to write it into.")
    if parts > 1 and out.exists() and not out.is_dir():
        raise UsageError(
            f"This recording has {parts} parts, and a file was named.", "Name a folder to write them into."
        )
    if parts == 1 or not out.exists():
        place_to_write(out)


async def fetched_all(opened: Sequence[OpenPart], progress: Progress) -> list[MediaFacts]:
    """The facts of every part once all are verified; what one lacks is told when the others are here."""
    here = [one.cached for one in opened if one.cached is not None]

    def tell(_done: int, _total: int | None) -> None:
        sizes = [cached.size for cached in here]
        known = [size for size in sizes if size is not None]
        progress(sum(cached.held_bytes for cached in here), sum(known) if len(known) == len(sizes) else None)

    facts: list[MediaFacts] = []
    failed: list[tuple[int, QaPlayerError]] = []
    for number, one in enumerate(opened, start=1):
        try:
            if one.cached is None:
                raise one.error or NoRecordingError("This part was not recorded.", "Fetch the others by themselves.")
            record = await one.cached.fetch_all(tell)
            if record.facts is None:
                raise MediaError(
                    "The recording is not sound in a form that can be played.",
                    "Fetch it again; if that does not help, ask the provider for the file.",
                )
        except QaPlayerError as trouble:
            failed.append((number, trouble))
        else:
            facts.append(record.facts)
    if failed:
        number, error = failed[0]
        if len(opened) == 1:
            raise error
        raise type(error)(f"Part {number} of {len(opened)}: {error.message}", error.next_step) from error
    return facts


async def write_out(opened: Sequence[OpenPart], facts: Sequence[MediaFacts], out: Path) -> None:
    """One part to the file ``out``, several into the folder, named by their order and what they are."""
    if len(opened) > 1:
        await asyncio.to_thread(out.mkdir, mode=0o700, exist_ok=True)
    digits = len(str(len(opened)))
    for number, (one, fact) in enumerate(zip(opened, facts, strict=True), start=1):
        if one.cached is not None:
            path = out if len(opened) == 1 else out / f"part-{number:0{digits}}.{fact.container}"
            await one.cached.export_to(path)
